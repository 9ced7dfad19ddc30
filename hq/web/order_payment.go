package web

import (
	"context"
	"slices"
	"time"

	"comptant/hq/payments"
	"comptant/hq/ui"
)

func paymentTag(ctx context.Context, state payments.State) ui.Tag {
	tag := ui.Tag{Icon: ui.IconPending, Text: paymentWord(ctx, state)}
	switch state {
	case payments.Authorised:
		tag.Tone, tag.Icon = ui.ToneTint, ui.IconLock
	case payments.Captured:
		tag.Tone, tag.Icon = ui.ToneOK, ui.IconOK
	case payments.Declined:
		tag.Tone, tag.Icon = ui.ToneBad, ui.IconRefused
	case payments.Voided, payments.Refunded:
		tag.Icon = ui.IconUndo
	}
	return tag
}

func paymentWord(ctx context.Context, state payments.State) string {
	words := map[payments.State]string{
		payments.Created: ui.T(ctx, "payment.created"), payments.Authorised: ui.T(ctx, "payment.authorised"),
		payments.Declined: ui.T(ctx, "payment.refused"), payments.Captured: ui.T(ctx, "payment.captured"),
		payments.Voided: ui.T(ctx, "payment.gone"), payments.Refunded: ui.T(ctx, "payment.refunded"),
	}
	return words[state]
}

func paymentFacts(ctx context.Context, p payments.Payment) []fact {
	facts := []fact{{name: ui.T(ctx, "payment.sum"), value: ui.Money(ctx, p.Amount)}}
	add := func(name, value string) { facts = append(facts, fact{name: name, value: value}) }
	if p.Captured != 0 {
		add(ui.T(ctx, "payment.captured"), ui.Money(ctx, p.Captured))
	}
	if p.Refunded != 0 {
		add(ui.T(ctx, "payment.refunded"), ui.Money(ctx, p.Refunded))
	}
	if p.LastFour != "" {
		add(ui.T(ctx, "payment.card"), "•••• "+p.LastFour)
	}
	if p.Decline != "" {
		add(ui.T(ctx, "payment.why"), declineWords(ctx, p.Decline))
	}
	add(ui.T(ctx, "payment.gateway"), p.Gateway)
	if p.Reference != "" {
		add(ui.T(ctx, "payment.reference"), p.Reference)
	}
	return facts
}

// declineWords tell why a payment was refused, with the gateway's own code.
func declineWords(ctx context.Context, code string) string {
	key := payments.DeclineWords(code)
	return ui.T(ctx, key) + " (" + code + ")"
}

// callTable is what was asked of a gateway, the newest first.
func callTable(ctx context.Context, calls []payments.Call, zone *time.Location) ui.Table {
	t := ui.Table{Caption: ui.T(ctx, "payment.calls"), Columns: []ui.Column{
		{Label: ui.T(ctx, "journal.when")},
		{Label: ui.T(ctx, "payment.deed")},
		{Label: ui.T(ctx, "payment.sum"), Figure: true},
		{Label: ui.T(ctx, "payment.answer")},
		{Label: ui.T(ctx, "orders.took"), Figure: true},
	}}
	deeds := map[string]string{
		"authorise": ui.T(ctx, "payment.do_authorise"), "capture": ui.T(ctx, "payment.do_capture"), "void": ui.T(ctx, "payment.do_void"),
		"refund": ui.T(ctx, "payment.do_refund"), "find": ui.T(ctx, "payment.do_find"),
	}
	for _, c := range slices.Backward(calls) {
		answer := callAnswer{word: paymentWord(ctx, c.Answer), said: c.Response}
		took := ui.T(ctx, "payment.unheard")
		if c.Took != nil {
			took = tookWords(ctx, *c.Took)
		}
		if c.Error != "" {
			answer.word, answer.wrong = ui.T(ctx, "payment.no_answer"), c.Error
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: clockWords(ctx, c.At.In(zone))},
			{Text: deeds[c.Deed]},
			{Text: ui.Money(ctx, c.Amount)},
			{Part: callAnswered(answer)},
			{Text: took},
		}})
	}
	return t
}

// callAnswer is what a gateway said, or that it said nothing.
type callAnswer struct{ word, said, wrong string }

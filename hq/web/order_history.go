package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"comptant/hq/order"
	"comptant/hq/payments"
	"comptant/hq/ui"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// historyTable is what an order went through, the newest first.
func (world orderWorld) historyTable(ctx context.Context, zone *time.Location) ui.Table {
	t := ui.Table{Caption: ui.T(ctx, "orders.history"), Columns: []ui.Column{
		{Label: ui.T(ctx, "journal.when")},
		{Label: ui.T(ctx, "orders.state")},
		{Label: ui.T(ctx, "journal.what")},
		{Label: ui.T(ctx, "orders.took"), Figure: true},
		{Label: ui.T(ctx, "audit.who")},
	}}
	for _, h := range slices.Backward(world.history) {
		state, before := ui.Tag{Icon: historyIcon(h), Tone: historyTone(h), Text: orderWord(ctx, h.To)}, ""
		switch h.From {
		case "":
		case h.To:
			state.Text = ui.T(ctx, "orders.stays")
		default:
			before = ui.T(ctx, "orders.before", "State", orderWord(ctx, h.From))
		}
		who := world.people[h.By]
		switch {
		case h.By != uuid.Nil && who == "":
			who = dash
		case who == "" && world.byCustomer(h):
			who = nameOf(ctx, world.Order)
		case who == "":
			who = ui.T(ctx, "orders.headquarters")
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: clockWords(ctx, h.At.In(zone))},
			{Part: ui.Remark(state), Sub: before, Strong: true},
			{Part: historyWhat(world.what(ctx, h))},
			{Text: tookWords(ctx, h.Took)},
			{Text: who},
		}})
	}
	return t
}

// byCustomer tells whether it was the customer who took a step: placed the order, or called it off.
func (world orderWorld) byCustomer(h order.Transition) bool {
	switch h.To {
	case retail.OrderCreated:
		return h.From == ""
	case retail.OrderCompensating, retail.OrderCancelled:
		return world.Failure == order.CancelledByCustomer && h.From != retail.OrderCompensating
	}
	return false
}

// happened is what was done, what was asked of another and what that answered, and why it failed.
type happened struct{ deed, asked, answered, wrong string }

func (world orderWorld) what(ctx context.Context, h order.Transition) happened {
	var refused order.Refusal
	if h.Error != "" && json.Unmarshal(h.Response, &refused) == nil && refused.Key != "" {
		return happened{stepWord(ctx, h.Deed), world.said(ctx, h.Request), "", ui.Explain(ctx, &retail.Error{Code: retail.Failed, Key: refused.Key, Args: refused.Args})}
	}
	return happened{stepWord(ctx, h.Deed), world.said(ctx, h.Request), world.said(ctx, h.Response), h.Error}
}

// stepWord is what a step does: as the drawing of all states calls it, or of those that lead nowhere.
func stepWord(ctx context.Context, deed string) string {
	switch deed {
	case "capture":
		return ui.T(ctx, "orders.do_capture")
	case "give back":
		return ui.T(ctx, "orders.do_give_back")
	case "give up":
		return ui.T(ctx, "orders.do_give_up")
	case "refund":
		return ui.T(ctx, "orders.do_refund")
	case "repay":
		return ui.T(ctx, "orders.do_repay")
	case "settle":
		return ui.T(ctx, "orders.do_settle")
	case "tell":
		return ui.T(ctx, "orders.do_tell")
	}
	key := "machine.order.do." + deed
	return ui.T(ctx, key)
}

func historyIcon(h order.Transition) ui.Icon {
	switch {
	case h.Error != "":
		return ui.IconRetry
	case h.From == h.To:
		return ui.IconChevronRight
	case h.To == retail.OrderCancelled:
		return ui.IconCancel
	case beside(h.To):
		return ui.IconUndo
	}
	return ui.IconOK
}

func historyTone(h order.Transition) ui.Tone {
	switch {
	case h.Error != "":
		return ui.ToneWarn
	case h.From == h.To:
		return ui.ToneMuted
	case beside(h.To):
		return ui.ToneBad
	}
	return ui.ToneOK
}

// said writes the JSON of a request or an answer as people read it: ids by the names they have on this page.
func (world orderWorld) said(ctx context.Context, raw json.RawMessage) string {
	if raw == nil {
		return ""
	}
	var value any
	read := json.NewDecoder(bytes.NewReader(raw))
	read.UseNumber()
	if read.Decode(&value) != nil {
		return string(raw)
	}
	return world.text(ctx, "", value)
}

func (world orderWorld) text(ctx context.Context, name string, value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case map[string]any:
		var parts []string
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if text := world.text(ctx, key, v[key]); text != "" {
				parts = append(parts, saidWord(ctx, key)+" "+text)
			}
		}
		return strings.Join(parts, ", ")
	case []any:
		parts := make([]string, len(v))
		for i, item := range v {
			parts[i] = world.text(ctx, name, item)
		}
		return strings.Join(parts, "; ")
	case json.Number:
		whole, err := v.Int64()
		switch {
		case err == nil && name == "amount":
			return ui.PlainMoney(ctx, money.Amount(whole))
		case err == nil && name == "Quantity":
			return ui.Quantity(ctx, money.Quantity(whole))
		}
		return v.String()
	case string:
		if word := paymentWord(ctx, payments.State(v)); name == "state" && word != "" {
			return word
		}
		if name == "error" {
			return errorWords(ctx, v)
		}
		id, err := uuid.Parse(v)
		if err != nil {
			return v
		}
		if place, ok := world.places[id]; ok {
			return place
		}
		return world.name(ctx, id)
	}
	return fmt.Sprint(value)
}

// errorWords are those of an error for people, which was written down as "code: key"; any other is given as it is.
func errorWords(ctx context.Context, text string) string {
	_, key, _ := strings.Cut(text, ": ")
	if words := ui.T(ctx, key); words != key {
		return words
	}
	return text
}

// saidWord is what a value of a request or an answer is called; its own name where there is no word.
func saidWord(ctx context.Context, name string) string {
	words := map[string]string{
		"amount": ui.T(ctx, "payment.sum"), "state": ui.T(ctx, "tills.state"), "gateway": ui.T(ctx, "payment.gateway"),
		"last_four": ui.T(ctx, "payment.card"), "decline": ui.T(ctx, "payment.why"), "why": ui.T(ctx, "orders.why"),
		"tracking": ui.T(ctx, "orders.tracking"), "receipt": ui.T(ctx, "receipts.receipt"), "Product": ui.T(ctx, "stock.product"),
		"Quantity": ui.T(ctx, "figure.units"), "from": ui.T(ctx, "atlas.from"), "to": ui.T(ctx, "atlas.to"), "currency": ui.T(ctx, "orders.currency"),
		"how": ui.T(ctx, "orders.said_how"), "product": ui.T(ctx, "stock.product"), "error": ui.T(ctx, "orders.said_error"),
	}
	if word, ok := words[name]; ok {
		if ui.Lang(ctx) == "fr" {
			return word + "\u00a0:"
		}
		return word + ":"
	}
	return name
}

// askedTable is who was asked to prepare an order, the last first.
func (world orderWorld) askedTable(ctx context.Context, zone *time.Location) ui.Table {
	t := ui.Table{Caption: ui.T(ctx, "orders.asked"), Columns: []ui.Column{
		{Label: ui.T(ctx, "orders.where")},
		{Label: ui.T(ctx, "orders.asked_at")},
		{Label: ui.T(ctx, "payment.answer")},
		{Label: ui.T(ctx, "audit.who")},
	}}
	for _, f := range slices.Backward(world.asked) {
		answer, who := ui.Tag{Icon: ui.IconClock, Tone: ui.ToneMuted, Text: ui.T(ctx, "orders.no_answer")}, dash
		switch f.Answer {
		case "accept":
			answer = ui.Tag{Icon: ui.IconOK, Tone: ui.ToneOK, Text: ui.T(ctx, "orders.accepts")}
		case "short":
			answer = ui.Tag{Icon: ui.IconUndo, Tone: ui.ToneBad, Text: ui.T(ctx, "orders.lacks", "What", world.goods(ctx, f.Missing))}
		}
		if f.AnsweredBy != nil && world.people[*f.AnsweredBy] != "" {
			who = byWhom(ctx, f.AnsweredAt.In(zone), world.people[*f.AnsweredBy])
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: world.places.of(f.Location), Strong: true}, {Text: ui.DateTime(ctx, f.AskedAt.In(zone))}, {Part: ui.Remark(answer)}, {Text: who},
		}})
	}
	return t
}

// goods are quantities of products: "2 Sirop, 1 Savon".
func (world orderWorld) goods(ctx context.Context, lines []retail.StockLine) string {
	parts := make([]string, len(lines))
	for i, l := range lines {
		parts[i] = ui.Quantity(ctx, l.Quantity) + " " + world.name(ctx, l.Product)
	}
	return strings.Join(parts, ", ")
}

// tookWords is how long something took; a dash for no time at all.
func tookWords(ctx context.Context, took time.Duration) string {
	if took <= 0 {
		return dash
	}
	text := strconv.FormatFloat(took.Seconds(), 'f', 3, 64)
	if took >= 10*time.Second {
		text = strconv.FormatFloat(took.Seconds(), 'f', 0, 64)
	}
	if ui.Lang(ctx) == "fr" {
		text = strings.Replace(text, ".", ",", 1)
	}
	return text + "\u00a0s"
}

// clockWords is a moment to the second, with its day.
func clockWords(ctx context.Context, at time.Time) string {
	return ui.ShortDate(ctx, at) + " " + ui.Clock(at)
}

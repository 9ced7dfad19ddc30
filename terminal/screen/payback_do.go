package screen

import (
	"slices"

	"comptant/shared/retail"
	"comptant/terminal/till"
)

// give gives it back, with an approval where one is needed. A card is given its money only once nothing stands against it; what
// its terminal printed is typed as for a sale.
func (p *payback) give() {
	if len(p.worth.Lines) == 0 {
		return
	}
	a, reason := p.app, p.reason()
	card := slices.ContainsFunc(p.worth.Tenders, func(t retail.Tender) bool { return t.Kind == retail.TenderCard })
	var done till.Refunded
	var word till.Approval
	a.approved(reason, func(by till.Approval) (err error) {
		word = by
		if card {
			return p.what.may(p.pay(), reason, by)
		}
		done, err = p.what.commit(p.pay(), reason, by)
		return err
	}, func(err error) {
		switch {
		case err != nil:
			p.refused(err)
		case card:
			p.askCard(reason, word)
		default:
			a.refunded(done)
		}
	})
}

func (p *payback) refused(err error) {
	p.what.failed()
	p.said = p.app.words.Error(err)
	p.what.show()
	p.app.fail(p.pane.feedback, err)
}

// refunded says what to hand over, over the sale that can go on.
func (a *App) refunded(done till.Refunded) {
	w := a.words
	text := ""
	for _, t := range done.Refund.Tenders {
		if text != "" {
			text += " "
		}
		if t.Kind == retail.TenderCash {
			text += w.T("refund.hand_out", "Amount", w.money(t.Amount))
		} else {
			text += w.T("refund.to_card", "Tender", tenderName(w, t), "Amount", w.money(t.Amount))
		}
	}
	a.sell()
	a.ask(DialogSpec{
		Icon: IconOK, Colour: OK, Title: w.T("refund.done", "Code", done.Code), Text: text,
		Cancel: w.T("refund.next"), Done: func(bool) { a.stage.Close() },
	})
	var err error
	a.Background(func() { err = <-done.Printed }, func() {
		if err != nil {
			a.refreshTop() // where it is said that it is not printed
		}
	})
}

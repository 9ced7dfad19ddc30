package screen

import (
	"comptant/shared/retail"
	"comptant/terminal/till"
)

// voidable says whether the chosen receipt is the last sale of the shift, with nothing given back of it.
func (j *journalPage) voidable(r till.Receipt) bool {
	ok, err := j.app.Till.Voidable(j.app.ctx, r)
	if err != nil {
		j.app.Log.Error("may a sale be voided", "err", err)
	}
	return ok
}

// voidSale takes the last sale back.
func (j *journalPage) voidSale() {
	a, w, r := j.app, j.app.words, j.receipts[j.chosen]
	var done till.Voided
	a.deed(retail.DeedVoidSale, IconUndo, w.T("void.title"), w.T("void.text", "Amount", w.money(r.Sale.Total)), w.T("void.yes"),
		func(reason string, by till.Approval) (err error) {
			done, err = a.Till.VoidSale(a.ctx, r, reason, by)
			return err
		},
		func(err error) {
			if err != nil {
				a.fail(nil, err)
				return
			}
			j.find()
			said := a.words.T("void.done", "Code", done.Code)
			j.tell(said, OK, IconUndo)
			j.await(done.Printed, said, IconUndo)
		})
}

// reprintSlip prints the void of the chosen receipt again, marked as a duplicate.
func (j *journalPage) reprintSlip() {
	if len(j.receipts) == 0 {
		return
	}
	j.printing(j.app.Till.ReprintVoid(j.app.ctx, j.receipts[j.chosen]))
}

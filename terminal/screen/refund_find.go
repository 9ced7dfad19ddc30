package screen

import (
	"comptant/shared/retail"
)

// bringBack goes to the refund of a receipt that was scanned.
func (s *sell) bringBack(printed retail.Printed) {
	a, id := s.app, s.app.Till.Identity()
	if printed.Store != id.Store.Code || printed.Till != id.Number {
		s.refuse(a.words.T("refund.elsewhere", "Code", printed.Code()))
		return
	}
	of, err := a.Till.Refundable(a.ctx, printed.Epoch, printed.Number)
	if err != nil {
		s.failed(err)
		return
	}
	a.shell.Rail.At(PlaceJournal)
	a.open(newRefund(a, of))
}

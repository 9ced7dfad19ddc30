package screen

import (
	"comptant/shared/retail"
	"comptant/terminal/till"
)

// What of Sell may need an approval.

// openDrawer opens the drawer without a sale.
func (s *sell) openDrawer() {
	a, w := s.app, s.app.words
	a.deed(retail.DeedDrawer, IconCash, w.T("sell.drawer_title"), w.T("sell.drawer_text"), w.T("sell.drawer_yes"),
		func(reason string, by till.Approval) error { return a.Till.OpenDrawer(a.ctx, reason, by) },
		func(err error) {
			if err != nil {
				s.failed(err)
				return
			}
			s.say(func(row *FeedbackRow) { row.Say(IconCash, OK, a.words.T("sell.drawer_open"), "") })
		})
}

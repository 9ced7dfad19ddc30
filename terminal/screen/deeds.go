package screen

import (
	"comptant/shared/money"
	"comptant/shared/retail"
)

// deed says what needs an approval.
func (w *Words) deed(n retail.Need) string {
	switch n.Deed {
	case retail.DeedDrawer:
		return w.T("deed.drawer")
	case retail.DeedRefund:
		return w.T("deed.refund", "Amount", w.money(n.Amount))
	case retail.DeedUnheld:
		return w.T("deed.unheld")
	case retail.DeedNoReceipt:
		return w.T("deed.no_receipt", "Amount", w.money(n.Amount))
	case retail.DeedTender:
		return w.T("deed.tender", "Amount", w.money(n.Amount))
	case retail.DeedDiscount:
		return w.T("deed.discount", "Amount", w.money(n.Amount), "Of", w.money(n.Of))
	case retail.DeedPrice:
		return w.T("deed.price", "Price", w.money(n.Amount), "Was", w.money(n.Of))
	case retail.DeedAccuracy:
		return w.T("deed.accuracy")
	case retail.DeedCount:
		return w.T("deed.count")
	case retail.DeedTransfer:
		return w.T("deed.transfer")
	}
	return w.T("deed.void_sale", "Amount", w.money(n.Amount))
}

// reasons are what a person chooses from for a deed.
func (w *Words) reasons(d retail.Deed) []string {
	codes := retail.Reasons(d)
	names := make([]string, len(codes))
	for i, c := range codes {
		names[i] = w.reason(c)
	}
	return names
}

// reason is the wording of a code; one of a later version is shown as it is.
func (w *Words) reason(code string) string {
	switch code {
	case "change":
		return w.T("reason.change")
	case "check":
		return w.T("reason.check")
	case "mistake":
		return w.T("reason.mistake")
	case "defect":
		return w.T("reason.defect")
	case "returned":
		return w.T("reason.returned")
	case "damaged":
		return w.T("reason.damaged")
	case "loyal":
		return w.T("reason.loyal")
	case "staff":
		return w.T("reason.staff")
	case "goodwill":
		return w.T("reason.goodwill")
	case "label":
		return w.T("reason.label")
	case "match":
		return w.T("reason.match")
	case "agreed":
		return w.T("reason.agreed")
	case "accuracy":
		return w.T("reason.accuracy")
	case "refused":
		return w.T("reason.refused")
	case "asked":
		return w.T("reason.asked")
	case "balance":
		return w.T("reason.balance")
	case "unpaid":
		return w.T("reason.unpaid")
	}
	return code
}

// off is a discount in a few words: −10 %, or −1,50 $.
func (w *Words) off(d retail.Discount) string {
	if d.Rate > 0 {
		return "−" + d.Rate.Format(w.lang())
	}
	return "−" + w.money(max(d.Amount, money.Amount(0)))
}

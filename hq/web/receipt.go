package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/sales"
	"comptant/hq/ui"
	"comptant/shared/retail"
)

// receiptPage is one sale or refund down to its lines, and the entry of the journal it comes from.
type receiptPage struct {
	lines ui.Table
	facts []fact
	entry string // its address in the journal
}

type fact struct {
	name, value string
	href        string // what it is made of; optional
	sum         bool   // what the facts above it come to
}

func (s *site) receipt(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	key, err := receiptKey(r)
	if err != nil {
		return err
	}
	found, lines, err := sales.OneReceipt(ctx, s.DB, key)
	if err != nil {
		return err
	}
	world, err := s.receiptWorld(ctx, []sales.Receipt{found})
	if err != nil {
		return err
	}
	if ctx, err = s.paidIn(ctx, []retail.Location{world.stores[found.Store]}); err != nil {
		return err
	}
	ids := make([]uuid.UUID, len(lines))
	for i, l := range lines {
		ids[i] = l.Product
	}
	products, err := catalog.ByID(ctx, s.DB, ids)
	if err != nil {
		return err
	}
	t := ui.Table{Caption: ui.T(ctx, "receipts.lines"), Columns: []ui.Column{
		{Label: ui.T(ctx, "stock.product")},
		{Label: ui.T(ctx, "figure.units"), Figure: true},
		{Label: ui.T(ctx, "figure.discount"), Figure: true},
		{Label: ui.T(ctx, "figure.revenue"), Figure: true},
		{Label: ui.T(ctx, "figure.cost"), Figure: true},
	}}
	for _, l := range lines {
		product := ui.Cell{Text: l.Product.String()}
		if p, ok := products[l.Product]; ok {
			product = ui.Cell{Text: language(ctx, p.Name), Sub: p.SKU, Href: link(ctx, "/stock?"+query("product", p.ID.String()))}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			product, {Text: ui.Quantity(ctx, l.Quantity)}, amountCell(ctx, -l.Discount), {Text: ui.PlainMoney(ctx, l.Revenue), Strong: true}, {Text: ui.PlainMoney(ctx, l.Cost)},
		}})
	}
	t.Total = []ui.Cell{
		{Text: ui.T(ctx, "report.total")},
		{Text: ui.Quantity(ctx, found.Units)},
		amountCell(ctx, -found.Discount),
		{Text: ui.PlainMoney(ctx, found.Revenue)},
		{Text: ui.PlainMoney(ctx, found.Cost)},
	}
	p := receiptPage{lines: t}
	if found.Source == "" { // no journal has a sale of before
		p.entry = link(ctx, entryAddress(found.Till, found.Epoch, found.Seq))
	}
	add := func(name, value string) { p.facts = append(p.facts, fact{name: name, value: value}) }
	if found.Customer != nil {
		name, err := customerName(ctx, s.DB, *found.Customer)
		if err != nil {
			return err
		}
		add(ui.T(ctx, "receipts.customer"), name)
	}
	add(ui.T(ctx, "figure.revenue"), ui.Money(ctx, found.Revenue))
	if found.Charges != 0 {
		add(ui.T(ctx, "figure.charges"), ui.Money(ctx, found.Charges))
	}
	for _, tax := range found.Taxes {
		add(taxName(ctx, tax.Code)+" "+tax.Rate.Format(ui.Lang(ctx)), ui.Money(ctx, tax.Amount))
	}
	p.facts = append(p.facts, fact{name: ui.T(ctx, "report.total"), value: ui.Money(ctx, found.Total), sum: true})
	if found.Rounding != 0 {
		add(ui.T(ctx, "figure.rounding"), ui.Money(ctx, found.Rounding))
	}
	if found.Cash != 0 {
		add(ui.T(ctx, "figure.cash"), ui.Money(ctx, found.Cash))
	}
	if found.Card != 0 {
		add(ui.T(ctx, "figure.card"), ui.Money(ctx, found.Card))
	}
	if found.Online != 0 {
		add(ui.T(ctx, "figure.online"), ui.Money(ctx, found.Online))
	}
	title := ui.T(ctx, "receipts.sale")
	if found.Refund {
		title = ui.T(ctx, "receipts.refund")
	}
	if found.Void {
		title = ui.T(ctx, "kind.void")
	}
	return s.show(w, r, view{
		title: title + " " + world.code(found), subtitle: byWhom(ctx, world.at(found), world.people[found.User]),
		parent: "/receipts?" + period(sales.Period{From: key.BusinessDate, To: key.BusinessDate}, key.Store.String()),
	}, receiptContent(p))
}

// taxName is what a tax is called: Québec's have a French and an English name.
func taxName(ctx context.Context, code string) string {
	if ui.Lang(ctx) == "en" {
		switch code {
		case "TPS":
			return "GST"
		case "TVQ":
			return "QST"
		}
	}
	return code
}

func receiptKey(r *http.Request) (key sales.Key, err error) {
	unknown := func(err error) error { return &retail.Error{Code: retail.NotFound, Key: "receipt.unknown", Err: err} }
	if key.Store, err = idOf(r.PathValue("store")); err != nil {
		return key, err
	}
	if key.Till, err = idOf(r.PathValue("till")); err != nil {
		return key, err
	}
	if key.BusinessDate, err = retail.ParseDate(r.PathValue("date")); err != nil {
		return key, unknown(err)
	}
	parts := strings.Split(r.PathValue("entry"), "-")
	if len(parts) != 3 {
		return key, unknown(nil)
	}
	var numbers [3]uint64
	for i, text := range parts {
		if numbers[i], err = strconv.ParseUint(text, 10, 31); err != nil {
			return key, unknown(err)
		}
	}
	key.Epoch, key.Seq, key.Branch = numbers[0], numbers[1], int(numbers[2])
	return key, nil
}

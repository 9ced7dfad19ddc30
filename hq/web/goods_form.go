package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// goodsLimit is the largest body of a form with goods: a file of lines and what the form adds to it.
const goodsLimit = 1 << 20

// goodsForm is goods as a person types, scans or pastes them. It travels with the form, so that it works without JavaScript and nothing is
// kept of what was never sent; what is wrong is said beside it, and stays.
type goodsForm struct {
	id                        string
	action                    string
	warehouses                []ui.Option // to choose from, of a new purchase
	supplier, reference, note string
	supplierError             string
	lines                     []goodsFormLine
	codes, codesError         string // what was not understood stays in the field
	fresh                     bool   // a new purchase, and no delivery of one
	focus                     bool   // the codes are what is typed next
	added                     int
}

type goodsFormLine struct {
	product                  uuid.UUID
	name, sku                string
	left                     string // still expected, of a delivery
	quantity, cost           string
	quantityError, costError string
}

// newPurchase is the empty form.
func (s *site) newPurchase(w http.ResponseWriter, r *http.Request) error {
	f := &goodsForm{id: newID(), action: "/purchases", fresh: true, focus: r.FormValue("supplier") != "", supplier: r.FormValue("supplier")}
	return s.showGoodsForm(w, r, f)
}

func (s *site) showGoodsForm(w http.ResponseWriter, r *http.Request, f *goodsForm) error {
	ctx := r.Context()
	warehouses, err := stock.Warehouses(ctx, s.DB)
	if err != nil {
		return err
	}
	if len(warehouses) == 0 {
		return &retail.Error{Code: retail.NotFound, Key: "purchase.no_warehouse"}
	}
	f.warehouses = storeOptions(warehouses, r.FormValue("warehouse"))
	return s.show(w, r, view{title: ui.T(ctx, "purchase.new"), parent: "/purchases"}, newPurchaseContent(*f))
}

// receivingForm proposes what is still expected of a purchase; with count, nothing, for who counts by scanning.
func (s *site) receivingForm(r *http.Request, p stock.Purchase) (*goodsForm, error) {
	if p.ClosedAt != nil {
		return nil, nil
	}
	ctx := r.Context()
	world, err := s.purchaseWorld(ctx, p)
	if err != nil {
		return nil, err
	}
	f := &goodsForm{id: newID(), action: purchaseAddress(p) + "/receive", focus: r.FormValue("count") != ""}
	for _, l := range byName(ctx, world, p.Lines, func(l stock.PurchaseLine) uuid.UUID { return l.Product }) {
		if l.Left() == 0 {
			continue
		}
		line := goodsFormLine{product: l.Product, left: ui.Quantity(ctx, l.Left()), quantity: ui.Quantity(ctx, l.Left()), cost: ui.PlainMoney(ctx, l.UnitCost)}
		if r.FormValue("count") != "" {
			line.quantity = ""
		}
		f.lines = append(f.lines, line)
	}
	f.name(ctx, world.products)
	return f, nil
}

// name writes the products' names beside them.
func (f *goodsForm) name(ctx context.Context, products map[uuid.UUID]catalog.Product) {
	for i := range f.lines {
		p := products[f.lines[i].product]
		f.lines[i].name, f.lines[i].sku = language(ctx, p.Name), p.SKU
	}
}

// readGoodsForm reads what was sent. Codes, typed or in a file, become lines; what is no product stays in the field and is named.
func (s *site) readGoodsForm(r *http.Request) (*goodsForm, error) {
	ctx := r.Context()
	f := &goodsForm{
		id: r.PostFormValue("id"), supplier: r.PostFormValue("supplier"), reference: r.PostFormValue("reference"), note: r.PostFormValue("note"), focus: true,
	}
	for _, text := range r.PostForm["line"] {
		product, err := idOf(text)
		if err != nil {
			return nil, err
		}
		if len(f.lines) > stock.MaxPurchaseLines {
			return nil, &retail.Error{Code: retail.Invalid, Key: "purchase.long", Args: map[string]any{"Most": stock.MaxPurchaseLines}}
		}
		f.lines = append(f.lines, goodsFormLine{
			product: product, left: r.PostFormValue("left-" + text), quantity: r.PostFormValue(quantityName + text), cost: r.PostFormValue("cost-" + text),
		})
	}
	codes := r.PostFormValue("codes")
	file, _, err := r.FormFile("file")
	switch {
	case err == nil:
		defer file.Close()
		text, err := io.ReadAll(io.LimitReader(file, goodsLimit))
		if err != nil {
			return nil, err
		}
		codes += "\n" + strings.TrimPrefix(string(text), "\ufeff")
	case !errors.Is(err, http.ErrMissingFile) && !errors.Is(err, http.ErrNotMultipart):
		return nil, &retail.Error{Code: retail.Invalid, Key: "import.too_large", Err: err}
	}
	if err := s.addCodes(ctx, f, codes); err != nil {
		return nil, err
	}
	ids := make([]uuid.UUID, len(f.lines))
	for i, l := range f.lines {
		ids[i] = l.product
	}
	products, err := catalog.ByID(ctx, s.DB, ids)
	if err != nil {
		return nil, err
	}
	f.name(ctx, products)
	return f, nil
}

// addCodes adds each line of a text to the goods: a product that is there already grows.
func (s *site) addCodes(ctx context.Context, f *goodsForm, text string) error {
	var unknown []string
	for i, c := range readCodes(text) {
		if len(f.lines) >= stock.MaxPurchaseLines {
			unknown, f.codesError = append(unknown, c.line), ui.T(ctx, "purchase.long", "Most", stock.MaxPurchaseLines)
			continue
		}
		product, err := catalog.ByCode(ctx, s.DB, c.code)
		var known *retail.Error
		switch {
		case errors.As(err, &known) && i == 0 && c.heading:
			continue
		case errors.As(err, &known):
			unknown, f.codesError = append(unknown, c.line), ui.T(ctx, "purchase.codes_unknown")
			continue
		case err != nil:
			return err
		}
		quantity, wrong := money.ParseQuantity(c.quantity)
		if wrong != nil || product.MadeHere {
			unknown, f.codesError = append(unknown, c.line), ui.T(ctx, "purchase.codes_wrong")
			continue
		}
		f.add(ctx, product, quantity, c.cost)
		f.added++
	}
	f.codes = strings.Join(unknown, "\n")
	return nil
}

func (f *goodsForm) add(ctx context.Context, p catalog.Product, quantity money.Quantity, cost string) {
	for i := range f.lines {
		l := &f.lines[i]
		if l.product != p.ID {
			continue
		}
		had, err := money.ParseQuantity(l.quantity)
		if err == nil {
			quantity += had
		}
		l.quantity = ui.Quantity(ctx, quantity)
		if cost != "" {
			l.cost = cost
		}
		return
	}
	if cost == "" && p.Cost > 0 {
		cost = ui.PlainMoney(ctx, p.Cost)
	}
	f.lines = append(f.lines, goodsFormLine{product: p.ID, quantity: ui.Quantity(ctx, quantity), cost: cost})
}

// goods are the lines as they are understood; what is wrong is written beside the fields. An empty quantity is none of the product.
func (f *goodsForm) goods(ctx context.Context) (lines []stock.GoodsLine, ok bool) {
	ok = f.codes == ""
	for i := range f.lines {
		l := &f.lines[i]
		if strings.TrimSpace(l.quantity) == "" {
			continue
		}
		q, err := money.ParseQuantity(l.quantity)
		if err != nil || q < 0 {
			l.quantityError, ok = ui.T(ctx, "restock.quantity", "Value", l.quantity), false
		}
		cost, err := money.Parse(l.cost)
		if err != nil || cost < 0 {
			l.costError, ok = ui.T(ctx, "purchase.cost_wrong"), false
		}
		if q > 0 {
			lines = append(lines, stock.GoodsLine{Product: l.product, Quantity: q, UnitCost: cost})
		}
	}
	return lines, ok
}

// makePurchase answers the form of a new purchase: it adds what was scanned, writes down what is expected, or receives it at once.
func (s *site) makePurchase(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := s.readGoodsForm(r)
	if err != nil {
		return err
	}
	f.fresh, f.action = true, "/purchases"
	do := r.PostFormValue("do")
	lines, ok := f.goods(ctx)
	if do == "add" {
		return s.showGoodsForm(w, r, f)
	}
	if strings.TrimSpace(f.supplier) == "" {
		f.supplierError, ok = ui.T(ctx, "purchase.supplier_missing"), false
	}
	if len(lines) == 0 && ok {
		f.codesError, ok = ui.T(ctx, "purchase.empty"), false
	}
	if !ok {
		return s.showGoodsForm(w, r, f)
	}
	location, err := idOf(r.PostFormValue("warehouse"))
	if err != nil {
		return err
	}
	id, err := idOf(f.id)
	if err != nil {
		return err
	}
	ordered := map[uuid.UUID]money.Quantity{}
	for _, l := range lines {
		ordered[l.Product] = l.Quantity
	}
	var made stock.Purchase
	err = s.change(r, func(tx *db.Tx) (c users.Change, err error) {
		made, err = stock.Expect(ctx, tx, stock.NewPurchase{
			Location: location, ID: id, By: personOf(ctx).ID, At: s.Now(), Supplier: f.supplier, Reference: f.reference, Lines: lines,
		})
		kind, what := users.DidExpectGoods, "ordered"
		if err == nil && do == "receive" {
			kind, what = users.DidReceiveGoods, "received"
			// The delivery has the id of the form too, so that a form that is sent twice receives once.
			_, err = stock.Receive(ctx, tx, stock.Received{Location: location, Purchase: id, ID: id, By: personOf(ctx).ID, At: s.Now(), Lines: lines, Note: f.note})
		}
		return users.Change{
			Kind: kind, Subject: id.String(), Title: made.Code,
			After: map[string]any{"supplier": made.Supplier, "reference": made.Reference, what: ordered},
		}, err
	})
	var known *retail.Error
	if errors.As(err, &known) && known.Code == retail.Invalid {
		f.codesError = ui.Explain(ctx, known)
		return s.showGoodsForm(w, r, f)
	}
	if err != nil {
		return err
	}
	done := ui.T(ctx, "purchase.expected_done", "Code", made.Code)
	if do == "receive" {
		done = ui.T(ctx, "purchase.received_done", "Code", made.Code)
	}
	flash(w, r, ui.ToneOK, done)
	http.Redirect(w, r, purchaseAddress(made), http.StatusSeeOther)
	return nil
}

// receiveGoods answers the form of a purchase: it adds what was scanned, or receives.
func (s *site) receiveGoods(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := s.purchaseOf(r)
	if err != nil {
		return err
	}
	f, err := s.readGoodsForm(r)
	if err != nil {
		return err
	}
	f.action = purchaseAddress(p) + "/receive"
	lines, ok := f.goods(ctx)
	if r.PostFormValue("do") == "add" {
		return s.showPurchase(w, r, p, f)
	}
	if len(lines) == 0 && ok {
		f.codesError, ok = ui.T(ctx, "purchase.empty"), false
	}
	if !ok {
		return s.showPurchase(w, r, p, f)
	}
	id, err := idOf(f.id)
	if err != nil {
		return err
	}
	received := map[uuid.UUID]money.Quantity{}
	for _, l := range lines {
		received[l.Product] = l.Quantity
	}
	var d stock.Delivery
	err = s.change(r, func(tx *db.Tx) (c users.Change, err error) {
		d, err = stock.Receive(ctx, tx, stock.Received{
			Location: p.Location, Purchase: p.ID, ID: id, By: personOf(ctx).ID, At: s.Now(), Lines: lines, Note: f.note,
		})
		return users.Change{
			Kind: users.DidReceiveGoods, Subject: p.ID.String(), Title: strings.TrimSpace(p.Code + " " + d.Code), After: map[string]any{"received": received},
		}, err
	})
	if err != nil {
		return err
	}
	flash(w, r, ui.ToneOK, ui.T(ctx, "purchase.received_done", "Code", d.Code))
	http.Redirect(w, r, purchaseAddress(p), http.StatusSeeOther)
	return nil
}

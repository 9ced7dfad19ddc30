package importer

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/sales"
	"comptant/hq/stock"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
)

const (
	// maxReceipt is how long another system's receipt number may be.
	maxReceipt = 40
	// maxLines is how many products a receipt may have.
	maxLines = 10_000
	// maxPrice is the most a unit can cost, in tenths of a cent: ten million dollars.
	maxPrice = 10_000_000_000
	// recorded is how many receipts are written at a time.
	recorded = 2000
)

// saleRow is one product of one receipt of another system.
type saleRow struct {
	line                             int
	receipt, store, product, cashier string
	day                              day
	clock                            time.Duration // since midnight
	quantity                         money.Quantity
	// mils is the price of a unit in tenths of a cent, amount what the row comes to; priced and summed say whether the file has them.
	mils           int64
	amount         money.Amount
	priced, summed bool
	cash           bool
}

func (p *parser) sale(r row) (err error) {
	v := saleRow{line: r.line}
	if v.receipt, err = r.text(colReceipt, maxReceipt, true); err != nil {
		return err
	}
	if v.store, err = r.text(colStore, maxName, false); err != nil {
		return err
	}
	if v.product, err = r.text(colSKU, maxSKU, true); err != nil {
		return err
	}
	if v.day, v.clock, err = r.moment(); err != nil {
		return err
	}
	if v.quantity, err = r.quantity(colQuantity); err != nil {
		return err
	}
	if s, _ := r.get(colPrice); s != "" {
		if v.mils, err = mils(s); err != nil {
			return fmt.Errorf("%s: %w", colPrice, err)
		}
		v.priced = true
	}
	if s, _ := r.get(colAmount); s != "" {
		if v.amount, err = money.Parse(s); err != nil {
			return fmt.Errorf("%s: %w", colAmount, err)
		}
		v.summed = true
	}
	if s, _ := r.get(colTender); s != "" {
		known := false
		if v.cash, known = tenders[fold(s)]; !known {
			return fmt.Errorf("tender: %q is neither cash nor card", s)
		}
	}
	if v.cashier, err = r.text(colCashier, maxName, false); err != nil {
		return err
	}
	v.store, v.product, v.cashier = p.same(v.store), p.same(v.product), p.same(v.cashier)
	p.days.note(v.day)
	p.file.sales = append(p.file.sales, v)
	return nil
}

var tenders = map[string]bool{
	"cash": true, "comptant": true, "especes": true, "argent": true,
	"card": false, "carte": false, "credit": false, "debit": false, "interac": false,
}

// quantity is a field that must be there, and mean something.
func (r row) quantity(c column) (money.Quantity, error) {
	s, _ := r.get(c)
	if s == "" {
		return 0, fmt.Errorf("no %s", c)
	}
	q, err := money.ParseQuantity(s)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", c, err)
	}
	if q > maxOnHand || q < -maxOnHand {
		return 0, fmt.Errorf("%s: %q cannot be right", c, s)
	}
	return q, nil
}

// mils reads the price of a unit, which other systems have with three decimals too: 0.125 is 125.
func mils(s string) (int64, error) {
	a, err := money.Parse(s)
	v := int64(a) * 10
	if errors.Is(err, money.ErrDecimals) {
		var thousandths money.Quantity
		thousandths, err = money.ParseQuantity(strings.Trim(s, "$€ \u00a0\u202f"))
		v = int64(thousandths)
	}
	if err == nil && (v > maxPrice || v < -maxPrice) {
		err = fmt.Errorf("%q cannot be right", s)
	}
	return v, err
}

// revenue is what a row comes to: what it says, else its price times its quantity, to the nearest cent and half away from zero, else
// the catalogue's price.
func (r saleRow) revenue(catalogue money.Amount) money.Amount {
	switch {
	case r.summed:
		return r.amount
	case !r.priced:
		return catalogue.Mul(r.quantity)
	}
	whole := new(big.Int).Mul(big.NewInt(r.mils), big.NewInt(int64(r.quantity)))
	half := big.NewInt(5000) // mils of thousandths: a cent is 10,000
	if whole.Sign() < 0 {
		half.Neg(half)
	}
	return money.Amount(whole.Quo(whole.Add(whole, half), big.NewInt(10_000)).Int64())
}

// pastReceipt is a receipt as it will be recorded; said tells whether the file knows what it came to.
type pastReceipt struct {
	sales.Document
	line int
	said bool
}

func (f *File) compareSales(ctx context.Context, tx *db.Tx, plan *Plan) error {
	receipts, err := f.receipts(ctx, tx, plan)
	if err != nil || len(receipts) == 0 {
		return err
	}
	period := sales.Period{From: receipts[0].BusinessDate, To: receipts[0].BusinessDate}
	for _, r := range receipts {
		period.From, period.To = min(period.From, r.BusinessDate), max(period.To, r.BusinessDate)
	}
	known, err := sales.History(ctx, tx, period)
	if err != nil {
		return err
	}
	var fresh []sales.Document
	for _, r := range receipts {
		past, there := known[sales.Source{Store: r.Store, BusinessDate: r.BusinessDate, Receipt: r.Source}]
		switch {
		case !there:
			plan.New++
			fresh = append(fresh, r.Document)
		case past.Units == r.Units() && (past.Revenue == r.Revenue || !r.said):
			plan.Unchanged++
		default:
			plan.bad(r.line, "receipt %s of %s is there with other figures: sales of before do not change", r.Source, r.BusinessDate)
		}
	}
	plan.write = func(ctx context.Context, tx *db.Tx, _ time.Time) error {
		if err := sales.NumberHistory(ctx, tx, fresh); err != nil {
			return err
		}
		done := 0
		for part := range slices.Chunk(fresh, recorded) {
			if err := sales.Record(ctx, tx, part); err != nil {
				return err
			}
			done += len(part)
			f.tell(done, len(fresh))
		}
		return nil
	}
	return nil
}

// receipts puts the rows together, each receipt where its first row is.
func (f *File) receipts(ctx context.Context, tx *db.Tx, plan *Plan) ([]*pastReceipt, error) {
	w, err := f.salesWorld(ctx, tx)
	if err != nil {
		return nil, err
	}
	byKey := make(map[sales.Source]*pastReceipt, len(f.sales))
	var all []*pastReceipt
	for _, r := range f.sales {
		store, why := w.store(r.store)
		if why != "" {
			plan.bad(r.line, "%s", why)
			continue
		}
		product, known := w.products[r.product]
		if !known {
			plan.bad(r.line, "there is no product %q", r.product)
			continue
		}
		date := r.day.date(f.monthFirst)
		if date > w.today {
			plan.bad(r.line, "date: %s is to come", date)
			continue
		}
		key := sales.Source{Store: store.ID, BusinessDate: date, Receipt: r.receipt}
		doc := byKey[key]
		if doc == nil {
			doc = &pastReceipt{line: r.line, said: true}
			doc.Store, doc.BusinessDate, doc.Source = store.ID, date, r.receipt
			doc.User = w.people[fold(r.cashier)]
			doc.At = date.Time(w.zones[store.ID]).Add(r.clock)
			byKey[key] = doc
			all = append(all, doc)
		}
		if len(doc.Lines) == maxLines {
			plan.bad(r.line, "receipt %s has more than %d lines", r.receipt, maxLines)
			continue
		}
		doc.add(r, product)
	}
	for _, doc := range all {
		doc.Refund = doc.Revenue < 0 || doc.Revenue == 0 && doc.Units() < 0
	}
	return all, nil
}

func (d *pastReceipt) add(r saleRow, p catalog.Product) {
	revenue := r.revenue(p.Price)
	d.Lines = append(d.Lines, sales.Line{Product: p.ID, Quantity: r.quantity, Revenue: revenue, Cost: p.Cost.Mul(r.quantity)})
	d.Revenue += revenue
	d.Total += revenue
	if r.cash {
		d.Cash += revenue
	} else {
		d.Card += revenue
	}
	d.said = d.said && (r.priced || r.summed)
}

// salesWorld is what sales refer to.
type salesWorld struct {
	stores   map[string]retail.Location
	zones    map[uuid.UUID]*time.Location
	only     *retail.Location // the store, where there is one alone
	products map[string]catalog.Product
	// people are by name and by e-mail, folded. Who left before the company came here is not among them, and so nobody.
	people map[string]uuid.UUID
	today  retail.Date
}

func (f *File) salesWorld(ctx context.Context, tx *db.Tx) (w salesWorld, err error) {
	w.zones = map[uuid.UUID]*time.Location{}
	w.today = retail.DateOf(time.Now().AddDate(0, 0, 1)) // it is tomorrow somewhere
	if w.stores, err = storesByName(ctx, tx); err != nil {
		return w, err
	}
	stores, err := stock.Stores(ctx, tx)
	if err != nil {
		return w, err
	}
	for i, l := range stores {
		if w.zones[l.ID], err = time.LoadLocation(l.Zone); err != nil {
			return w, fmt.Errorf("zone of store %s: %w", l.Code, err)
		}
		if len(stores) == 1 {
			w.only = &stores[i]
		}
	}
	if w.people, err = peopleByName(ctx, tx); err != nil {
		return w, err
	}
	w.products, err = productsByCode(ctx, tx, func(yield func(string) bool) {
		for _, r := range f.sales {
			if !yield(r.product) {
				return
			}
		}
	})
	return w, err
}

// store finds the store a row names, or the only one; why says that there is none.
func (w salesWorld) store(name string) (l retail.Location, why string) {
	if name == "" {
		if w.only == nil {
			return l, "no store: the file must say which, as there are several"
		}
		return *w.only, ""
	}
	l, known := storeNamed(w.stores, name)
	if !known || w.zones[l.ID] == nil {
		return l, fmt.Sprintf("there is no store %q", name)
	}
	return l, ""
}

// peopleByName gives who works here. A name that two have names nobody.
func peopleByName(ctx context.Context, tx *db.Tx) (map[string]uuid.UUID, error) {
	all, err := users.List(ctx, tx)
	if err != nil {
		return nil, err
	}
	by := make(map[string]uuid.UUID, 2*len(all))
	for _, s := range all {
		if _, twice := by[fold(s.Name)]; twice {
			by[fold(s.Name)] = uuid.Nil
			continue
		}
		by[fold(s.Name)] = s.ID
	}
	for _, s := range all {
		if s.Email != "" {
			by[fold(s.Email)] = s.ID
		}
	}
	return by, nil
}

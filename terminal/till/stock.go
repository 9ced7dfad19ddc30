package till

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"

	"github.com/google/uuid"
)

// Level is what a stock means under its thresholds, worst first.
type Level int

// The levels. LevelNone is that of what holds no stock, or of which nothing is known.
const (
	LevelNone Level = iota
	LevelNegative
	LevelOut
	LevelLow
	LevelGood
	LevelOver
)

// LevelOf sorts a stock: below OutBelow it is out, below RestockBelow low, above OverAbove over.
func LevelOf(p retail.Product, s Stock) Level {
	switch {
	case p.MadeHere || !s.Known:
		return LevelNone
	case s.Here < 0:
		return LevelNegative
	case s.Here < s.OutBelow:
		return LevelOut
	case s.Here < s.RestockBelow:
		return LevelLow
	case s.OverAbove > 0 && s.Here > s.OverAbove:
		return LevelOver
	}
	return LevelGood
}

// ProductStock is all that is known here about one product's stock.
type ProductStock struct {
	Found
	Category retail.Category
	// HereAge and DepotAge are how long ago headquarters worked the figures out.
	HereAge, DepotAge time.Duration
	// Others are the other stores, by name.
	Others []OtherStock
	// Restock says that the stock is below its threshold, so that a request is offered; Suggestion how much.
	Restock    bool
	Suggestion retail.Suggestion
}

// OtherStock is what another store has of a product, as headquarters sees it.
type OtherStock struct {
	Store retail.Location
	// Known is false when headquarters has told nothing about it.
	Known                     bool
	Here, InTransit, Promised money.Quantity
	Age                       time.Duration
	Level                     Level
}

// Stock looks a product's stock up, with no network as with one.
func (t *Till) Stock(ctx context.Context, product uuid.UUID) (ProductStock, error) {
	if err := t.signedIn(); err != nil {
		return ProductStock{}, err
	}
	p, err := t.product(ctx, product)
	if err != nil {
		return ProductStock{}, err
	}
	s, err := t.catalogue.StockOf(ctx, product)
	if err != nil {
		return ProductStock{}, fmt.Errorf("stock of %s: %w", product, err)
	}
	v := ProductStock{
		Found:   Found{Product: p, Stock: s, Level: LevelOf(p, s)},
		HereAge: t.age(s.HereAt), DepotAge: t.age(s.DepotAt),
		Suggestion: retail.Suggest(s.PerDay, s.Here, s.InTransit, p.Pack),
	}
	v.Restock = v.Level != LevelNone && s.Here < s.RestockBelow
	if v.Others, err = t.others(ctx, p); err != nil {
		return v, err
	}
	categories, err := t.Categories(ctx)
	if err != nil {
		return v, err
	}
	if i := slices.IndexFunc(categories, func(c retail.Category) bool { return c.ID == p.Category }); i >= 0 {
		v.Category = categories[i]
	}
	return v, nil
}

// others is what the other stores have of a product that holds stock.
func (t *Till) others(ctx context.Context, p retail.Product) ([]OtherStock, error) {
	if p.MadeHere {
		return nil, nil
	}
	stores, err := t.Stores(ctx)
	if err != nil {
		return nil, err
	}
	told, err := t.catalogue.Elsewhere(ctx, p.ID)
	if err != nil {
		return nil, fmt.Errorf("stock of %s elsewhere: %w", p.ID, err)
	}
	others := make([]OtherStock, len(stores))
	for i, l := range stores {
		others[i].Store = l
		at := slices.IndexFunc(told.Stores, func(s retail.StoreStock) bool { return s.Store == l.ID })
		if at < 0 {
			continue
		}
		s := told.Stores[at]
		others[i].Known, others[i].Here, others[i].InTransit, others[i].Promised = true, s.OnHand, s.InTransit, s.Promised
		others[i].Age = t.age(time.UnixMilli(s.At))
		others[i].Level = LevelOf(p, Stock{Known: true, Here: s.OnHand, OutBelow: s.OutBelow, OverAbove: s.OverAbove})
	}
	return others, nil
}

// age is how old something of headquarters' is; 0 for what never was.
func (t *Till) age(at time.Time) time.Duration {
	if at.IsZero() {
		return 0
	}
	return max(t.Now().Sub(at), 0)
}

func (t *Till) product(ctx context.Context, id uuid.UUID) (retail.Product, error) {
	p, ok, err := t.catalogue.Product(ctx, id)
	if err != nil {
		return p, fmt.Errorf("product %s: %w", id, err)
	}
	if !ok {
		return p, fail(retail.NotFound, KeyNoProduct)
	}
	return p, nil
}

// RequestRestock asks the warehouse for goods. The request is journaled here and reaches headquarters when it can.
func (t *Till) RequestRestock(ctx context.Context, lines []retail.StockLine) (retail.Restock, error) {
	if err := t.signedIn(); err != nil {
		return retail.Restock{}, err
	}
	if len(lines) == 0 {
		return retail.Restock{}, fail(retail.Invalid, KeyRestockEmpty)
	}
	request := retail.RestockRequest{ID: uuid.Must(uuid.NewV7())}
	for _, l := range lines {
		p, err := t.product(ctx, l.Product)
		if err != nil {
			return retail.Restock{}, err
		}
		if p.MadeHere {
			return retail.Restock{}, fail(retail.Invalid, KeyMadeHere, "name", p.Name.In(t.lang))
		}
		at := slices.IndexFunc(request.Lines, func(r retail.StockLine) bool { return r.Product == l.Product })
		if at < 0 {
			at = len(request.Lines)
			request.Lines = append(request.Lines, retail.StockLine{Product: l.Product})
		}
		request.Lines[at].Quantity += l.Quantity
		for _, q := range []money.Quantity{l.Quantity, request.Lines[at].Quantity} {
			if err := t.checkQuantity(p, q); err != nil {
				return retail.Restock{}, err
			}
		}
	}
	w, err := t.commit(ctx, Draft{
		Kind: journal.KindRestockRequest, User: t.user.ID, Shift: t.shift.Number,
		Body: func(uint64) any { return request },
	})
	if err != nil {
		return retail.Restock{}, err
	}
	made := retail.Restock{ID: request.ID, State: retail.RestockRequested, At: w.At.UnixMilli(), By: t.user.ID}
	for _, l := range request.Lines {
		made.Lines = append(made.Lines, retail.RestockLine{Product: l.Product, Asked: l.Quantity})
	}
	return made, nil
}

// Restocks are the store's requests, newest first: those headquarters has published, and this till's own that it has
// not seen yet.
func (t *Till) Restocks(ctx context.Context, limit int) ([]retail.Restock, error) {
	if err := t.signedIn(); err != nil {
		return nil, err
	}
	own, err := t.journal.OwnRequests(ctx)
	if err != nil {
		return nil, fmt.Errorf("list own requests: %w", err)
	}
	all, err := t.catalogue.Restocks(ctx, limit)
	if err != nil {
		return nil, fmt.Errorf("list restock requests: %w", err)
	}
	for _, o := range own {
		if !slices.ContainsFunc(all, func(r retail.Restock) bool { return r.ID == o.ID }) {
			all = append(all, o)
		}
	}
	slices.SortStableFunc(all, func(a, b retail.Restock) int { return cmp.Compare(b.At, a.At) })
	return all[:min(len(all), limit)], nil
}

// Shipments are on their way to the store or have arrived, newest first.
func (t *Till) Shipments(ctx context.Context, limit int) ([]retail.Shipment, error) {
	if err := t.signedIn(); err != nil {
		return nil, err
	}
	s, err := t.catalogue.Shipments(ctx, limit)
	if err != nil {
		return nil, fmt.Errorf("list shipments: %w", err)
	}
	return s, nil
}

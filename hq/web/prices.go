package web

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/tills"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
)

const (
	// shownBooks is how many price books the page lists.
	shownBooks = 20
	// fieldTime is how an input of type datetime-local writes a moment.
	fieldTime = "2006-01-02T15:04"
)

// pricesPart is the price books of the catalogue page.
type pricesPart struct {
	table ui.Table
	// runs says how many tills sell at which version.
	runs string
	// product fills the form, costs is what it costs where, stores are where a price may be changed.
	product, costs string
	stores         []ui.Option
}

func (s *site) prices(r *http.Request) (p pricesPart, err error) {
	ctx := r.Context()
	stores, err := s.stores(ctx)
	if err != nil {
		return p, err
	}
	if ctx, err = s.paidIn(ctx, stores); err != nil {
		return p, err
	}
	books, err := catalog.Books(ctx, s.DB, s.Now(), shownBooks)
	if err != nil {
		return p, err
	}
	books = slices.DeleteFunc(books, func(b catalog.Book) bool { return b.Store != uuid.Nil && !sees(ctx, b.Store) })
	firsts := make([]uuid.UUID, len(books))
	for i, b := range books {
		firsts[i] = b.First.Product
	}
	products, err := catalog.ByID(ctx, s.DB, firsts)
	if err != nil {
		return p, err
	}
	lanes, err := s.Journal.List(ctx)
	if err != nil {
		return p, err
	}
	lanes = slices.DeleteFunc(lanes, func(t tills.Till) bool { return t.RevokedAt != nil || !sees(ctx, t.Store) })
	sell := sellAt(lanes)
	var runs []string
	for _, version := range slices.Backward(slices.Sorted(maps.Keys(sell))) {
		runs = append(runs, ui.T(ctx, "prices.runs", "Count", sell[version], "Version", int(version)))
	}
	places := map[uuid.UUID]string{uuid.Nil: ui.T(ctx, "filter.all_stores")}
	for _, l := range stores {
		places[l.ID] = l.Name
	}
	reach := make([]string, len(books))
	for i, b := range books {
		reach[i] = ui.Number(ctx, int64(sell[b.Version]))
		if b.State != catalog.BookFuture {
			continue
		}
		if b.Store != uuid.Nil {
			reach[i] = "" // tills say how much of the global feed they show
			continue
		}
		place, err := b.Place(ctx, s.DB)
		if err != nil {
			return p, err
		}
		have := 0
		for _, t := range lanes {
			if t.Shows(place) {
				have++
			}
		}
		reach[i] = ui.T(ctx, "prices.have", "Count", have, "Of", len(lanes))
	}
	costs, err := s.costs(ctx, r.FormValue("price"), stores)
	if err != nil {
		return p, err
	}
	return pricesPart{
		table: bookTable(ctx, books, products, places, reach, zoneOf(stores)),
		runs:  strings.Join(runs, " · "), product: r.FormValue("price"), costs: costs,
		stores: append([]ui.Option{{Label: places[uuid.Nil]}}, storeOptions(stores, "")...),
	}, nil
}

// sellAt counts tills by the version of prices they said.
func sellAt(lanes []tills.Till) map[int64]int {
	count := map[int64]int{}
	for _, t := range lanes {
		if t.Prices > 0 {
			count[t.Prices]++
		}
	}
	return count
}

func bookTable(
	ctx context.Context, books []catalog.Book, products map[uuid.UUID]catalog.Product, places map[uuid.UUID]string, reach []string,
	zone *time.Location,
) ui.Table {
	t := ui.Table{Caption: ui.T(ctx, "prices.title"), Columns: []ui.Column{
		{Label: ui.T(ctx, "prices.version")},
		{Label: ui.T(ctx, "prices.prices")},
		{Label: ui.T(ctx, "filter.store")},
		{Label: ui.T(ctx, "prices.from")},
		{Label: ui.T(ctx, "prices.state")},
		{Label: ui.T(ctx, "prices.tills"), Figure: true},
	}}
	edits := may(ctx, users.EditCatalog)
	if edits {
		t.Columns = append(t.Columns, ui.Column{})
	}
	for i, b := range books {
		what := ui.Cell{Text: ui.T(ctx, "prices.lines", "Count", b.Lines)}
		if b.Lines == 1 {
			what.Text, what.Sub = priceText(ctx, b.First), language(ctx, products[b.First.Product].Name)
		}
		cells := []ui.Cell{
			{Text: ui.Number(ctx, b.Version), Strong: true},
			what,
			{Text: places[b.Store]},
			{Text: ui.DateTime(ctx, b.From.In(zone))},
			{Part: ui.Status(bookTag(ctx, b.State))},
			{Text: reach[i]},
		}
		if edits {
			cell := ui.Cell{}
			if b.State == catalog.BookFuture {
				cell.Part = cancelBook(ui.Number(ctx, b.Version), strconv.FormatInt(b.Version, 10))
			}
			cells = append(cells, cell)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: cells})
	}
	return t
}

// priceText is a price, or that it is as everywhere.
func priceText(ctx context.Context, l retail.PriceLine) string {
	if l.Everywhere {
		return ui.T(ctx, "prices.as_everywhere")
	}
	return ui.Money(ctx, l.Price)
}

// costs says what the product with an SKU costs, everywhere and where that is otherwise; nothing of one that does not exist.
func (s *site) costs(ctx context.Context, sku string, stores []retail.Location) (string, error) {
	if sku == "" {
		return "", nil
	}
	p, err := catalog.ByCode(ctx, s.DB, sku)
	var unknown *retail.Error
	if errors.As(err, &unknown) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	own, err := s.ownPrices(ctx, p.ID, stores)
	return language(ctx, p.Name) + " · " + ui.Money(ctx, p.Price) + own, err
}

// ownPrices says which of some stores have a price of their own for a product, each after a dot.
func (s *site) ownPrices(ctx context.Context, product uuid.UUID, stores []retail.Location) (text string, err error) {
	own, err := catalog.OwnOf(ctx, s.DB, s.Now(), []uuid.UUID{product})
	if err != nil {
		return "", err
	}
	symbols, err := s.currencies(ctx)
	for _, l := range stores {
		if price, ok := own[product][l.ID]; ok {
			text += " · " + l.Name + " " + ui.Money(symbols.in(ctx, l), price)
		}
	}
	return text, err
}

// storeOf is the store a form names among those; the zero id when it names none.
func storeOf(stores []retail.Location, said string) (uuid.UUID, error) {
	id, err := uuid.Parse(said)
	if err != nil { // all stores, or those of one currency
		return uuid.Nil, nil
	}
	if !slices.ContainsFunc(stores, func(l retail.Location) bool { return l.ID == id }) {
		return uuid.Nil, &retail.Error{Code: retail.NotFound, Key: "location.unknown"}
	}
	return id, nil
}

func bookTag(ctx context.Context, state catalog.BookState) ui.Tag {
	switch state {
	case catalog.BookFuture:
		return ui.Tag{Icon: ui.IconClock, Text: ui.T(ctx, "prices.future")}
	case catalog.BookInForce:
		return ui.Tag{Tone: ui.ToneOK, Icon: ui.IconOK, Text: ui.T(ctx, "prices.in_force")}
	case catalog.BookCanceled:
		return ui.Tag{Tone: ui.ToneMuted, Icon: ui.IconRefused, Text: ui.T(ctx, "prices.canceled")}
	default:
		return ui.Tag{Tone: ui.ToneMuted, Icon: ui.IconPending, Text: ui.T(ctx, "prices.past")}
	}
}

// plannedPrice is a price as the audit log keeps it.
type plannedPrice struct {
	Cents money.Amount `json:"price_cents"`
	From  *time.Time   `json:"from,omitempty"`
	// Store is the only one where it costs that; Everywhere says that the store has no price of its own any more.
	Store      *uuid.UUID `json:"store,omitempty"`
	Everywhere bool       `json:"everywhere,omitempty"`
}

// addPrice plans one price, or changes it at once when the form says no moment.
func (s *site) addPrice(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	product, err := catalog.ByCode(ctx, s.DB, r.PostFormValue("product"))
	if err != nil {
		return err
	}
	line := retail.PriceLine{Product: product.ID, Everywhere: r.PostFormValue("everywhere") != ""}
	if typed := r.PostFormValue("price"); typed != "" || !line.Everywhere {
		if line.Price, err = money.Parse(typed); err != nil {
			return &retail.Error{Code: retail.Invalid, Key: "prices.price", Err: err}
		}
	}
	stores, err := s.stores(ctx)
	if err != nil {
		return err
	}
	store, err := storeOf(stores, r.PostFormValue("store"))
	if err != nil {
		return err
	}
	if ctx, err = s.paidIn(ctx, stores); err != nil {
		return err
	}
	from, zone := s.Now(), zoneOf(stores)
	if typed := r.PostFormValue("from"); typed != "" {
		if from, err = time.ParseInLocation(fieldTime, typed, zone); err != nil {
			return &retail.Error{Code: retail.Invalid, Key: "prices.moment", Err: err}
		}
	}
	after := plannedPrice{Cents: line.Price, From: &from, Everywhere: line.Everywhere}
	if store != uuid.Nil {
		after.Store = &store
	}
	var version int64
	err = s.change(r, func(tx *db.Tx) (c users.Change, err error) {
		before, _, err := catalog.InForce(ctx, tx, s.Now(), store, []uuid.UUID{product.ID})
		if err != nil {
			return c, err
		}
		version, err = catalog.AddBook(ctx, tx, s.Now(), from, store, []retail.PriceLine{line})
		return users.Change{
			Kind: users.DidPlanPrices, Subject: strconv.FormatInt(version, 10), Title: product.SKU,
			Before: plannedPrice{Cents: before[product.ID].Price}, After: after,
		}, err
	})
	if err != nil {
		return err
	}
	s.Log.Info("price book added", "version", version, "product", product.SKU, "store", store, "from", from, "by", personOf(ctx).ID)
	flash(w, r, ui.ToneOK, ui.T(ctx, "prices.added", "Version", int(version), "Product", language(ctx, product.Name),
		"Price", priceText(ctx, line), "From", ui.DateTime(ctx, from.In(zone))))
	http.Redirect(w, r, "/catalogue#prices", http.StatusSeeOther)
	return nil
}

func (s *site) cancelPrices(w http.ResponseWriter, r *http.Request) error {
	version, err := strconv.ParseInt(r.PathValue("version"), 10, 64)
	if err != nil {
		return &retail.Error{Code: retail.NotFound, Key: "prices.unknown", Err: err}
	}
	err = s.change(r, func(tx *db.Tx) (users.Change, error) {
		c := users.Change{Kind: users.DidCancelPrices, Subject: strconv.FormatInt(version, 10), Title: strconv.FormatInt(version, 10)}
		return c, catalog.CancelBook(r.Context(), tx, s.Now(), version)
	})
	if err != nil {
		return err
	}
	s.Log.Info("price book canceled", "version", version, "by", personOf(r.Context()).ID)
	flash(w, r, ui.ToneOK, ui.T(r.Context(), "prices.cancel_done", "Version", int(version)))
	http.Redirect(w, r, "/catalogue#prices", http.StatusSeeOther)
	return nil
}

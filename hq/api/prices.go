package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/stock"
	"comptant/hq/users"
	"comptant/shared/retail"
)

// Price is what a product costs from a moment on.
type Price struct {
	Version int64             `json:"version" doc:"Of prices: all of one version take effect together"`
	From    time.Time         `json:"from"`
	State   catalog.BookState `json:"state" enum:"future,in-force,past,canceled"`
	Store   *uuid.UUID        `json:"store,omitempty" doc:"The store it is the price of; of every store without one of its own when it is not said"`
	Price   *Money            `json:"price,omitempty" doc:"When it is not said the store has no price of its own any more"`
}

// PriceBook is prices that take effect together.
type PriceBook struct {
	Version int64             `json:"version"`
	From    time.Time         `json:"from"`
	State   catalog.BookState `json:"state" enum:"future,in-force,past,canceled"`
	Store   *uuid.UUID        `json:"store,omitempty" doc:"The store they are of; of every store when it is not said"`
	Prices  int               `json:"prices" doc:"How many it has"`
}

// mostBooks is how many price books are listed at most: the newest.
const mostBooks = 10_000

func (s *site) priceOperations() {
	op := func(method, path, id, summary string) huma.Operation {
		return huma.Operation{Method: method, Path: path, OperationID: id, Summary: summary, Tags: []string{tagPrices}}
	}
	add(s, users.ReadCatalog, op(http.MethodGet, "/products/{product}/prices", "list-prices", "What a product cost, costs and will cost"), s.listPrices)
	add(s, users.WriteCatalog, made(op(http.MethodPost, "/products/{product}/prices", "add-price", "Change the price of a product, now or later")), s.addPrice)
	add(s, users.ReadCatalog, file(op(http.MethodGet, "/products/labels", "get-labels", "Shelf labels to print, 500 at most"), "text/html"), s.getLabels)
	add(s, users.ReadCatalog, op(http.MethodGet, "/tax-rates", "list-tax-rates", "The taxes in receipt order, past and future ones too"), s.listTaxRates)
	add(s, users.ReadCatalog, op(http.MethodGet, "/charges", "list-charges", "Deposits and fees by code"), s.listCharges)
	add(s, users.ReadCatalog, op(http.MethodGet, "/charges/{code}", "get-charge", "One deposit or fee"), s.getCharge)
	add(s, users.WriteCatalog, made(op(http.MethodPost, "/charges", "create-charge", "A new deposit or fee")), s.createCharge)
	add(s, users.WriteCatalog, op(http.MethodPut, "/charges/{code}", "put-charge", "Write all of a deposit or fee; the products that carry it ask for it from then on"), s.putCharge)
	add(s, users.ReadCatalog, op(http.MethodGet, "/price-books", "list-price-books", "Versions of prices"), s.listBooks)
	add(s, users.WriteCatalog, made(op(http.MethodPost, "/price-books", "add-price-book", "Change many prices together, now or later")), s.addBook)
	add(s, users.WriteCatalog, op(http.MethodDelete, "/price-books/{version}", "cancel-price-book", "Take back prices that are to come"), s.cancelBook)
}

func (s *site) listPrices(ctx context.Context, in *struct {
	Paging
	Product uuid.UUID `path:"product"`
},
) (*List[Price], error) {
	p, err := product(ctx, s.DB, in.Product)
	if err != nil {
		return nil, err
	}
	prices, err := catalog.Prices(ctx, s.DB, in.Product, s.Now())
	if err != nil {
		return nil, err
	}
	return cut(each(prices, func(l catalog.ProductPrice) Price { return priceOf(l, p.Price.Currency) }), in.Paging, func(l Price) string { return strconv.FormatInt(l.Version, 10) })
}

// priceOf is a price in a currency.
func priceOf(l catalog.ProductPrice, currency string) Price {
	p := Price{Version: l.Version, From: l.From.UTC(), State: l.State, Store: said(l.Store)}
	if !l.Everywhere {
		p.Price = &Money{l.Price, currency}
	}
	return p
}

// InStore asks for prices as they are in a store.
type InStore struct {
	Store uuid.UUID `query:"store" doc:"A store: each product has also the price there"`
}

// priceIn says of products what they cost in a store; nothing for the zero id.
func (s *site) priceIn(ctx context.Context, store uuid.UUID, products []Product) error {
	if store == uuid.Nil {
		return nil
	}
	l, err := s.location(ctx, store)
	var unknown *retail.Error
	if errors.As(err, &unknown) || err == nil && l.Kind != retail.LocationStore {
		return invalid("location.unknown", "id", store)
	}
	if err != nil {
		return err
	}
	found, _, err := catalog.InForce(ctx, s.DB, s.Now(), store, each(products, func(p Product) uuid.UUID { return p.ID }))
	for i := range products {
		products[i].StorePrice = &Money{found[products[i].ID].Price, l.PaysIn()}
	}
	return err
}

// said is a store, or nil for every store.
func said(store uuid.UUID) *uuid.UUID {
	if store == uuid.Nil {
		return nil
	}
	return &store
}

// lineIn is what a request says a product costs, in a currency: nothing is as everywhere.
func lineIn(product uuid.UUID, price *Money, currency string) (l retail.PriceLine, err error) {
	l.Product, l.Everywhere = product, price == nil
	if price != nil {
		l.Price, err = price.in(currency)
	}
	return l, err
}

// storeIn is the store that a request names; the zero id for every store.
func storeIn(ctx context.Context, tx *db.Tx, named *uuid.UUID) (uuid.UUID, error) {
	if named == nil {
		return uuid.Nil, nil
	}
	l, err := stock.Location(ctx, tx, *named)
	if err == nil && l.Kind != retail.LocationStore {
		err = invalid("location.unknown", "id", *named)
	}
	return l.ID, err
}

type addPriceIn struct {
	Once
	Product uuid.UUID `path:"product"`
	Body    struct {
		Price *Money     `json:"price,omitempty" doc:"When it is not said the store has no price of its own any more"`
		Store *uuid.UUID `json:"store,omitempty" doc:"The store it is the price of; of every store without one of its own when it is not said"`
		From  *time.Time `json:"from,omitempty" doc:"When it takes effect; at once when it is not said or has been"`
	}
}

func (s *site) addPrice(ctx context.Context, in *addPriceIn) (*Made[Price], error) {
	return once(ctx, s, in, func(tx *db.Tx) (*Made[Price], error) {
		currency, err := currencyIn(ctx, tx)
		if err != nil {
			return nil, err
		}
		line, err := lineIn(in.Product, in.Body.Price, currency)
		if err != nil {
			return nil, err
		}
		store, err := storeIn(ctx, tx, in.Body.Store)
		if err != nil {
			return nil, err
		}
		if _, err := catalog.Get(ctx, tx, in.Product); err != nil {
			return nil, err
		}
		version, err := catalog.AddBook(ctx, tx, s.Now(), s.orNow(in.Body.From), store, []retail.PriceLine{line})
		if err != nil {
			return nil, err
		}
		p, err := s.planned(ctx, tx, in.Product, version)
		return &Made[Price]{Root + "/products/" + in.Product.String() + "/prices", priceOf(p, currency)}, err
	})
}

// planned is the price of a product in a version that was made just now.
func (s *site) planned(ctx context.Context, tx *db.Tx, product uuid.UUID, version int64) (catalog.ProductPrice, error) {
	prices, err := catalog.Prices(ctx, tx, product, s.Now())
	if err != nil {
		return catalog.ProductPrice{}, err
	}
	at := slices.IndexFunc(prices, func(p catalog.ProductPrice) bool { return p.Version == version })
	if at < 0 {
		return catalog.ProductPrice{}, fmt.Errorf("price book %d has no price of %s", version, product)
	}
	return prices[at], nil
}

func (s *site) listBooks(ctx context.Context, in *struct{ Paging }) (*List[PriceBook], error) {
	books, err := catalog.Books(ctx, s.DB, s.Now(), mostBooks)
	if err != nil {
		return nil, err
	}
	return cut(each(books, bookOf), in.Paging, func(b PriceBook) string { return strconv.FormatInt(b.Version, 10) })
}

func bookOf(b catalog.Book) PriceBook {
	return PriceBook{b.Version, b.From.UTC(), b.State, said(b.Store), b.Lines}
}

type addBookIn struct {
	Once
	Body struct {
		Store  *uuid.UUID `json:"store,omitempty" doc:"The store they are of; of every store when it is not said"`
		From   *time.Time `json:"from,omitempty" doc:"When they take effect; at once when it is not said or has been"`
		Prices []struct {
			Product uuid.UUID `json:"product"`
			Price   *Money    `json:"price,omitempty" doc:"When it is not said the store has no price of its own any more"`
		} `json:"prices" minItems:"1" maxItems:"1000"`
	}
}

func (s *site) addBook(ctx context.Context, in *addBookIn) (*Made[PriceBook], error) {
	return once(ctx, s, in, func(tx *db.Tx) (*Made[PriceBook], error) {
		currency, err := currencyIn(ctx, tx)
		if err != nil {
			return nil, err
		}
		lines := make([]retail.PriceLine, len(in.Body.Prices))
		for i, l := range in.Body.Prices {
			if lines[i], err = lineIn(l.Product, l.Price, currency); err != nil {
				return nil, err
			}
		}
		store, err := storeIn(ctx, tx, in.Body.Store)
		if err != nil {
			return nil, err
		}
		version, err := catalog.AddBook(ctx, tx, s.Now(), s.orNow(in.Body.From), store, lines)
		if err != nil {
			return nil, err
		}
		p, err := s.planned(ctx, tx, lines[0].Product, version)
		return &Made[PriceBook]{Root + "/price-books", PriceBook{version, p.From.UTC(), p.State, said(store), len(lines)}}, err
	})
}

func (s *site) cancelBook(ctx context.Context, in *struct {
	Version int64 `path:"version" minimum:"1"`
},
) (*struct{}, error) {
	return nil, s.deed(ctx, in, func(tx *db.Tx) error { return catalog.CancelBook(ctx, tx, s.Now(), in.Version) })
}

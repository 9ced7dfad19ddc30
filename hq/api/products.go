package api

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/users"
	"comptant/shared/barcode"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// ProductBody is what one writes of a product.
type ProductBody struct {
	SKU      string          `json:"sku" minLength:"1" maxLength:"60" doc:"The retailer's own number of it; no other product has it" example:"204310"`
	Name     Text            `json:"name" doc:"In one language at least"`
	Category uuid.UUID       `json:"category"`
	Price    Money           `json:"price" doc:"Of one unit, or of one kilogram when weighed, in force now. A change of it is a version of prices of its own"`
	Cost     *Money          `json:"cost,omitempty" doc:"What one unit costs to buy, when it is known"`
	TaxClass retail.TaxClass `json:"tax_class" minimum:"1" maximum:"9" doc:"1 taxable, 2 zero-rated, 3 exempt; others as the table of rates has them"`
	Barcodes []string        `json:"barcodes,omitempty" maxItems:"50" doc:"EAN-13, EAN-8, UPC-A or UPC-E; answered as EAN" example:"4006381333931"`
	Pack     int             `json:"pack,omitempty" minimum:"1" maximum:"100000" doc:"Units in one case"`
	Weighed  bool            `json:"weighed,omitempty"`
	MadeHere bool            `json:"made_here,omitempty" doc:"Holds no stock: coffee, sandwiches"`
	// Favourite orders the first page of tiles.
	Favourite int          `json:"favourite,omitempty" minimum:"0" maximum:"10000" doc:"Its place on the first page of the tills' tiles; 0 for none"`
	OpenPrice bool         `json:"open_price,omitempty" doc:"The till asks for the price"`
	Label     retail.Label `json:"label,omitempty" maximum:"3" doc:"What the last digits of a scale's labels say: 1 grams, 2 cents, 3 cents after a check digit"`
	Charges   []string     `json:"charges,omitempty" maxItems:"10" doc:"Codes of the deposits and fees that one unit carries"`
	TaxRule   *TaxRule     `json:"tax_rule,omitempty"`
}

// TaxRule is a tax class that depends on what else is in the sale.
type TaxRule struct {
	Group string          `json:"group" minLength:"1" maxLength:"40" doc:"Products of one group count together"`
	From  money.Quantity  `json:"from" minimum:"1" doc:"Thousandths of them from which the other class holds"`
	Class retail.TaxClass `json:"class" minimum:"1" maximum:"9"`
}

// Product is a product.
type Product struct {
	ID uuid.UUID `json:"id"`
	ProductBody
	StorePrice *Money     `json:"store_price,omitempty" doc:"In force now in the store that the request names: the store's own, or that of every store"`
	RetiredAt  *time.Time `json:"retired_at,omitempty" doc:"Since when no till sells it"`
	Picture    *Picture   `json:"picture,omitempty" doc:"Absent where there is none"`
}

func productOf(currency string) func(catalog.Product) Product {
	return func(p catalog.Product) Product {
		made := Product{ID: p.ID, RetiredAt: utc(p.RetiredAt), Picture: pictureOf(p), ProductBody: ProductBody{
			SKU: p.SKU, Name: Text(p.Name), Category: p.Category, Price: Money{p.Price, currency}, TaxClass: p.Class, Barcodes: p.Barcodes,
			Pack: p.Pack, Weighed: p.Weighed, MadeHere: p.MadeHere, Favourite: p.Favourite, OpenPrice: p.OpenPrice, Label: p.Label,
			Charges: each(p.Charges, func(c retail.Charge) string { return c.Code }),
		}}
		if p.Cost != 0 {
			made.Cost = &Money{p.Cost, currency}
		}
		if p.Rule.Group != "" {
			made.TaxRule = &TaxRule{p.Rule.Group, p.Rule.From, p.Rule.Class}
		}
		return made
	}
}

func (b ProductBody) product(id uuid.UUID, currency string) (p catalog.Product, err error) {
	p.Product = retail.Product{
		ID: id, SKU: b.SKU, Name: retail.Text(b.Name), Category: b.Category, Class: b.TaxClass, Barcodes: b.Barcodes, Pack: b.Pack,
		Weighed: b.Weighed, MadeHere: b.MadeHere, Favourite: b.Favourite, OpenPrice: b.OpenPrice, Label: b.Label,
		Charges: each(b.Charges, func(code string) retail.Charge { return retail.Charge{Code: code} }),
	}
	if b.TaxRule != nil {
		p.Rule = retail.ClassRule{Group: b.TaxRule.Group, From: b.TaxRule.From, Class: b.TaxRule.Class}
	}
	if p.Price, err = b.Price.in(currency); err == nil && b.Cost != nil {
		p.Cost, err = b.Cost.in(currency)
	}
	return p, err
}

func (s *site) productOperations() {
	op := func(method, path, id, summary string) huma.Operation {
		return huma.Operation{Method: method, Path: path, OperationID: id, Summary: summary, Tags: []string{tagProducts}}
	}
	add(s, users.ReadCatalog, op(http.MethodGet, "/products", "list-products", "Search products"), s.listProducts)
	add(s, users.ReadCatalog, op(http.MethodGet, "/products/{product}", "get-product", "One product"), s.getProduct)
	add(s, users.WriteCatalog, made(op(http.MethodPost, "/products", "create-product", "A new product")), s.createProduct)
	add(s, users.WriteCatalog, op(http.MethodPut, "/products/{product}", "put-product", "Write all of a product"), s.putProduct)
	add(s, users.WriteCatalog, op(http.MethodDelete, "/products/{product}", "retire-product", "Sell a product no more"), s.retireProduct)
	add(s, users.WriteCatalog, made(op(http.MethodPost, "/products/{product}/barcodes", "add-barcode", "Give a product one more barcode")), s.addBarcode)
	add(s, users.WriteCatalog, op(http.MethodDelete, "/products/{product}/barcodes/{code}", "remove-barcode", "Take a barcode from a product"), s.removeBarcode)
	put := op(http.MethodPut, "/products/{product}/picture", "put-picture", "Give a product a picture: a JPEG, PNG, GIF or WebP file of 5 MB and 40 megapixels at most")
	put.MaxBodyBytes = catalog.MaxPicture
	add(s, users.WriteCatalog, put, s.putPicture)
	add(s, users.WriteCatalog, op(http.MethodDelete, "/products/{product}/picture", "remove-picture", "Take its picture from a product"), s.removePicture)
}

// made says of an operation that it makes something.
func made(op huma.Operation) huma.Operation {
	op.DefaultStatus = http.StatusCreated
	return op
}

func (s *site) listProducts(ctx context.Context, in *struct {
	Paging
	Q        string    `query:"q" maxLength:"200" doc:"Words that the SKU and the names have, in any order, inside words, without accents; or a whole barcode"`
	Category uuid.UUID `query:"category"`
	Retired  bool      `query:"retired" doc:"Those that are sold no more, and no others"`
	InStore
},
) (*List[Product], error) {
	currency, err := s.currency(ctx)
	if err != nil {
		return nil, err
	}
	page, err := catalog.Search(ctx, s.DB, catalog.Filter{
		Text: in.Q, Category: in.Category, Retired: in.Retired, Lang: lang(ctx), After: in.Cursor, Limit: in.Limit,
	})
	if err != nil {
		return nil, err
	}
	products := each(page.Products, productOf(currency))
	return list(products, page.Next), s.priceIn(ctx, in.Store, products)
}

func (s *site) getProduct(ctx context.Context, in *struct {
	IfChanged
	InStore
	Product uuid.UUID `path:"product"`
},
) (*One[Product], error) {
	currency, err := s.currency(ctx)
	if err != nil {
		return nil, err
	}
	p, err := s.Products.Get(ctx, in.Product)
	if err != nil {
		return nil, err
	}
	products := []Product{productOf(currency)(p)}
	if err := s.priceIn(ctx, in.Store, products); err != nil {
		return nil, err
	}
	return ask(in.IfChanged, products[0])
}

func product(ctx context.Context, q catalog.Querier, id uuid.UUID) (Product, error) {
	currency, err := currencyIn(ctx, q)
	if err != nil {
		return Product{}, err
	}
	p, err := catalog.Get(ctx, q, id)
	return productOf(currency)(p), err
}

// putIn writes a product and gives it as it is then.
func (s *site) putIn(ctx context.Context, tx *db.Tx, id uuid.UUID, body ProductBody) (Product, error) {
	currency, err := currencyIn(ctx, tx)
	if err != nil {
		return Product{}, err
	}
	p, err := body.product(id, currency)
	if err != nil {
		return Product{}, err
	}
	if _, err := catalog.PutProducts(ctx, tx, s.Now(), []catalog.Product{p}); err != nil {
		return Product{}, err
	}
	return product(ctx, tx, id)
}

type createProductIn struct {
	Once
	Body ProductBody
}

func (s *site) createProduct(ctx context.Context, in *createProductIn) (*Made[Product], error) {
	return once(ctx, s, in, func(tx *db.Tx) (*Made[Product], error) {
		id, err := uuid.NewV7()
		if err != nil {
			return nil, err
		}
		p, err := s.putIn(ctx, tx, id, in.Body)
		return &Made[Product]{Root + "/products/" + id.String(), p}, err
	})
}

// change locks the catalogue and changes a product that is there.
func (s *site) change(ctx context.Context, in any, id uuid.UUID, do func(tx *db.Tx, was Product) error) error {
	return s.deed(ctx, in, func(tx *db.Tx) error {
		// Whoever writes products begins so: what is read stays as it is.
		if err := catalog.Activate(ctx, tx, s.Now()); err != nil {
			return err
		}
		was, err := product(ctx, tx, id)
		if err != nil {
			return err
		}
		return do(tx, was)
	})
}

func (s *site) putProduct(ctx context.Context, in *struct {
	IfSame
	Product uuid.UUID `path:"product"`
	Body    ProductBody
},
) (out *One[Product], err error) {
	err = s.change(ctx, in, in.Product, func(tx *db.Tx, was Product) error {
		if err := in.same(ctx, tag(was)); err != nil {
			return err
		}
		p, err := s.putIn(ctx, tx, in.Product, in.Body)
		out = one(p)
		return err
	})
	return out, err
}

func (s *site) retireProduct(ctx context.Context, in *struct {
	IfSame
	Product uuid.UUID `path:"product"`
},
) (*struct{}, error) {
	return nil, s.change(ctx, in, in.Product, func(tx *db.Tx, was Product) error {
		if err := in.same(ctx, tag(was)); err != nil {
			return err
		}
		return catalog.Retire(ctx, tx, s.Now(), in.Product)
	})
}

type addBarcodeIn struct {
	Once
	Product uuid.UUID `path:"product"`
	Body    struct {
		Code string `json:"code" minLength:"6" maxLength:"20"`
	}
}

func (s *site) addBarcode(ctx context.Context, in *addBarcodeIn) (*Made[Product], error) {
	return once(ctx, s, in, func(tx *db.Tx) (*Made[Product], error) {
		// Whoever writes products begins so: what is read stays as it is.
		if err := catalog.Activate(ctx, tx, s.Now()); err != nil {
			return nil, err
		}
		p, err := product(ctx, tx, in.Product)
		if err != nil {
			return nil, err
		}
		p.Barcodes = append(p.Barcodes, in.Body.Code)
		p, err = s.putIn(ctx, tx, in.Product, p.ProductBody)
		return &Made[Product]{Root + "/products/" + in.Product.String(), p}, err
	})
}

func (s *site) removeBarcode(ctx context.Context, in *struct {
	Product uuid.UUID `path:"product"`
	Code    string    `path:"code" maxLength:"20"`
},
) (*struct{}, error) {
	return nil, s.change(ctx, in, in.Product, func(tx *db.Tx, was Product) error {
		code, ok := barcode.Normalize(strings.TrimSpace(in.Code))
		at := slices.Index(was.Barcodes, code)
		if !ok || at < 0 {
			return &retail.Error{Code: retail.NotFound, Key: "product.no_barcode", Args: map[string]any{"value": in.Code}}
		}
		was.Barcodes = slices.Delete(was.Barcodes, at, at+1)
		_, err := s.putIn(ctx, tx, in.Product, was.ProductBody)
		return err
	})
}

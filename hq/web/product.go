package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
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

// productsPath is where products are made and changed.
const productsPath = "/catalogue/products"

func productAddress(id uuid.UUID) string { return productsPath + "/" + id.String() }

// productPage is one product, or a form for a new one.
type productPage struct {
	catalog.Product // as it is; the zero product for a new one
	form            entry
	barcode         entry  // the form of one more
	wrong           string // of the whole form
	version         string // see versionOf
	price           string // everywhere, and where it is otherwise
	retired         string // since when
	categories      []retail.Category
	charges         []retail.Charge
	classes         []retail.TaxClass
}

func (p productPage) fresh() bool { return p.ID == uuid.Nil }

func (s *site) newProduct(w http.ResponseWriter, r *http.Request) error {
	values := url.Values{"tax_class": {"1"}, "pack": {"1"}, "category": {r.FormValue("category")}}
	return s.showProduct(w, r, productPage{form: newEntry(values)})
}

func (s *site) productPage(w http.ResponseWriter, r *http.Request) error {
	p, err := s.productOf(r)
	if err != nil {
		return err
	}
	return s.showProduct(w, r, productPage{Product: p, form: newEntry(productValues(r.Context(), p))})
}

// productOf is the product that the address names.
func (s *site) productOf(r *http.Request) (catalog.Product, error) {
	id, err := idOf(r.PathValue("product"))
	if err != nil {
		return catalog.Product{}, err
	}
	return catalog.Get(r.Context(), s.DB, id)
}

func (s *site) showProduct(w http.ResponseWriter, r *http.Request, p productPage) (err error) {
	ctx := r.Context()
	if p.categories, err = catalog.Categories(ctx, s.DB); err != nil {
		return err
	}
	if len(p.categories) == 0 {
		return &retail.Error{Code: retail.NotFound, Key: "product.no_category"}
	}
	if p.charges, err = catalog.Charges(ctx, s.DB); err != nil {
		return err
	}
	rates, err := catalog.TaxRates(ctx, s.DB)
	if err != nil {
		return err
	}
	p.classes = taxClasses(rates, p.Class)
	stores, err := stock.Stores(ctx, s.DB)
	if err != nil {
		return err
	}
	if ctx, err = s.paidIn(ctx, stores); err != nil {
		return err
	}
	v := view{title: ui.T(ctx, "product.new"), parent: "/catalogue"}
	if !p.fresh() {
		v.title, v.subtitle, v.parent = language(ctx, p.Name), p.SKU, "/catalogue?"+query("q", p.SKU)
		p.version = versionOf(productValues(ctx, p.Product))
		if p.RetiredAt != nil {
			p.retired = ui.Date(ctx, p.RetiredAt.In(zoneOf(stores)))
		}
		own, err := s.ownPrices(ctx, p.ID, stores)
		if err != nil {
			return err
		}
		p.price = productPriceText(ctx, p.Product) + own
	}
	if p.wrong != "" || len(p.form.wrong)+len(p.barcode.wrong) > 0 {
		v.status = http.StatusUnprocessableEntity
	}
	return s.show(w, r.WithContext(ctx), v, productContent(p))
}

// productPriceText is what one unit costs, or one kilogram.
func productPriceText(ctx context.Context, p catalog.Product) string {
	price := ui.Money(ctx, p.Price)
	if p.Weighed {
		price += " / kg"
	}
	return price
}

// lockedProduct gives a product that nobody else changes until the transaction ends: whoever writes products begins so.
func (s *site) lockedProduct(ctx context.Context, tx *db.Tx, id uuid.UUID) (catalog.Product, error) {
	if err := catalog.Activate(ctx, tx, s.Now()); err != nil {
		return catalog.Product{}, err
	}
	return catalog.Get(ctx, tx, id)
}

func (s *site) addProduct(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	page := productPage{form: newEntry(r.PostForm)}
	p := readProduct(ctx, page.form, catalog.Product{})
	price, err := money.Parse(page.form.get("price"))
	if err != nil {
		page.form.wrong["price"] = ui.T(ctx, "prices.price")
	}
	p.Price, p.Barcodes = price, strings.Fields(page.form.get("barcodes"))
	if len(page.form.wrong) > 0 {
		return s.showProduct(w, r, page)
	}
	if p.ID, err = uuid.NewV7(); err != nil {
		return err
	}
	err = s.change(r, func(tx *db.Tx) (users.Change, error) {
		after, err := s.writeProduct(ctx, tx, p)
		return users.Change{Kind: users.DidAddProduct, Subject: p.ID.String(), Title: after.SKU, After: stateOf(after)}, err
	})
	if page.form.blame(ctx, err, productFields) {
		return s.showProduct(w, r, page)
	}
	if err != nil {
		return err
	}
	flash(w, r, ui.ToneOK, ui.T(ctx, "product.added", "Name", language(ctx, p.Name)))
	http.Redirect(w, r, productAddress(p.ID), http.StatusSeeOther)
	return nil
}

// writeProduct gives the product as it is then.
func (s *site) writeProduct(ctx context.Context, tx *db.Tx, p catalog.Product) (catalog.Product, error) {
	if _, err := catalog.PutProducts(ctx, tx, s.Now(), []catalog.Product{p}); err != nil {
		return catalog.Product{}, err
	}
	return catalog.Get(ctx, tx, p.ID)
}

func (s *site) editProduct(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	now, err := s.productOf(r)
	if err != nil {
		return err
	}
	page := productPage{Product: now, form: newEntry(r.PostForm)}
	if readProduct(ctx, page.form, now); len(page.form.wrong) > 0 {
		return s.showProduct(w, r, page)
	}
	err = s.changeProduct(r, users.DidEditProduct, func(tx *db.Tx, was catalog.Product) error {
		page.Product = was
		if err := page.form.same(productValues(ctx, was)); err != nil {
			return err
		}
		_, err := catalog.PutProducts(ctx, tx, s.Now(), []catalog.Product{readProduct(ctx, page.form, was)})
		return err
	})
	switch {
	case errors.Is(err, errMeanwhile):
		categories, err := catalog.Categories(ctx, s.DB)
		if err != nil {
			return err
		}
		page.wrong = ui.Explain(ctx, errMeanwhile)
		page.form.compare(ctx, productValues(ctx, page.Product), productNames, func(name string, values []string) string {
			return shownValue(ctx, name, values, categories)
		})
		return s.showProduct(w, r, page)
	case page.form.blame(ctx, err, productFields):
		return s.showProduct(w, r, page)
	case err != nil:
		return err
	}
	return s.backToProduct(w, r, now.ID, ui.T(ctx, "product.saved"))
}

func (s *site) retireProduct(w http.ResponseWriter, r *http.Request) error {
	return s.doProduct(w, r, users.DidRetireProduct, "product.retired_done", func(tx *db.Tx, was catalog.Product) error {
		return catalog.Retire(r.Context(), tx, s.Now(), was.ID)
	})
}

// restoreProduct brings a retired product back, as it was.
func (s *site) restoreProduct(w http.ResponseWriter, r *http.Request) error {
	return s.doProduct(w, r, users.DidRestoreProduct, "product.restored", func(tx *db.Tx, was catalog.Product) error {
		_, err := catalog.PutProducts(r.Context(), tx, s.Now(), []catalog.Product{was})
		return err
	})
}

func (s *site) addBarcode(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	now, err := s.productOf(r)
	if err != nil {
		return err
	}
	code := strings.TrimSpace(r.PostFormValue("barcode"))
	err = s.changeProduct(r, users.DidEditProduct, func(tx *db.Tx, was catalog.Product) error {
		was.Barcodes = append(was.Barcodes, code)
		_, err := catalog.PutProducts(ctx, tx, s.Now(), []catalog.Product{was})
		return err
	})
	page := productPage{Product: now, form: newEntry(productValues(ctx, now)), barcode: newEntry(r.PostForm)}
	if page.barcode.blame(ctx, err, map[string]string{
		"product.barcode": "barcode", "product.barcode_check": "barcode", "product.barcode_taken": "barcode",
	}) {
		return s.showProduct(w, r, page)
	}
	if err != nil {
		return err
	}
	return s.backToProduct(w, r, now.ID, ui.T(ctx, "product.barcode_added", "Code", code))
}

func (s *site) removeBarcode(w http.ResponseWriter, r *http.Request) error {
	return s.doProduct(w, r, users.DidEditProduct, "product.barcode_removed", func(tx *db.Tx, was catalog.Product) error {
		at := slices.Index(was.Barcodes, r.PathValue("code"))
		if at < 0 {
			return &retail.Error{Code: retail.NotFound, Key: "product.no_barcode"}
		}
		was.Barcodes = slices.Delete(was.Barcodes, at, at+1)
		_, err := catalog.PutProducts(r.Context(), tx, s.Now(), []catalog.Product{was})
		return err
	})
}

// changeProduct changes the product that the address names. Of a retired one nothing is changed but that it is: writing it would sell
// it again.
func (s *site) changeProduct(r *http.Request, kind users.ChangeKind, do func(tx *db.Tx, was catalog.Product) error) error {
	ctx := r.Context()
	id, err := idOf(r.PathValue("product"))
	if err != nil {
		return err
	}
	return s.change(r, func(tx *db.Tx) (c users.Change, err error) {
		was, err := s.lockedProduct(ctx, tx, id)
		if err != nil {
			return c, err
		}
		if retired := was.RetiredAt != nil; retired != (kind == users.DidRestoreProduct) {
			return c, &retail.Error{Code: retail.Conflict, Key: "error.conflict"}
		}
		before := stateOf(was)
		was.Barcodes = slices.Clone(was.Barcodes)
		if err := do(tx, was); err != nil {
			return c, err
		}
		now, err := catalog.Get(ctx, tx, id)
		return users.Change{Kind: kind, Subject: id.String(), Title: now.SKU, Before: before, After: stateOf(now)}, err
	})
}

// doProduct changes a product and says so on its page.
func (s *site) doProduct(
	w http.ResponseWriter, r *http.Request, kind users.ChangeKind, done string, do func(tx *db.Tx, was catalog.Product) error,
) error {
	if err := s.changeProduct(r, kind, do); err != nil {
		return err
	}
	now, err := s.productOf(r)
	if err != nil {
		return err
	}
	return s.backToProduct(w, r, now.ID, ui.T(r.Context(), done, "Name", language(r.Context(), now.Name)))
}

func (s *site) backToProduct(w http.ResponseWriter, r *http.Request, id uuid.UUID, done string) error {
	flash(w, r, ui.ToneOK, done)
	http.Redirect(w, r, productAddress(id), http.StatusSeeOther)
	return nil
}

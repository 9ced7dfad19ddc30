package web_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// maple is a barcode, and mapleUPC another way to write it.
const (
	maple    = "0064100204317"
	mapleUPC = "064100204317"
)

func productAt(p catalog.Product) string { return "/catalogue/products/" + p.ID.String() }

// productForm is the form of a product as its page has it now, with some of its fields changed.
func (v visitor) productForm(p catalog.Product, changes ...string) []string {
	v.w.t.Helper()
	_, page, _ := v.get(productAt(p))
	version := regexp.MustCompile(`name="version" value="([0-9a-f]+)"`).FindStringSubmatch(page)
	require.Len(v.w.t, version, 2, page)
	return with([]string{
		"version", version[1], "sku", p.SKU, "name_fr", p.Name.FR, "name_en", p.Name.EN, "category", p.Category.String(),
		"cost", p.Cost.Plain("fr"), "tax_class", "1", "pack", "12", "label", "0", "favourite", "", "rule_group", "", "rule_from", "", "rule_class", "1",
	}, changes...)
}

// with changes values of pairs of a name and a value, or adds them.
func with(pairs []string, changes ...string) []string {
	pairs = slices.Clone(pairs)
	for i := 0; i < len(changes); i += 2 {
		at := slices.Index(pairs, changes[i])
		if at < 0 || at%2 != 0 {
			pairs = append(pairs, changes[i], changes[i+1])
			continue
		}
		pairs[at+1] = changes[i+1]
	}
	return pairs
}

// wrongAt is what a page says beside a field.
func wrongAt(page, name string) string {
	found := regexp.MustCompile(`(?s)id="field-` + name + `-note">(?:<svg.*?</svg>)?\s*([^<]*?)\s*</p>`).FindStringSubmatch(page)
	if found == nil {
		return ""
	}
	return found[1]
}

func (w *world) product(id uuid.UUID) catalog.Product {
	w.t.Helper()
	p, err := catalog.Get(w.t.Context(), w.db, id)
	require.NoError(w.t, err)
	return p
}

func (w *world) changesOf(kind users.ChangeKind) []users.Recorded {
	w.t.Helper()
	all, err := users.Audit(w.t.Context(), w.db, users.AuditFilter{Kind: kind, Limit: 100})
	require.NoError(w.t, err)
	return all
}

// A manager adds a product with everything that one has.
func TestAProductIsAdded(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	w.tx(func(tx *db.Tx) error {
		return catalog.PutCharges(t.Context(), tx, retail.Charge{Code: "CONS10", Name: retail.Text{FR: "Consigne"}, Unit: 10, Class: retail.Exempt})
	})
	v := w.as(retail.RoleManager)
	_, page, _ := v.get("/catalogue")
	require.Contains(t, page, `href="/catalogue/products/new"`)
	_, page, _ = v.get("/catalogue/products/new")
	require.Contains(t, page, "Consigne · 0,10\u00a0$ · CONS10")

	form := []string{
		"sku", " 555 ", "name_fr", "Beurre d’érable", "name_en", "Maple butter", "category", c.syrup.Category.String(), "price", "8,99", "cost", "5,10",
		"tax_class", "2", "pack", "6", "favourite", "3", "barcodes", mapleUPC + " 4006381333931", "weighed", "yes", "made_here", "yes", "open_price", "yes",
		"charge", "CONS10", "label", "1", "rule_group", "tartinades", "rule_from", "6", "rule_class", "1",
	}
	for name, wrong := range map[string]struct{ value, said string }{
		"sku":       {"310412", "Un autre produit a le numéro (UGS) 310412."},
		"name_fr":   {strings.Repeat("é", 201), "200 caractères au plus."},
		"price":     {"cher", "Ce n’est pas un prix."},
		"cost":      {"1,2345", "Ce n’est pas un prix."},
		"pack":      {"0", "Un nombre entier de 1 à 100\u00a0000."},
		"favourite": {"-1", "Un nombre entier de 0 à 10\u00a0000."},
		"category":  {uuid.NewString(), "Le produit 555 nomme une catégorie qui n’existe pas."},
		"barcodes":  {"064100204318", "Le chiffre de contrôle de «\u00a0064100204318\u00a0» est faux\u00a0: scannez l’article, ou relisez le code."},
		"rule_from": {"six", "«\u00a0six\u00a0» n’est pas une quantité."},
	} {
		status, page, _ := v.post("/catalogue/products", with(form, name, wrong.value)...)
		require.Equal(t, http.StatusUnprocessableEntity, status, name)
		require.Equal(t, wrong.said, wrongAt(page, name))
		require.Contains(t, page, `value="Maple butter"`, "what was typed stays")
		require.Contains(t, page, `name="weighed" value="yes" checked`)
	}
	_, page, _ = v.post("/catalogue/products", with(form, "name_fr", "", "name_en", " ")...)
	require.Equal(t, "Un produit a un nom, au moins dans une langue.", wrongAt(page, "name_fr"))
	_, page, _ = v.post("/catalogue/products", with(form, "sku", "")...)
	require.Equal(t, "Un produit a un numéro (UGS).", wrongAt(page, "sku"))
	_, page, _ = v.post("/catalogue/products", with(form, "price", "-1")...)
	require.Equal(t, "Un prix n’est pas négatif.", wrongAt(page, "price"))
	_, page, _ = v.post("/catalogue/products", with(form, "rule_from", "0")...)
	require.NotEmpty(t, wrongAt(page, "rule_group"))
	require.Empty(t, w.changesOf(users.DidAddProduct), "what failed is no change")

	status, _, location := v.post("/catalogue/products", form...)
	require.Equal(t, http.StatusSeeOther, status)
	require.Contains(t, v.flash(), "Beurre d’érable est au catalogue.")
	p := w.product(uuid.MustParse(strings.TrimPrefix(location, "/catalogue/products/")))
	require.Equal(t, []string{maple, "4006381333931"}, p.Barcodes)
	p.ID, p.Barcodes, p.Charges = uuid.Nil, nil, nil
	require.Equal(t, catalog.Product{Cost: 510, Product: retail.Product{
		SKU: "555", Name: retail.Text{FR: "Beurre d’érable", EN: "Maple butter"}, Category: c.syrup.Category, Price: 899, Class: retail.ZeroRated, Pack: 6,
		Favourite: 3, Weighed: true, MadeHere: true, OpenPrice: true, Label: retail.LabelWeight,
		Rule: retail.ClassRule{Group: "tartinades", From: 6 * money.One, Class: retail.Taxable},
	}}, p)
	_, page, _ = v.get(location)
	for _, shown := range []string{`value="5,10"`, `value="CONS10" checked`, `value="tartinades"`, "8,99\u00a0$ / kg", "<code>" + maple + "</code>"} {
		require.Contains(t, page, shown)
	}
	_, page, _ = w.as(retail.RoleAdministrator).get("/audit")
	require.Contains(t, page, "Produit ajouté")
	require.Contains(t, page, `href="`+location+`"`)
	require.Contains(t, page, "Épicerie", "the category by its name")
	require.NotContains(t, page, c.syrup.Category.String())
}

// A product is changed, and what somebody else changed meanwhile is not lost without a word.
func TestAProductIsChanged(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	w.draw(c.syrup, 30)
	v, other := w.as(retail.RoleManager), w.as(retail.RoleAdministrator)
	form := v.productForm(c.syrup)
	status, _, location := v.post(productAt(c.syrup), with(form, "name_fr", "Sirop ambré", "tax_class", "2")...)
	require.Equal(t, http.StatusSeeOther, status)
	require.Equal(t, productAt(c.syrup), location)
	p := w.product(c.syrup.ID)
	require.Equal(t, "Sirop ambré", p.Name.FR)
	require.Equal(t, retail.ZeroRated, p.Class)
	require.Equal(t, c.syrup.Price, p.Price)
	require.NotEmpty(t, p.Picture)
	changes := w.changesOf(users.DidEditProduct)
	require.Len(t, changes, 1)
	require.Contains(t, string(changes[0].Before), "Sirop d’érable")
	require.Contains(t, string(changes[0].After), "Sirop ambré")
	var books int
	require.NoError(t, w.db.QueryRow(t.Context(), `SELECT count(*) FROM catalog.price_book`).Scan(&books))
	require.Equal(t, 1, books, "no new version of prices")

	// The other opened the page before.
	status, page, _ := other.post(productAt(c.syrup), with(form, "name_en", "Amber syrup")...)
	require.Equal(t, http.StatusUnprocessableEntity, status)
	require.Contains(t, page, "Quelqu’un d’autre a changé ceci entre-temps.")
	require.Equal(t, "Maintenant\u00a0: Sirop ambré", wrongAt(page, "name_fr"))
	require.Equal(t, "Maintenant\u00a0: détaxé", wrongAt(page, "tax_class"))
	require.Empty(t, wrongAt(page, "sku"))
	require.Contains(t, page, `value="Amber syrup"`)
	require.Equal(t, "Sirop ambré", w.product(c.syrup.ID).Name.FR)
	again := regexp.MustCompile(`name="version" value="([0-9a-f]+)"`).FindStringSubmatch(page)[1]
	status, _, _ = other.post(productAt(c.syrup), with(form, "name_en", "Amber syrup", "version", again)...)
	require.Equal(t, http.StatusSeeOther, status)
	require.Equal(t, retail.Text{FR: "Sirop d’érable", EN: "Amber syrup"}, w.product(c.syrup.ID).Name)

	status, page, _ = v.post(productAt(c.syrup), v.productForm(c.syrup, "sku", "310412", "cost", "6,20")...)
	require.Equal(t, http.StatusUnprocessableEntity, status)
	require.Equal(t, "Un autre produit a le numéro (UGS) 310412.", wrongAt(page, "sku"))
	require.Contains(t, page, `value="6,20"`)
	require.Len(t, w.changesOf(users.DidEditProduct), 2)
	status, _, _ = v.get("/catalogue/products/" + uuid.NewString())
	require.Equal(t, http.StatusNotFound, status)
}

// A retired product is in no list but that of the retired, is not changed, and comes back as it was.
func TestAProductIsRetiredAndBroughtBack(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	v := w.as(retail.RoleManager)
	form := v.productForm(c.syrup, "name_fr", "Autre")
	v.post(productAt(c.syrup)+"/barcodes", "barcode", maple)
	listed := func(address string) bool {
		_, page, _ := v.get(address)
		return strings.Contains(page, `href="`+productAt(c.syrup)+`"`)
	}
	require.True(t, listed("/catalogue"))
	require.False(t, listed("/catalogue?retired=yes"))
	v.post(productAt(c.syrup) + "/restore")
	require.Contains(t, v.flash(), "Regardez de nouveau", "it is on sale")

	_, _, location := v.post(productAt(c.syrup) + "/retire")
	require.Equal(t, productAt(c.syrup), location)
	require.Contains(t, v.flash(), "Sirop d’érable n’est plus en vente.")
	require.False(t, listed("/catalogue"))
	require.True(t, listed("/catalogue?retired=yes"))
	_, page, _ := v.get(productAt(c.syrup))
	require.Contains(t, page, "22\u00a0nov. 2026")
	require.NotContains(t, page, `name="version"`)
	for _, deed := range []struct {
		path  string
		pairs []string
	}{{"", form}, {"/retire", nil}, {"/barcodes", []string{"barcode", "4006381333931"}}, {"/barcodes/" + maple + "/remove", nil}} {
		status, _, _ := v.post(productAt(c.syrup)+deed.path, deed.pairs...)
		require.Equal(t, http.StatusSeeOther, status)
		require.Contains(t, v.flash(), "Regardez de nouveau", deed.path)
		require.NotNil(t, w.product(c.syrup.ID).RetiredAt, "writing it would sell it again")
	}
	_, page, _ = w.as(retail.RoleManager).post("/catalogue/products", "sku", c.syrup.SKU, "name_fr", "Autre", "category", c.syrup.Category.String(), "price", "1", "tax_class", "1")
	require.NotEmpty(t, wrongAt(page, "sku"), "its SKU stays its own")

	v.post(productAt(c.syrup) + "/restore")
	require.Contains(t, v.flash(), "Sirop d’érable est de nouveau en vente.")
	p := w.product(c.syrup.ID)
	require.Nil(t, p.RetiredAt)
	require.Equal(t, []string{maple}, p.Barcodes)
	require.Equal(t, "Sirop d’érable", p.Name.FR)
	require.Len(t, w.changesOf(users.DidRetireProduct), 1)
	require.Len(t, w.changesOf(users.DidRestoreProduct), 1)
}

func TestBarcodesAreAddedAndRemoved(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	v := w.as(retail.RoleManager)
	at := productAt(c.syrup) + "/barcodes"
	status, _, location := v.post(at, "barcode", " "+mapleUPC)
	require.Equal(t, http.StatusSeeOther, status)
	require.Equal(t, productAt(c.syrup), location)
	require.Equal(t, []string{maple}, w.product(c.syrup.ID).Barcodes)
	for code, said := range map[string]string{
		"064100204318": "Le chiffre de contrôle de «\u00a0064100204318\u00a0» est faux\u00a0: scannez l’article, ou relisez le code.",
		"beurre":       "«\u00a0beurre\u00a0» n’est pas un code-barres.",
		"12345":        "«\u00a012345\u00a0» n’est pas un code-barres.",
	} {
		status, page, _ := v.post(at, "barcode", code)
		require.Equal(t, http.StatusUnprocessableEntity, status)
		require.Equal(t, said, wrongAt(page, "barcode"))
		require.Contains(t, page, `value="`+code+`"`)
	}
	_, page, _ := v.post(productAt(c.soap)+"/barcodes", "barcode", maple)
	require.Equal(t, "Le code-barres "+maple+" est celui du produit 204310.", wrongAt(page, "barcode"))
	require.Empty(t, w.product(c.soap.ID).Barcodes)
	require.Len(t, w.changesOf(users.DidEditProduct), 1)

	v.post(at + "/" + maple + "/remove")
	require.Empty(t, w.product(c.syrup.ID).Barcodes)
	v.post(at + "/" + maple + "/remove")
	require.Contains(t, v.flash(), "n’a pas ce code-barres")
	require.Len(t, w.changesOf(users.DidEditProduct), 2)
}

// Who sees one store only reads the catalogue: a product is that of all.
func TestWhoSeesSomeStoresChangesNoProduct(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	w.keepTo(c.north)
	v := w.as(retail.RoleManager)
	_, page, _ := v.get("/catalogue")
	require.NotContains(t, page, productAt(c.syrup))
	require.NotContains(t, page, "/catalogue/products/new")
	for _, path := range []string{"/catalogue/products", productAt(c.syrup), productAt(c.syrup) + "/retire", productAt(c.syrup) + "/barcodes"} {
		status, _, _ := v.post(path)
		require.Equal(t, http.StatusForbidden, status, path)
	}
}

// productPages adds the pages of products, one of them retired.
func (w *world) productPages(pages map[string]string) {
	w.t.Helper()
	found, err := catalog.Search(w.t.Context(), w.db, catalog.Filter{Text: "agenda", Lang: "fr", Limit: 2})
	require.NoError(w.t, err)
	w.tx(func(tx *db.Tx) error { return catalog.Retire(w.t.Context(), tx, sunday, found.Products[1].ID) })
	pages["product-new"], pages["product"], pages["product-retired"] = "/catalogue/products/new", productAt(found.Products[0]), productAt(found.Products[1])
	pages["locations"] = "/stores/locations"
	pages["rights"] = "/people/rights?role=cashier"
	pages["catalogue-retired"], pages["categories"], pages["taxes"] = "/catalogue?retired=yes", "/catalogue/categories", "/catalogue/taxes"
}

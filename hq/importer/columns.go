package importer

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Kind is what a file lists.
type Kind string

// The kinds. Charges are container deposits and eco-fees; products refer to them by code. Taxes are rates with the days they are charged,
// and the classes of product. Stock refers to stores by their code and to products by SKU or barcode, which must be there.
const (
	Products Kind = "products"
	Stores   Kind = "stores"
	Stock    Kind = "stock"
	Charges  Kind = "charges"
	Taxes    Kind = "taxes"
	// Of products that are there.
	Prices    Kind = "prices"
	Barcodes  Kind = "barcodes"
	Customers Kind = "customers"
	// Adjustments are corrections of stock, such as what was thrown away.
	Adjustments Kind = "adjustments"
	// Sales are receipts that another system wrote, before. They are in the reports; they move no stock and are in no journal.
	Sales Kind = "sales"
)

// Kinds are all, in the order in which they refer to one another.
func Kinds() []Kind {
	return []Kind{Stores, Charges, Taxes, Products, Prices, Barcodes, Adjustments, Stock, Customers, Sales}
}

// Columns are what Bad.Column may say.
func Columns() []string {
	var all []string
	for _, kind := range Kinds() {
		for c := range spellings[kind] {
			all = append(all, string(c))
		}
	}
	return all
}

// column is a thing that a file may say of each row.
type column string

const (
	colSKU       column = "SKU"
	colName      column = "name"
	colNameFR    column = "French name"
	colNameEN    column = "English name"
	colCategory  column = "category"
	colCost      column = "cost"
	colPrice     column = "price"
	colBarcode   column = "barcode"
	colTax       column = "tax"
	colExempt    column = "tax exempt"
	colPack      column = "pack"
	colOpenPrice column = "open price"
	colWeighed   column = "weighed"
	colLabel     column = "label"
	colStore     column = "store"
	colCity      column = "city"
	colAddress   column = "address"
	colZone      column = "time zone"
	colCurrency  column = "currency"
	colType      column = "type"
	colOnHand    column = "stock on hand"
	colCode      column = "code"
	colCharges   column = "charges"
	colTaxRule   column = "tax rule"
	colRate      column = "rate"
	colClasses   column = "classes"
	colFrom      column = "from"
	colTo        column = "to"
	colIncluded  column = "included"
	colNumber    column = "registration"
	colPlace     column = "place"
	colFirstName column = "first name"
	colPhone     column = "phone"
	colEmail     column = "e-mail"
	colReceipt   column = "receipt"
	colDate      column = "date"
	colTime      column = "time"
	colQuantity  column = "quantity"
	colAmount    column = "amount"
	colTender    column = "tender"
	colCashier   column = "cashier"
	colChange    column = "change"
	colWaste     column = "waste"
	colCause     column = "cause"
)

// spellings are the headings a column is known by, folded.
var spellings = map[Kind]map[column][]string{
	Products: {
		colSKU:       {"productid", "sku", "code", "productcode", "article", "codearticle", "codeproduit", "itemid", "itemcode"},
		colName:      {"name", "productname", "product", "nom", "nomproduit", "nomduproduit", "description", "designation", "libelle", "produit"},
		colNameFR:    {"namefr", "nomfr", "nomfrancais", "frenchname", "productnamefr"},
		colNameEN:    {"nameen", "nomen", "nomanglais", "englishname", "productnameen"},
		colCategory:  {"category", "productcategory", "categorie", "department", "rayon"},
		colCost:      {"cost", "productcost", "unitcost", "cout", "coutant", "prixcoutant", "wholesaleprice", "currentwholesaleprice"},
		colPrice:     {"price", "productprice", "unitprice", "prix", "prixdevente", "prixunitaire", "retailprice", "currentretailprice"},
		colBarcode:   {"barcode", "barcodes", "ean", "ean13", "upc", "gtin", "codebarres", "codeabarres", "codesbarres", "cup"},
		colTax:       {"tax", "taxclass", "taxe", "taxable", "taxes", "classedetaxe"},
		colExempt:    {"taxexempt", "taxexemptyn", "exempt", "exemptdetaxe", "exonere"},
		colOpenPrice: {"openprice", "prixouvert", "askprice", "prixademander"},
		colWeighed:   {"weighed", "byweight", "aupoids", "pese"},
		colLabel:     {"label", "scalelabel", "etiquette", "etiquettebalance"},
		colCharges:   {"charges", "deposits", "deposit", "fees", "ecofees", "consigne", "consignes", "ecofrais", "frais"},
		colTaxRule:   {"taxrule", "regledetaxe"},
		colPack:      {"pack", "case", "casesize", "unitspercase", "caisse", "unitesparcaisse"},
	},
	Charges: {
		colCode:   {"code", "charge", "chargecode", "deposit", "fee", "consigne", "frais"},
		colName:   {"name", "nom", "description", "libelle"},
		colNameFR: {"namefr", "nomfr", "nomfrancais", "frenchname"},
		colNameEN: {"nameen", "nomen", "nomanglais", "englishname"},
		colPrice:  {"amount", "montant", "price", "prix"},
		colTax:    {"tax", "taxclass", "taxe", "taxable", "taxes", "classedetaxe"},
	},
	Taxes: {
		colCode:     {"code", "tax", "taxe"},
		colName:     {"name", "nom", "description", "libelle"},
		colNameFR:   {"namefr", "nomfr", "nomfrancais", "frenchname"},
		colNameEN:   {"nameen", "nomen", "nomanglais", "englishname"},
		colRate:     {"rate", "taux", "percent", "pourcentage"},
		colClasses:  {"classes", "class", "taxclasses", "taxclass", "classe"},
		colFrom:     {"from", "fromdate", "validfrom", "depuis", "du", "datededebut"},
		colTo:       {"to", "todate", "until", "validto", "jusque", "au", "datedefin"},
		colIncluded: {"included", "priceincludes", "inclus", "incluse", "comprise"},
		colNumber:   {"registration", "registrationnumber", "number", "numero", "inscription"},
		colPlace:    {"place", "order", "ordre", "rang"},
	},
	Stores: {
		colStore:    {"storeid", "store", "code", "storecode", "magasin", "codemagasin", "nomagasin", "locationcode", "emplacement", "salesoutletid", "outlet"},
		colName:     {"name", "storename", "nom", "nomdumagasin", "nommagasin"},
		colCity:     {"city", "storecity", "ville"},
		colAddress:  {"address", "storeaddress", "adresse", "street", "rue"},
		colZone:     {"zone", "timezone", "fuseau", "fuseauhoraire"},
		colCurrency: {"currency", "devise", "monnaie"},
		colType:     {"kind", "type", "genre", "locationtype", "salesoutlettype"},
	},
	Stock: {
		colStore:  {"storeid", "store", "storecode", "magasin", "codemagasin", "location", "locationcode", "emplacement", "code"},
		colSKU:    {"productid", "product", "sku", "productcode", "produit", "article", "codeproduit", "barcode", "codebarres", "upc", "ean"},
		colOnHand: {"stockonhand", "onhand", "stock", "quantity", "quantite", "qty", "qte", "enstock", "inventaire", "inventory"},
		colCost:   {"cost", "unitcost", "cout", "coutant"},
	},
	Prices: {
		colSKU:   anyProduct,
		colPrice: {"price", "productprice", "unitprice", "prix", "prixdevente", "prixunitaire", "retailprice", "newprice", "nouveauprix"},
		colStore: {"store", "storeid", "storecode", "magasin", "codemagasin", "nomagasin", "succursale"},
	},
	Barcodes: {
		colSKU:     {"productid", "product", "sku", "productcode", "produit", "article", "codearticle", "codeproduit", "code", "itemid", "itemcode"},
		colBarcode: {"barcode", "barcodes", "ean", "ean13", "upc", "gtin", "codebarres", "codeabarres", "codesbarres", "cup"},
	},
	Customers: {
		colCode:      {"customerid", "customer", "id", "code", "number", "customernumber", "client", "noclient", "numeroclient", "codeclient", "numero"},
		colName:      {"name", "customername", "fullname", "lastname", "nom", "nomduclient", "nomclient", "nomdefamille", "surname"},
		colFirstName: {"firstname", "prenom", "givenname"},
		colPhone:     {"phone", "telephone", "tel", "phonenumber", "mobile", "cellulaire"},
		colEmail:     {"email", "emailaddress", "mail", "courriel", "adressecourriel", "adresseelectronique"},
		colStore:     {"store", "storeid", "storecode", "magasin", "codemagasin", "succursale"},
	},
	Adjustments: {
		colStore:  {"store", "storeid", "storecode", "salesoutletid", "outlet", "magasin", "codemagasin", "nomagasin", "succursale", "location", "emplacement"},
		colSKU:    anyProduct,
		colDate:   {"date", "transactiondate", "day", "jour"},
		colTime:   {"time", "transactiontime", "heure"},
		colChange: {"change", "adjustment", "difference", "ecart", "ajustement", "correction"},
		colWaste:  {"waste", "wasted", "loss", "perte", "pertes", "gaspillage"},
		colCause:  {"cause", "reason", "raison", "motif"},
	},
	Sales: {
		colReceipt:  {"receipt", "receiptid", "receiptnumber", "saleid", "transactionid", "transaction", "invoice", "invoiceno", "ticket", "facture", "recu", "nofacture", "norecu", "noticket"},
		colStore:    {"store", "storeid", "storecode", "salesoutletid", "outlet", "magasin", "codemagasin", "nomagasin", "succursale"},
		colDate:     {"date", "transactiondate", "invoicedate", "saledate", "datedevente", "datevente", "jour"},
		colTime:     {"time", "transactiontime", "saletime", "heure"},
		colSKU:      anyProduct,
		colQuantity: {"units", "quantity", "qty", "quantite", "qte", "unites", "nombre"},
		colPrice:    {"price", "unitprice", "prix", "prixunitaire"},
		colAmount:   {"amount", "lineamount", "lineitemamount", "linetotal", "montant", "total", "revenue", "revenu"},
		colTender:   {"tender", "payment", "paymentmethod", "paiement", "modedepaiement"},
		colCashier:  {"cashier", "staff", "staffid", "seller", "salesperson", "caissier", "caissiere", "employe", "vendeur"},
	},
}

// anyProduct are the headings of what names a product that is there: its SKU or a barcode.
var anyProduct = []string{
	"productid", "product", "sku", "productcode", "produit", "article", "codearticle", "codeproduit", "code", "stockcode", "itemid", "itemcode",
	"barcode", "codebarres", "codeabarres", "upc", "ean", "ean13", "gtin", "cup",
}

// needed must all be there, or one of those in a group.
var needed = map[Kind][][]column{
	Products:    {{colSKU, colBarcode}, {colName, colNameFR, colNameEN}},
	Stores:      {{colStore}, {colName}},
	Stock:       {{colStore}, {colSKU}, {colOnHand}},
	Charges:     {{colCode}, {colName, colNameFR, colNameEN}, {colPrice}},
	Taxes:       {{colCode}, {colRate}, {colFrom}},
	Prices:      {{colSKU}, {colPrice}},
	Barcodes:    {{colSKU}, {colBarcode}},
	Customers:   {{colName}, {colCode, colEmail, colPhone}},
	Adjustments: {{colStore}, {colSKU}, {colDate}, {colChange, colWaste}},
	Sales:       {{colReceipt}, {colDate}, {colSKU}, {colQuantity}},
}

// header says in which field of a row each column is.
type header struct {
	at      map[column]int
	fields  int
	ignored []string
}

// heading is the first row, understood for a kind.
func heading(kind Kind, names []string) (header, error) {
	h := header{at: map[column]int{}, fields: len(names)}
	for i, name := range names {
		name = clean(name)
		c, known := columnOf(kind, fold(name))
		switch first, twice := h.at[c]; {
		case name == "":
		case !known || kind != Taxes && strings.Contains(name, "%"): // a part of something: only a rate is one
			h.ignored = append(h.ignored, name)
		case twice:
			return h, fmt.Errorf("two columns for the %s: %q and %q", c, clean(names[first]), name)
		default:
			h.at[c] = i
		}
	}
	for _, group := range needed[kind] {
		if !slices.ContainsFunc(group, func(c column) bool { _, ok := h.at[c]; return ok }) {
			return h, fmt.Errorf("no column for the %s; the first line has %q", group[0], names)
		}
	}
	return h, nil
}

func columnOf(kind Kind, folded string) (column, bool) {
	for c, names := range spellings[kind] {
		if slices.Contains(names, folded) {
			return c, true
		}
	}
	return "", false
}

// fold leaves the letters and digits of a heading: "Product_ID" and "product id" are one, "Coût" and "cout" too.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFD.String(s))
}

// clean takes control characters and byte order marks out of a field, and the spaces around it. Line ends within it become
// spaces.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case unicode.IsControl(r) || r == '\ufeff':
			return -1
		}
		return r
	}, s)
	return norm.NFC.String(strings.TrimSpace(s))
}

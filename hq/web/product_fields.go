package web

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/ui"
	"comptant/shared/money"
	"comptant/shared/retail"
)

const (
	// The longest SKU and name, in characters; they are also those of the API.
	mostSKU  = 60
	mostName = 200
	// mostPack is the most units in a case, mostPlace the last place on the tills' first page.
	mostPack  = 100_000
	mostPlace = 10_000
	// yes is what a ticked box sends.
	yes = "yes"
)

// productNames are the fields of a product's form that are written when it is saved.
var productNames = []string{
	"sku", "name_fr", "name_en", "category", "cost", "tax_class", "pack", "weighed", "label", "made_here", "open_price", "favourite",
	"charge", "rule_group", "rule_from", "rule_class",
}

// productFields are the fields beside which errors of the catalogue are said.
var productFields = map[string]string{
	"product.sku": "sku", "product.sku_taken": "sku", "product.name": "name_fr", "product.category": "category", "product.price": "price",
	"product.cost": "cost", "product.tax_class": "tax_class", "product.tax_rule": "rule_group", "product.charge": "charge",
	"product.barcode": "barcodes", "product.barcode_check": "barcodes", "product.barcode_taken": "barcodes",
}

// productValues is what the form says of a product.
func productValues(ctx context.Context, p catalog.Product) url.Values {
	v := url.Values{
		"sku": {p.SKU}, "name_fr": {p.Name.FR}, "name_en": {p.Name.EN}, "category": {p.Category.String()},
		"tax_class": {strconv.Itoa(int(p.Class))}, "pack": {strconv.Itoa(p.Pack)}, "label": {strconv.Itoa(int(p.Label))},
	}
	if p.Cost > 0 {
		v.Set("cost", ui.PlainMoney(ctx, p.Cost))
	}
	if p.Favourite > 0 {
		v.Set("favourite", strconv.Itoa(p.Favourite))
	}
	for name, is := range map[string]bool{"weighed": p.Weighed, "made_here": p.MadeHere, "open_price": p.OpenPrice} {
		if is {
			v.Set(name, yes)
		}
	}
	for _, c := range p.Charges {
		v.Add("charge", c.Code)
	}
	slices.Sort(v["charge"]) // as the form has them
	if p.Rule.Group != "" {
		v.Set("rule_group", p.Rule.Group)
		v.Set("rule_from", ui.Quantity(ctx, p.Rule.From))
		v.Set("rule_class", strconv.Itoa(int(p.Rule.Class)))
	}
	return v
}

// readProduct puts what was typed into a product; what cannot be read is said beside its field.
func readProduct(ctx context.Context, e entry, p catalog.Product) catalog.Product {
	e.short(ctx, "sku", mostSKU)
	e.short(ctx, "name_fr", mostName)
	e.short(ctx, "name_en", mostName)
	p.SKU, p.Name = e.get("sku"), retail.Text{FR: e.get("name_fr"), EN: e.get("name_en")}
	p.Category, _ = uuid.Parse(e.get("category")) // the catalogue refuses one that does not exist
	p.Cost = 0
	if typed := e.get("cost"); typed != "" {
		var err error
		if p.Cost, err = money.Parse(typed); err != nil {
			e.wrong["cost"] = ui.T(ctx, "prices.price")
		}
	}
	p.Class = retail.TaxClass(e.number(ctx, "tax_class", 1, int(retail.MostClass)))
	p.Pack, p.Favourite = e.number(ctx, "pack", 1, mostPack), e.number(ctx, "favourite", 0, mostPlace)
	p.Label = retail.Label(e.number(ctx, "label", 0, int(retail.LabelChecked)))
	p.Weighed, p.MadeHere, p.OpenPrice = e.ticked("weighed", yes), e.ticked("made_here", yes), e.ticked("open_price", yes)
	p.Charges = chosenCharges(p.Charges, e.values["charge"])
	p.Rule = retail.ClassRule{}
	if group := strings.TrimSpace(e.get("rule_group")); group != "" {
		from, err := money.ParseQuantity(e.get("rule_from"))
		if err != nil {
			e.wrong["rule_from"] = ui.T(ctx, "restock.quantity", "Value", e.get("rule_from"))
		}
		p.Rule = retail.ClassRule{Group: group, From: from, Class: retail.TaxClass(e.number(ctx, "rule_class", 1, int(retail.MostClass)))}
	}
	return p
}

// chosenCharges keeps the order that the charges of a product have; others come after.
func chosenCharges(was []retail.Charge, codes []string) []retail.Charge {
	var chosen []retail.Charge
	for _, c := range was {
		if slices.Contains(codes, c.Code) {
			chosen = append(chosen, c)
		}
	}
	for _, code := range codes {
		if !slices.ContainsFunc(was, func(c retail.Charge) bool { return c.Code == code }) {
			chosen = append(chosen, retail.Charge{Code: code})
		}
	}
	return chosen
}

// shownValue is what a field says, as people read it.
func shownValue(ctx context.Context, name string, values []string, categories []retail.Category) string {
	said := strings.Join(values, ", ")
	number, _ := strconv.Atoi(said)
	switch {
	case name == "category":
		for _, c := range categories {
			if c.ID.String() == said {
				return language(ctx, c.Name)
			}
		}
	case name == "label":
		return ui.T(ctx, labelKeys[retail.Label(number)])
	case said == yes:
		return ui.T(ctx, "answer.yes")
	case said == "":
		return ui.T(ctx, "answer.none")
	case name == "tax_class", name == "rule_class":
		return classWord(ctx, retail.TaxClass(number))
	}
	return said
}

// classKeys are the words for the tax classes that have a name.
var classKeys = map[retail.TaxClass]string{
	retail.Taxable: "catalogue.taxable", retail.ZeroRated: "catalogue.zero_rated", retail.Exempt: "catalogue.exempt",
}

func classWord(ctx context.Context, class retail.TaxClass) string {
	if key, ok := classKeys[class]; ok {
		return ui.T(ctx, key)
	}
	return ui.T(ctx, "catalogue.class", "Number", int(class))
}

// taxClasses are those with a name, those that some tax is charged on, and one more.
func taxClasses(rates retail.TaxTable, more retail.TaxClass) []retail.TaxClass {
	classes := []retail.TaxClass{retail.Taxable, retail.ZeroRated, retail.Exempt}
	if more > 0 {
		classes = append(classes, more)
	}
	for _, rate := range rates {
		classes = append(classes, rate.Classes...)
	}
	slices.Sort(classes)
	return slices.Compact(classes)
}

// labelKeys are the words for what the labels of a scale say.
var labelKeys = map[retail.Label]string{
	0: "answer.none", retail.LabelWeight: "label.weight", retail.LabelPrice: "label.price", retail.LabelChecked: "label.checked",
}

func (p productPage) categoryOptions(ctx context.Context) []ui.Option {
	options := make([]ui.Option, len(p.categories))
	for i, c := range p.categories {
		options[i] = ui.Option{Value: c.ID.String(), Label: language(ctx, c.Name)}
	}
	return options
}

func (p productPage) classOptions(ctx context.Context) []ui.Option {
	options := make([]ui.Option, len(p.classes))
	for i, class := range p.classes {
		options[i] = ui.Option{Value: strconv.Itoa(int(class)), Label: classWord(ctx, class)}
	}
	return options
}

func (p productPage) labelOptions(ctx context.Context) []ui.Option {
	options := make([]ui.Option, len(labelKeys))
	for label, key := range labelKeys {
		options[label] = ui.Option{Value: strconv.Itoa(int(label)), Label: ui.T(ctx, key)}
	}
	return options
}

// productState is a product as the audit log keeps it.
type productState struct {
	SKU       string          `json:"sku"`
	NameFR    string          `json:"name_fr,omitempty"`
	NameEN    string          `json:"name_en,omitempty"`
	Category  uuid.UUID       `json:"category"`
	Price     money.Amount    `json:"price_cents"`
	Cost      money.Amount    `json:"cost_cents,omitempty"`
	Class     retail.TaxClass `json:"tax_class"`
	Barcodes  string          `json:"barcodes,omitempty"`
	Pack      int             `json:"pack,omitempty"`
	Weighed   bool            `json:"weighed,omitempty"`
	Label     retail.Label    `json:"label,omitempty"`
	MadeHere  bool            `json:"made_here,omitempty"`
	OpenPrice bool            `json:"open_price,omitempty"`
	Favourite int             `json:"favourite,omitempty"`
	Charges   string          `json:"charges,omitempty"`
	Rule      string          `json:"tax_rule,omitempty"`
	Retired   bool            `json:"retired,omitempty"`
}

func stateOf(p catalog.Product) productState {
	codes := make([]string, len(p.Charges))
	for i, c := range p.Charges {
		codes[i] = c.Code
	}
	state := productState{
		SKU: p.SKU, NameFR: p.Name.FR, NameEN: p.Name.EN, Category: p.Category, Price: p.Price, Cost: p.Cost, Class: p.Class,
		Barcodes: strings.Join(p.Barcodes, ", "), Pack: p.Pack, Weighed: p.Weighed, Label: p.Label, MadeHere: p.MadeHere,
		OpenPrice: p.OpenPrice, Favourite: p.Favourite, Charges: strings.Join(codes, ", "), Retired: p.RetiredAt != nil,
	}
	if p.Rule.Group != "" {
		state.Rule = p.Rule.Group + " " + p.Rule.From.Format("en") + " " + strconv.Itoa(int(p.Rule.Class))
	}
	return state
}

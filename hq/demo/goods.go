package demo

import (
	_ "embed"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/shared/barcode"
	"comptant/shared/money"
	"comptant/shared/retail"
)

//go:embed goods.txt
var goods string

// upcPrefix begins the barcodes: a UPC-A of number system 4, which GS1 leaves to retailers for their own goods, so that none
// is a manufacturer's. The six digits of the SKU follow.
const upcPrefix = "040010"

// namespace makes ids out of names: the same product has the same id in every demo.
var namespace = uuid.MustParse("0190d3e0-0000-7000-8000-c0397a070000")

func id(kind, name string) uuid.UUID { return uuid.NewSHA1(namespace, []byte(kind+" "+name)) }

// favourites are the first page of the till's tiles, in order.
var favourites = []string{
	"Café filtre, moyen", "Café filtre, grand", "Thé vert, moyen", "Chocolat chaud",
	"Timbits assortis", "Beigne érable", "Bagel sésame", "Muffin aux bleuets",
	"Croissant au beurre", "Sandwich jambon-gruyère", "Soupe du jour, 300 ml", "Salade de quinoa",
	"Eau de source, 500 ml", "Jus d’orange, 300 ml", "Cola, 355 ml", "Lait 2 %, 1 l",
	"Yogourt à la vanille, 175 g", "Pommes Cortland, kg", "Bananes, kg", "Sirop d’érable ambré, 540 ml",
}

// assortment is everything that is sold.
type assortment struct {
	categories []retail.Category
	products   []catalog.Product
	charges    []retail.Charge
}

// traits are what a category says of its products, unless a family says otherwise.
type traits struct {
	code     string
	category uuid.UUID
	class    retail.TaxClass
	cost     float64 // part of the price
	pack     int
	weighed  bool
	madeHere bool
	charges  []retail.Charge
	rule     retail.ClassRule
}

// readGoods makes the assortment out of goods.txt, whose head describes its form.
func readGoods() (assortment, error) {
	var all assortment
	var section traits
	family := 0
	for n, line := range strings.Split(goods, "\n") {
		var err error
		switch head, isSection := strings.CutPrefix(line, "== "); {
		case line == "" || line[0] == '#':
		case isSection:
			section, err = all.section(fields(head))
			family = 0
		default:
			family++
			err = all.family(section, family, fields(line))
		}
		if err != nil {
			return all, fmt.Errorf("goods.txt, line %d: %w", n+1, err)
		}
	}
	return all, nil
}

func fields(line string) []string {
	parts := strings.Split(line, "|")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}

func (all *assortment) section(f []string) (traits, error) {
	if len(f) != 6 {
		return traits{}, fmt.Errorf("%d fields, want 6", len(f))
	}
	c := retail.Category{ID: id("category", f[0]), Name: retail.Text{FR: f[1], EN: f[2]}, Order: len(all.categories) + 1}
	t := traits{code: f[0], category: c.ID}
	all.categories = append(all.categories, c)
	return t, t.read(f[3], "cost "+f[4], "pack "+f[5])
}

// read takes words such as "zero-rated", "cost 62", "pack 12".
func (t *traits) read(words ...string) error {
	for _, word := range words {
		name, figure, _ := strings.Cut(strings.TrimSpace(word), " ")
		n, err := strconv.Atoi(figure)
		if figure == "" {
			err = nil
		}
		switch name {
		case "taxable":
			t.class = retail.Taxable
		case "zero-rated":
			t.class = retail.ZeroRated
		case "cost":
			t.cost = float64(n) / 100
		case "pack":
			t.pack = n
		case "weighed":
			t.weighed = true
		case "made-here":
			t.madeHere, t.pack = true, 1
		case "serving":
			t.rule = singleServing
		case "deposit":
			t.charges = append(t.charges, deposit(n))
		case "eco-fee":
			t.charges = append(t.charges, ecoFee(n))
		default:
			err = fmt.Errorf("unknown word %q", word)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// family adds every combination of a name's variants and sizes.
func (all *assortment) family(t traits, number int, f []string) error {
	if len(f) < 5 {
		return fmt.Errorf("%d fields, want 5 or 6", len(f))
	}
	if len(f) > 5 && f[5] != "" {
		if err := t.read(strings.Split(f[5], ",")...); err != nil {
			return err
		}
	}
	base, err := money.Parse(f[2])
	if err != nil {
		return err
	}
	place := 0
	for _, v := range choices(f[3]) {
		for _, s := range choices(f[4]) {
			place++
			sku := fmt.Sprintf("%s%02d%02d", t.code, number, place)
			n, err := strconv.Atoi(sku)
			if err != nil || len(sku) != 6 {
				return fmt.Errorf("SKU %s is not six digits", sku)
			}
			p := catalog.Product{Product: retail.Product{
				ID: id("product", sku), SKU: sku, Category: t.category, Class: t.class, Pack: t.pack,
				Name:     retail.Text{FR: compose(f[0], v.FR, s.FR), EN: compose(f[1], v.EN, strings.ReplaceAll(s.EN, ",", "."))},
				Price:    price(base, v.factor*s.factor),
				Barcodes: []string{barcode.Make(upcPrefix, n)},
				Weighed:  t.weighed, MadeHere: t.madeHere, Charges: t.charges, Rule: t.rule,
			}}
			p.Cost = money.Rate(t.cost * float64(money.Whole)).Of(p.Price)
			for i, name := range favourites {
				if p.Name.FR == name {
					p.Favourite = i + 1
				}
			}
			all.products = append(all.products, p)
			for _, c := range t.charges {
				if !slices.Contains(all.charges, c) {
					all.charges = append(all.charges, c)
				}
			}
		}
	}
	return nil
}

// choice is a variant or a size, and what it does to the price.
type choice struct {
	retail.Text
	factor float64
}

var factorForm = regexp.MustCompile(`^(.*) x([0-9.]+)$`)

// choices reads "doré=golden; foncé=dark x1.2". Without any there is one, which says nothing.
func choices(list string) []choice {
	var all []choice
	for item := range strings.SplitSeq(list, ";") {
		c := choice{factor: 1}
		item = strings.TrimSpace(item)
		if m := factorForm.FindStringSubmatch(item); m != nil {
			item = m[1]
			c.factor, _ = strconv.ParseFloat(m[2], 64) // the form has digits and a point
		}
		fr, en, both := strings.Cut(item, "=")
		if !both {
			en = fr
		}
		c.Text = retail.Text{FR: fr, EN: en}
		all = append(all, c)
	}
	return all
}

// compose puts a variant into a name and a size behind it, and begins with a capital.
func compose(name, variant, size string) string {
	s := strings.ReplaceAll(name, "{}", variant)
	if size != "" {
		s += ", " + size
	}
	first, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[n:]
}

// price is a multiple of the base price that looks like one: it ends in a nine.
func price(base money.Amount, factor float64) money.Amount {
	if factor == 1 {
		return base
	}
	tens := math.Round(float64(base) * factor / 10)
	return max(money.Amount(tens)*10-1, 19)
}

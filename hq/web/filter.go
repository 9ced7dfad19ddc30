package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/sales"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/retail"
)

// The choices of a period and of what to compare it with, as the address says them.
const (
	presetToday     = "today"
	presetYesterday = "yesterday"
	presetWeek      = "7"
	presetMonth     = "month"
	preset28        = "28"
	preset90        = "90"
	presetCustom    = "custom"

	compareBefore = "before"
	compareYear   = "year"
	compareNone   = "none"
	compareCustom = "custom"
)

// reportFilter is what a report or a list of receipts is about, and how it was chosen.
type reportFilter struct {
	sales.Filter
	all             []retail.Location // to choose from
	store           string            // as the address says it: see chooseStores
	preset, compare string
	file            bool // a file is asked for, and not a page
	now             time.Time
}

// filterOf reads the address.
func (s *site) filterOf(r *http.Request) (reportFilter, error) {
	stores, err := s.sellers(r.Context())
	if err != nil {
		return reportFilter{}, err
	}
	f := reportFilter{all: stores, preset: r.FormValue("period"), compare: r.FormValue("compare"), now: s.Now().In(zoneOf(stores))}
	f.Stores, f.store = chooseStores(stores, strings.Join(r.Form["store"], ","))
	if f.preset == "" && r.FormValue("from") != "" {
		f.preset = presetCustom
	}
	if f.preset == presetCustom {
		if f.Period, err = periodOf(r, "from", "to"); err != nil {
			return f, err
		}
	} else {
		f.usePreset()
	}
	switch f.compare {
	case compareYear:
		f.Compare = f.YearBefore()
	case compareCustom:
		f.Compare = f.YearBefore() // to begin with, when it was just chosen
		if r.FormValue("compare_from") != "" {
			f.Compare, err = periodOf(r, "compare_from", "compare_to")
		}
	case compareNone:
	default:
		f.compare, f.Compare = compareBefore, f.Before()
	}
	return f, err
}

// periodOf reads the days that the address names.
func periodOf(r *http.Request, from, to string) (p sales.Period, err error) {
	if p.From, err = retail.ParseDate(r.FormValue(from)); err == nil {
		p.To, err = retail.ParseDate(r.FormValue(to))
	}
	if err != nil {
		return p, &retail.Error{Code: retail.Invalid, Key: "report.period", Err: err}
	}
	return p, nil
}

// narrow reads which sales the address means, for the pages that can be narrowed.
func (s *site) narrow(r *http.Request, f *reportFilter) (err error) {
	f.Category, _ = uuid.Parse(r.FormValue("category"))
	f.Product, _ = uuid.Parse(r.FormValue("product"))
	f.Cashier, _ = uuid.Parse(r.FormValue("user"))
	if paid := sales.PaidBy(r.FormValue("paid")); slices.Contains(sales.WaysToPay, paid) {
		f.PaidBy = paid
	}
	if f.Category != uuid.Nil {
		f.CategoryOf, err = catalog.CategoryOf(r.Context(), s.DB)
	}
	return err
}

// narrowing is which sales are meant, as an address says it.
func (f reportFilter) narrowing() (pairs []string) {
	for name, id := range map[string]uuid.UUID{"category": f.Category, "product": f.Product, "user": f.Cashier} {
		if id != uuid.Nil {
			pairs = append(pairs, name, id.String())
		}
	}
	if f.PaidBy != "" {
		pairs = append(pairs, "paid", string(f.PaidBy))
	}
	return pairs
}

// narrowWords say which sales are meant.
func (s *site) narrowWords(ctx context.Context, f reportFilter) (words []string, err error) {
	g, err := s.goods(ctx, s.DB, []uuid.UUID{f.Product})
	if err != nil {
		return nil, err
	}
	people, err := users.Names(ctx, s.DB, []uuid.UUID{f.Cashier})
	if err != nil {
		return nil, err
	}
	if f.Category != uuid.Nil {
		words = append(words, cmp.Or(g.categories[f.Category], dash))
	}
	if f.Product != uuid.Nil {
		words = append(words, cmp.Or(language(ctx, g.products[f.Product].Name), dash))
	}
	if f.Cashier != uuid.Nil {
		words = append(words, nameIn(people, f.Cashier))
	}
	if f.PaidBy != "" {
		words = append(words, paidWord(ctx, f.PaidBy))
	}
	return words, nil
}

// narrowFields are the choices of a category, a cashier and a way to pay.
type narrowFields struct{ categories, people, paid []ui.Option }

func (s *site) narrowChoices(r *http.Request, f reportFilter) (n narrowFields, err error) {
	ctx := r.Context()
	categories, err := catalog.Categories(ctx, s.DB)
	if err != nil {
		return n, err
	}
	n.categories = categoryOptions(r, categories)
	sold, err := sales.ByCashier(ctx, s.DB, f.ids(), f.Period)
	if err != nil {
		return n, err
	}
	ids := []uuid.UUID{}
	for _, c := range sold {
		ids = append(ids, c.User)
	}
	if f.Cashier != uuid.Nil { // also who sold nothing
		ids = append(ids, f.Cashier)
	}
	named, err := peopleOf(ctx, s.DB, ids...)
	if err != nil {
		return n, err
	}
	for id, name := range named {
		n.people = append(n.people, ui.Option{Value: id.String(), Label: name, Selected: id == f.Cashier})
	}
	slices.SortFunc(n.people, func(a, b ui.Option) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.Label), strings.ToLower(b.Label)), cmp.Compare(a.Value, b.Value))
	})
	n.people = slices.Insert(n.people, 0, ui.Option{Label: ui.T(ctx, "filter.everyone")})
	n.paid = append(n.paid, ui.Option{Label: ui.T(ctx, "filter.all_tenders")})
	for _, p := range sales.WaysToPay {
		n.paid = append(n.paid, ui.Option{Value: string(p), Label: paidWord(ctx, p), Selected: p == f.PaidBy})
	}
	return n, nil
}

func (f *reportFilter) usePreset() {
	today := retail.DateOf(f.now)
	ago := func(days int) retail.Date { return retail.DateOf(f.now.AddDate(0, 0, -days)) }
	f.To = today
	switch f.preset {
	case presetToday:
		f.From = today
	case presetYesterday:
		f.From, f.To = ago(1), ago(1)
	case presetWeek:
		f.From = ago(6)
	case presetMonth:
		f.From = today - today%100 + 1
	case preset90:
		f.From = ago(89)
	default:
		f.preset, f.From = preset28, ago(27)
	}
}

// words is the period in words.
func (f reportFilter) words(ctx context.Context) string { return periodWords(ctx, f.Period) }

func periodWords(ctx context.Context, p sales.Period) string {
	from, to := p.From.Time(time.UTC), p.To.Time(time.UTC)
	switch {
	case p.From == p.To:
		return ui.Date(ctx, to)
	case from.Year() == to.Year():
		return ui.ShortDate(ctx, from) + " – " + ui.Date(ctx, to)
	default:
		return ui.Date(ctx, from) + " – " + ui.Date(ctx, to)
	}
}

// chose says that the address means a store, or those of a currency.
func (f reportFilter) chose(store string) bool { return strings.Contains(f.store, store) }

// storesWord is which stores are meant.
func (f reportFilter) storesWord(ctx context.Context) string {
	switch {
	case f.named() && len(f.Stores) == 1:
		return f.Stores[0].Name
	case f.named():
		return ui.T(ctx, "filter.some_stores", "Count", len(f.Stores), "Of", len(f.all))
	case f.store != "":
		return ui.T(ctx, "filter.all_stores_in", "Currency", f.store)
	default:
		return ui.T(ctx, "filter.all_stores")
	}
}

// named says that the address names stores.
func (f reportFilter) named() bool {
	return len(f.Stores) > 0 && strings.Contains(f.store, f.Stores[0].ID.String())
}

// of is the filter for one of its stores.
func (f reportFilter) of(store uuid.UUID) reportFilter {
	f.store = store.String()
	return f
}

// on is the filter for a part of its period.
func (f reportFilter) on(from, to retail.Date) reportFilter {
	f.Period = sales.Period{From: from, To: to}
	return f
}

// ids are those of the stores.
func (f reportFilter) ids() []uuid.UUID {
	ids := idsOf(f.Stores)
	return ids
}

func (f reportFilter) presetOptions(ctx context.Context) []ui.Option {
	options := []ui.Option{
		{Value: presetToday, Label: ui.T(ctx, "period.today")},
		{Value: presetYesterday, Label: ui.T(ctx, "period.yesterday")},
		{Value: presetWeek, Label: ui.T(ctx, "period.days", "Count", 7)},
		{Value: preset28, Label: ui.T(ctx, "period.days", "Count", 28)},
		{Value: presetMonth, Label: ui.T(ctx, "period.month")},
		{Value: preset90, Label: ui.T(ctx, "period.days", "Count", 90)},
		{Value: presetCustom, Label: ui.T(ctx, "period.custom")},
	}
	for i := range options {
		options[i].Selected = options[i].Value == f.preset
	}
	return options
}

func (f reportFilter) compareOptions(ctx context.Context) []ui.Option {
	options := []ui.Option{
		{Value: compareBefore, Label: ui.T(ctx, "compare.before")},
		{Value: compareYear, Label: ui.T(ctx, "compare.year")},
		{Value: compareCustom, Label: ui.T(ctx, "period.custom")},
		{Value: compareNone, Label: ui.T(ctx, "compare.none")},
	}
	for i := range options {
		options[i].Selected = options[i].Value == f.compare
	}
	return options
}

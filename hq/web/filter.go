package web

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"comptant/hq/sales"
	"comptant/hq/ui"
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
)

// reportFilter is what a report or a list of receipts is about, and how it was chosen.
type reportFilter struct {
	sales.Filter
	all             []retail.Location // to choose from
	store           string            // as the address says it: the id of one, a currency, or empty for all
	preset, compare string
	now             time.Time
}

// filterOf reads the address.
func (s *site) filterOf(r *http.Request) (reportFilter, error) {
	stores, err := s.sellers(r.Context())
	if err != nil {
		return reportFilter{}, err
	}
	f := reportFilter{all: stores, preset: r.FormValue("period"), compare: r.FormValue("compare"), now: s.Now().In(zoneOf(stores))}
	f.Stores, f.store = chooseStores(stores, r.FormValue("store"))
	if f.preset == "" && r.FormValue("from") != "" {
		f.preset = presetCustom
	}
	if f.preset == presetCustom {
		if f.From, err = retail.ParseDate(r.FormValue("from")); err == nil {
			f.To, err = retail.ParseDate(r.FormValue("to"))
		}
		if err != nil {
			return f, &retail.Error{Code: retail.Invalid, Key: "report.period", Err: err}
		}
	} else {
		f.usePreset()
	}
	switch f.compare {
	case compareYear:
		f.Compare = f.YearBefore()
	case compareNone:
	default:
		f.compare, f.Compare = compareBefore, f.Before()
	}
	return f, nil
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

// ids are those of the stores.
func (f reportFilter) ids() []uuid.UUID {
	ids := make([]uuid.UUID, len(f.Stores))
	for i, l := range f.Stores {
		ids[i] = l.ID
	}
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
		{Value: compareNone, Label: ui.T(ctx, "compare.none")},
	}
	for i := range options {
		options[i].Selected = options[i].Value == f.compare
	}
	return options
}

package web

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"comptant/hq/sales"
	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// overShort is what drawers were over and short.
type overShort struct {
	shifts      int64
	over, short money.Amount
}

func (o *overShort) add(d money.Amount) {
	o.shifts++
	o.over += max(d, 0)
	o.short += min(d, 0)
}

func (o overShort) cells(href string) []cell {
	return figures(href, o.shifts, o.over, o.short, o.over+o.short)
}

// shiftSheets are what drawers were over and short: by who closed them, by store, and shift by shift.
func (s *site) shiftSheets(r *http.Request, f reportFilter, q stock.Querier) ([]sheet, error) {
	ctx := r.Context()
	all, err := sales.Closes(ctx, q, f.ids(), f.Period)
	if err != nil {
		return nil, err
	}
	tills, err := s.Journal.Tills(ctx)
	if err != nil {
		return nil, err
	}
	numbers := map[uuid.UUID]int{}
	for _, t := range tills {
		numbers[t.ID] = t.Number
	}
	var ids []uuid.UUID
	for _, c := range all {
		ids = append(ids, c.User)
	}
	people, err := peopleOf(ctx, q, ids...)
	if err != nil {
		return nil, err
	}
	columns := func(first string) []column {
		list := []column{{label: ui.T(ctx, first), text: true}}
		for _, word := range []string{"shifts.title", "report.over", "report.short", "report.net"} {
			list = append(list, column{label: ui.T(ctx, word)})
		}
		return list
	}
	codes, names := map[uuid.UUID]string{}, shortNames(f.all)
	for _, l := range f.all {
		codes[l.ID] = l.Code
	}
	var total overShort
	byPerson, byStore := map[uuid.UUID]*overShort{}, map[uuid.UUID]*overShort{}
	add := func(m map[uuid.UUID]*overShort, id uuid.UUID, d money.Amount) {
		if m[id] == nil {
			m[id] = &overShort{}
		}
		m[id].add(d)
	}
	each := sheet{title: ui.T(ctx, "report.by_shift"), most: rowsShown, columns: []column{
		{label: ui.T(ctx, "shifts.z"), text: true},
		{label: ui.T(ctx, "report.day"), text: true},
		{label: ui.T(ctx, "filter.store"), text: true},
		{label: ui.T(ctx, "receipts.who"), text: true},
		{label: ui.T(ctx, "shifts.expected")},
		{label: ui.T(ctx, "shifts.counted")},
		{label: ui.T(ctx, "shifts.difference")},
	}}
	for _, c := range all {
		d := c.Difference()
		total.add(d)
		add(byPerson, c.User, d)
		add(byStore, c.Store, d)
		receipts := shiftReceipts(c.Store, c.Till, c.Date, c.Shift)
		difference := cell{value: d, href: receipts}
		switch {
		case d < 0:
			difference.tone = ui.ToneBad
		case d > 0:
			difference.tone = ui.ToneWarn
		}
		each.rows = append(each.rows, append([]cell{
			{value: retail.ZCode(codes[c.Store], numbers[c.Till], uint64(c.Epoch), uint64(c.Number)), href: receipts},
			{value: c.Date},
			{value: names.of(c.Store)},
			{value: nameIn(people, c.User)},
		}, append(figures(receipts, c.Expected, c.Counted), difference)...))
	}
	summary := func(title, first string, of map[uuid.UUID]*overShort, name func(uuid.UUID) cell) sheet {
		t := sheet{title: title, columns: columns(first)}
		var keys []uuid.UUID
		for id := range of {
			keys = append(keys, id)
		}
		slices.SortFunc(keys, func(a, b uuid.UUID) int { // the most short first
			return cmp.Or(cmp.Compare(of[a].short, of[b].short), slices.Compare(a[:], b[:]))
		})
		for _, id := range keys {
			n := name(id)
			t.rows = append(t.rows, append([]cell{n}, of[id].cells(n.href)...))
		}
		t.total = append([]cell{{value: ui.T(ctx, "report.total")}}, total.cells("")...)
		return t
	}
	return []sheet{
		summary(ui.T(ctx, "report.by_cashier"), "receipts.who", byPerson, func(id uuid.UUID) cell {
			return cell{value: nameIn(people, id), href: "/reports/cashiers?" + period(f.Period, f.store, "user", id.String())}
		}),
		summary(ui.T(ctx, "report.by_store"), "filter.store", byStore, func(id uuid.UUID) cell {
			return cell{value: names.of(id), href: with(r, "store", id.String())}
		}),
		each,
	}, nil
}

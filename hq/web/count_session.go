package web

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"comptant/hq/intake"
	"comptant/hq/sales"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// countPage is one session of counting: its lines, the worst first, and what may have been on their other side.
type countPage struct {
	lines    sheet
	doubtful ui.Table
}

// counted reads the session that the address names. The context it gives back writes amounts as the store pays.
func (s *site) counted(r *http.Request) (context.Context, retail.Location, []intake.Counted, countWorld, error) {
	ctx := r.Context()
	location, err := idOf(r.PathValue("store"))
	if err != nil {
		return ctx, retail.Location{}, nil, countWorld{}, err
	}
	session, err := idOf(r.PathValue("session"))
	if err != nil {
		return ctx, retail.Location{}, nil, countWorld{}, err
	}
	lines, err := s.Journal.CountsOf(ctx, location, session)
	if err == nil && len(lines) == 0 {
		err = &retail.Error{Code: retail.NotFound, Key: "error.page"}
	}
	if err != nil {
		return ctx, retail.Location{}, nil, countWorld{}, err
	}
	var people []uuid.UUID
	for _, c := range lines {
		people = append(people, c.By)
	}
	world, err := s.countWorld(ctx, people, lines)
	if err != nil {
		return ctx, retail.Location{}, nil, world, err
	}
	store := world.stores[location]
	ctx, err = s.paidIn(ctx, []retail.Location{store})
	return ctx, store, lines, world, err
}

func (s *site) countSession(w http.ResponseWriter, r *http.Request) error {
	ctx, store, lines, world, err := s.counted(r)
	if err != nil {
		return err
	}
	zone, first, last := world.zone(store.ID), lines[len(lines)-1], lines[0]
	p := countPage{lines: countSheet(ctx, lines, world), doubtful: doubtfulTable(ctx, lines, world)}
	p.lines.most = rowsShown
	return s.show(w, r, view{
		title: ui.T(ctx, "counts.of", "Store", world.short.of(store.ID)), subtitle: countWhen(ctx, first.At.In(zone), last.At.In(zone)), parent: "/stock/counts",
		live: []string{at(eventStock, store.ID), eventTills}, tools: countTools(r),
	}, countContent(p))
}

// countSheet are the lines of a session: first those whose variance is worth most.
func countSheet(ctx context.Context, lines []intake.Counted, w countWorld) sheet {
	t := sheet{title: ui.T(ctx, "counts.lines"), columns: []column{
		{label: ui.T(ctx, "stock.product"), below: ui.T(ctx, "report.sku"), text: true},
		{label: ui.T(ctx, "counts.variance")},
	}}
	costs := may(ctx, users.SeeReports)
	if costs {
		t.columns = append(t.columns, column{label: ui.T(ctx, "counts.cost")})
	}
	t.columns = append(t.columns,
		column{label: ui.T(ctx, "counts.state"), below: ui.T(ctx, "counts.awaited"), text: true},
		column{label: ui.T(ctx, "counts.counted")},
		column{label: ui.T(ctx, "counts.expected")},
		column{label: ui.T(ctx, "counts.when"), text: true},
		column{label: ui.T(ctx, "tills.till"), text: true},
		column{label: ui.T(ctx, "receipts.who"), text: true},
	)
	slices.SortStableFunc(lines, func(a, b intake.Counted) int {
		return cmp.Or(cmp.Compare(abs(b.Cost()), abs(a.Cost())), cmp.Compare(max(b.Variance, -b.Variance), max(a.Variance, -a.Variance)))
	})
	var variance money.Quantity
	var cost money.Amount
	for _, c := range lines {
		variance, cost = variance+c.Variance, cost+c.Cost()
		product, href := w.products[c.Product], link(ctx, "/stock?"+query("product", c.Product.String())+"&"+query("at", c.Location.String()))
		row := []cell{
			{value: language(ctx, product.Name), below: product.SKU, href: href},
			{value: c.Variance, href: href, tone: varianceTone(int64(c.Variance))},
		}
		if costs {
			row = append(row, cell{value: c.Cost(), href: href, tone: varianceTone(int64(c.Cost()))})
		}
		t.rows = append(t.rows, append(row,
			lineState(ctx, c, w),
			cell{value: c.Quantity},
			cell{value: c.Quantity - c.Variance},
			cell{value: ui.DateTime(ctx, c.At.In(w.zone(c.Location)))},
			cell{value: w.tills.of(c.Till)},
			cell{value: nameIn(w.people, c.By)},
		))
	}
	t.total = []cell{{value: ui.T(ctx, "report.total")}, {value: variance}}
	if costs {
		t.total = append(t.total, cell{value: cost})
	}
	for len(t.total) < len(t.columns) {
		t.total = append(t.total, cell{value: ""})
	}
	return t
}

// lineState is how final a line is; of one that is, what is in doubt.
func lineState(ctx context.Context, c intake.Counted, w countWorld) cell {
	if c.Final() && len(c.Doubtful) > 0 {
		return cell{value: ui.T(ctx, "counts.doubtful_n", "Count", len(c.Doubtful)), href: "#doubtful", icon: ui.IconExceptions, tone: ui.ToneWarn}
	}
	return finality(ctx, c.Missing, c.Awaits, w)
}

func (s *site) countCSV(w http.ResponseWriter, r *http.Request) error {
	return s.exportCount(w, r, "csv")
}

func (s *site) countXLSX(w http.ResponseWriter, r *http.Request) error {
	return s.exportCount(w, r, "xlsx")
}

func (s *site) exportCount(w http.ResponseWriter, r *http.Request, as string) error {
	ctx, store, lines, world, err := s.counted(r)
	if err != nil {
		return err
	}
	day := retail.DateOf(lines[0].At.In(world.zone(store.ID)))
	file := sales.File{Lang: ui.Lang(ctx), Sheets: []sales.Sheet{countSheet(ctx, lines, world).file()}}
	return sendFile(w, file, fmt.Sprintf("comptant-count-%s-%s", store.Code, day), reportFilter{}, as)
}

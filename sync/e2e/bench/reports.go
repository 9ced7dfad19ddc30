package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"

	"comptant/hq/db"
	"comptant/hq/sales"
	"comptant/shared/retail"

	"github.com/google/uuid"
)

// Days is what a dashboard shows of a store.
var Days = Row{
	Name: "dashboard",
	Work: "the sales of a store by day, 10,000,000 lines stored: as headquarters reads them, and over the REST API",
	Limit: "the same days from the sums by hour, one statement on a connection of its own; over HTTP by net/http and pgx, " +
		"with nothing on top",
	Open: openDays,
}

// Sellers is a report.
var Sellers = Row{
	Name:  "report",
	Work:  "the best sellers over the REST API, 10,000,000 lines stored",
	Limit: "the plain statement over the lines",
	Open:  openSellers,
}

// daysLimit reads days from the sums by hour.
const daysLimit = `SELECT business_date, sum(units)::bigint AS units, sum(revenue)::bigint AS revenue, sum(cost)::bigint AS cost FROM sales.hourly
	WHERE store_id = $1 AND business_date BETWEEN $2 AND 20261130 GROUP BY 1 ORDER BY 1`

// days is headquarters with a year of sales, and what it is compared to.
type days struct {
	*archive
	store uuid.UUID
	db    *db.DB
	bare  *bareServer
}

func openDays(ctx context.Context, place Place) (stand *Stand, err error) {
	d := &days{store: storeID(1)}
	if d.archive, err = openArchive(ctx, place); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.close())
		}
	}()
	if d.db, err = db.Open(ctx, d.postgres.URL(), slog.New(slog.DiscardHandler), db.Options{}); err != nil {
		return nil, err
	}
	d.bare, err = openBareServer(ctx, d.postgres.URL(), map[string]bareSelect{"GET /days/{store}/{from}": {daysLimit, []string{"store", "from"}}})
	if err != nil {
		return nil, err
	}
	stand = &Stand{Close: d.close, Note: archiveNote(d.archive)}
	if stand.Postgres, err = d.version(ctx); err != nil {
		return nil, err
	}
	for _, p := range []struct {
		name, from string
		first      retail.Date
		n          int
	}{
		{"7 days", "2026-11-24", 20261124, 400},
		{"a year", archiveFrom, 20251201, 100},
	} {
		n := place.size(p.n, 5)
		// What is read is what the lines come to, to the cent.
		var want int64
		if err := d.conn.QueryRow(ctx, `SELECT sum(revenue)::bigint FROM sales.line WHERE store_id = $1 AND business_date >= $2`, d.store, p.first).Scan(&want); err != nil {
			return nil, fmt.Errorf("add lines up: %w", err)
		}
		reading := func(read func(ctx context.Context) (int64, error)) func(ctx context.Context, w *Watch) error {
			return func(ctx context.Context, w *Watch) error {
				return repeat(n, w, func(int) error {
					sum, err := read(ctx)
					return same(sum, want, err)
				})
			}
		}
		stand.Parts = append(stand.Parts, Part{
			Name: p.name,
			Limit: reading(func(ctx context.Context) (int64, error) {
				_, sum, err := d.sums(ctx, daysLimit, d.store, p.first)
				return sum, err
			}),
			Product: reading(func(ctx context.Context) (int64, error) { return d.read(ctx, p.first) }),
			Figure:  Median, Unit: TimeP50, Goal: Goal{AtMost: 3}, Charged: d.cpu,
		}, Part{
			Name:  p.name + ", over HTTP",
			Limit: reading(func(ctx context.Context) (int64, error) { return d.bareDays(ctx, p.first) }),
			Product: reading(func(ctx context.Context) (int64, error) {
				parts, err := d.breakdown(ctx, url.Values{"each": {"day"}, "store": {d.store.String()}, "from": {p.from}, "to": {archiveLastDay}})
				return total(parts), err
			}),
			Figure: Median, Unit: TimeP50, Charged: d.cpu,
			Also: []Check{atMost("p99", P99, 0.050)},
		})
	}
	return stand, nil
}

// read reads the days as the page and the REST API do.
func (d *days) read(ctx context.Context, from retail.Date) (sum int64, err error) {
	all, err := sales.Breakdown(ctx, d.db, sales.Cut{Stores: []uuid.UUID{d.store}, Period: sales.Period{From: from, To: 20261130}}, sales.EachDay)
	for _, s := range all {
		sum += int64(s.Revenue)
	}
	return sum, err
}

// bareDays reads the days from the bare server.
func (d *days) bareDays(ctx context.Context, from retail.Date) (sum int64, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("%s/days/%s/%d", d.bare.url, d.store, from), nil)
	if err != nil {
		return 0, err
	}
	body, err := answerOf(d.client, req)
	if err != nil {
		return 0, err
	}
	var all []struct{ Revenue int64 }
	err = json.Unmarshal(body, &all)
	for _, s := range all {
		sum += s.Revenue
	}
	return sum, err
}

func (d *days) close() error {
	err := d.bare.close()
	if d.db != nil {
		d.db.Close()
	}
	return errors.Join(err, d.archive.close())
}

func openSellers(ctx context.Context, place Place) (*Stand, error) {
	a, err := openArchive(ctx, place)
	if err != nil {
		return nil, err
	}
	stand := &Stand{Close: a.close, Note: archiveNote(a)}
	if stand.Postgres, err = a.version(ctx); err != nil {
		return nil, err
	}
	const documents = ` JOIN sales.document d USING (store_id, business_date, till_id, epoch, seq, branch)`
	for _, p := range []struct {
		name        string
		query       url.Values
		from, where string
	}{
		{"a month", url.Values{"from": {"2026-11-01"}}, "", `business_date BETWEEN 20261101 AND 20261130`},
		{"a year", url.Values{"from": {archiveFrom}}, "", `business_date BETWEEN 20251201 AND 20261130`},
		{
			"a year, one category",
			url.Values{"from": {archiveFrom}, "category": {"fresh"}},
			"",
			`business_date BETWEEN 20251201 AND 20261130 AND product_id IN (SELECT id FROM catalog.product WHERE category_id = md5('fresh')::uuid)`,
		},
		{
			"a year, one cashier",
			url.Values{"from": {archiveFrom}, "cashier": {"user1.1"}},
			documents,
			`business_date BETWEEN 20251201 AND 20261130 AND user_id = md5('user1.1')::uuid`,
		},
		{"a month, by card", url.Values{"from": {"2026-11-01"}, "paid_by": {"card"}}, documents, `business_date BETWEEN 20261101 AND 20261130 AND card <> 0 AND cash = 0`},
	} {
		for _, field := range []string{"category", "cashier"} {
			if p.query.Has(field) {
				var id string
				if err := a.conn.QueryRow(ctx, `SELECT md5($1)::uuid::text`, p.query.Get(field)).Scan(&id); err != nil {
					return nil, err
				}
				p.query.Set(field, id)
			}
		}
		p.query.Set("each", "product")
		p.query.Set("to", archiveLastDay)
		p.query.Set("limit", "10")
		sql := `SELECT product_id, sum(quantity)::bigint, sum(l.revenue)::bigint, sum(l.cost)::bigint FROM sales.line l` + p.from + `
			WHERE ` + p.where + ` GROUP BY 1 ORDER BY 3 DESC, 1 LIMIT 10`
		_, want, err := a.sums(ctx, sql)
		if err != nil {
			return nil, err
		}
		n := place.size(3, 1)
		stand.Parts = append(stand.Parts, Part{
			Name: p.name,
			Limit: func(ctx context.Context, w *Watch) error {
				return repeat(n, w, func(int) error {
					_, sum, err := a.sums(ctx, sql)
					return same(sum, want, err)
				})
			},
			Product: func(ctx context.Context, w *Watch) error {
				return repeat(n, w, func(int) error {
					parts, err := a.breakdown(ctx, p.query)
					return same(total(parts), want, err)
				})
			},
			Figure: Median, Unit: TimeP50, Goal: Goal{AtMost: 1.2}, Charged: a.cpu,
		})
	}
	return stand, nil
}

func archiveNote(a *archive) string {
	return fmt.Sprintf("%d lines of a year, %d products in %d stores, three lines a receipt. Each reading comes to what the lines come to, to the cent. "+
		"Processor time is of headquarters, Postgres and the reader together.", a.lines, len(a.products), archiveStores)
}

// total is what parts come to.
func total(parts []part) (sum int64) {
	for _, p := range parts {
		sum += p.Revenue.Amount
	}
	return sum
}

func same(got, want int64, err error) error {
	if err == nil && got != want {
		err = fmt.Errorf("the sales come to %d instead of %d", got, want)
	}
	return err
}

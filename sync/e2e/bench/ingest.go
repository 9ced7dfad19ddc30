package bench

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"comptant/shared/retail"
	"comptant/sync/e2e/fleet"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"
)

// Ingest is the way of sales from the tills' disks into headquarters' reports and stock.
var Ingest = Row{
	Name:  "ingest",
	Work:  "20,000 sales of 5 lines, committed at the tills before, through websocket, chain, domains, stock and feed",
	Limit: "COPY of exactly the rows they leave in all of headquarters' tables, indexes included, in one transaction",
	Open:  openIngest,
}

// ingestProducts is the assortment of the chain that sends.
const ingestProducts = 2000

// ingest is a headquarters, and tills that are not connected.
type ingest struct {
	*office
	copies *copies
	dirs   []string
	// sales is how many each till sends in a run; made counts them all, entries those headquarters must have of each till.
	sales, made int
	entries     map[uuid.UUID]uint64
}

func openIngest(ctx context.Context, place Place) (*Stand, error) {
	in, err := newIngest(ctx, place, 5, place.size(10, 2), place.size(2000, 10))
	if err != nil {
		return nil, err
	}
	return in.stand(ctx, Goal{AtLeast: 0.25}, Check{
		Name: "until applied and acknowledged, the feed apart", Unit: SalesRate,
		Value: func(r Round) float64 { return float64(r.Product.Ops) / r.Product.Split.Seconds() },
	})
}

// newIngest enrols tills in stores, each with so many sales to send.
func newIngest(ctx context.Context, place Place, stores, tills, sales int) (*ingest, error) {
	products, err := goods(place.Data, ingestProducts)
	if err != nil {
		return nil, err
	}
	o, err := openOffice(ctx, place, stores, products)
	if err != nil {
		return nil, err
	}
	in := &ingest{office: o, sales: sales}
	if in.dirs, err = in.enrol(ctx, place.Dir, tills, 0, stores); err == nil {
		err = in.rehearse(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, in.close())
	}
	return in, nil
}

// rehearse lets a first run show what it leaves: that is what the limit copies.
func (in *ingest) rehearse(ctx context.Context) (err error) {
	if in.copies, err = newCopies(ctx, in.conn); err != nil {
		return err
	}
	if err := in.send(ctx, newWatch(in.cpu, nil)); err != nil {
		return err
	}
	if err := in.sound(ctx); err != nil {
		return err
	}
	return in.copies.take(ctx)
}

// stand is the row with its goal.
func (in *ingest) stand(ctx context.Context, goal Goal, also Check) (*Stand, error) {
	version, err := in.version(ctx)
	if err != nil {
		return nil, errors.Join(err, in.close())
	}
	sales := in.sales * len(in.dirs)
	return &Stand{
		Parts: []Part{{
			Limit:   func(ctx context.Context, w *Watch) error { return in.copies.load(ctx, sales, w) },
			Product: in.send,
			Figure:  Reading.Rate, Unit: SalesRate, Goal: goal, Charged: in.cpu, Also: []Check{also},
		}},
		Note: fmt.Sprintf("%d tills, %d products. A run leaves %d rows in %d tables. Processor time is of headquarters, "+
			"Postgres and the tills together.", len(in.dirs), len(in.products), in.copies.rows, len(in.copies.tables)),
		Postgres: version,
		Close:    in.close,
	}, nil
}

// send commits a backlog at every till, then connects all of them at once and waits until all of it is stored, applied,
// acknowledged and published.
func (in *ingest) send(ctx context.Context, w *Watch) error {
	tills, err := in.sell(ctx)
	defer func() {
		for _, t := range tills {
			_ = t.Close() // everything is acknowledged, or there is an error already
		}
	}()
	if err != nil {
		return err
	}
	if err := in.checkpoint(ctx); err != nil {
		return err
	}
	w.Start()
	online, leave := context.WithCancel(ctx)
	links, online := errgroup.WithContext(online)
	for _, t := range tills {
		links.Go(func() error { return t.Run(online) })
	}
	err = in.arrived(online, tills, w)
	w.Stop(in.sales * len(tills))
	leave()
	return errors.Join(err, links.Wait())
}

// sell opens every till and commits its sales.
func (in *ingest) sell(ctx context.Context) ([]*fleet.Till, error) {
	tills := make([]*fleet.Till, 0, len(in.dirs))
	for _, dir := range in.dirs {
		t, err := fleet.OpenOffline(ctx, dir, slog.New(slog.DiscardHandler))
		if err != nil {
			return tills, err
		}
		tills = append(tills, t)
	}
	group, selling := errgroup.WithContext(ctx)
	for _, t := range tills {
		first := in.made
		in.made += in.sales
		group.Go(func() error {
			for n := range in.sales {
				sale, err := basket(in.products, first+n, retail.DateOf(t.Till.Now()))
				if err != nil {
					return err
				}
				if _, err := t.Ledger.Commit(selling, draft(sale, seeded(5, 0), 1)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return tills, err
	}
	in.entries = map[uuid.UUID]uint64{}
	for _, t := range tills {
		epochs, err := t.Ledger.Epochs(ctx)
		if err != nil {
			return tills, err
		}
		for _, e := range epochs {
			in.entries[t.Till.Identity().Till] += e.Last
		}
	}
	return tills, nil
}

// arrived waits until headquarters has every entry, noting when it had all of each till, and each till knows; then until
// every level is published.
func (in *ingest) arrived(ctx context.Context, tills []*fleet.Till, w *Watch) error {
	start := time.Now()
	err := every(ctx, 10*time.Millisecond, func() (bool, error) {
		rows, err := in.conn.Query(ctx, `SELECT till_id, sum(seq)::bigint FROM journal.branch GROUP BY till_id`)
		if err != nil {
			return false, err
		}
		var till uuid.UUID
		var stored int64
		_, err = pgx.ForEachRow(rows, []any{&till, &stored}, func() error {
			if want, waiting := in.entries[till]; waiting && uint64(stored) == want {
				delete(in.entries, till)
				w.Lap(time.Since(start))
			}
			return nil
		})
		return len(in.entries) == 0, err
	})
	if err != nil {
		return fmt.Errorf("wait for headquarters: %w", err)
	}
	err = every(ctx, 2*time.Millisecond, func() (bool, error) {
		for _, t := range tills {
			if w, err := t.Ledger.Waiting(ctx); err != nil || w.Count > 0 {
				return false, err
			}
		}
		return true, nil
	})
	if err != nil {
		return fmt.Errorf("wait for acknowledgements: %w", err)
	}
	w.Split()
	err = every(ctx, 10*time.Millisecond, func() (bool, error) {
		var stale bool
		err := in.conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM stock.level WHERE stale)`).Scan(&stale)
		return !stale, err
	})
	if err != nil {
		return fmt.Errorf("wait for the feed: %w", err)
	}
	return nil
}

// every asks until the answer is yes.
func every(ctx context.Context, pause time.Duration, ask func() (bool, error)) error {
	look := time.NewTicker(pause)
	defer look.Stop()
	for {
		if ok, err := ask(); ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-look.C:
		}
	}
}

// sound fails unless headquarters took every sale into its reports, and none with a doubt.
func (in *ingest) sound(ctx context.Context) error {
	var documents, lines, doubts int
	err := in.conn.QueryRow(ctx, `SELECT (SELECT count(*) FROM sales.document), (SELECT count(*) FROM sales.line),
		(SELECT count(*) FROM journal.flag) + (SELECT count(*) FROM journal.deferred)`).Scan(&documents, &lines, &doubts)
	if err == nil && (documents != in.made || lines != 5*in.made || doubts > 0) {
		err = fmt.Errorf("headquarters has %d sales with %d lines and %d doubts, want %d sales", documents, lines, doubts, in.made)
	}
	return err
}

package bench

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"comptant/hq/db/postgres"
	"comptant/shared/retail"
	"comptant/sync/e2e/fleet"

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

// The chain of stores that ingest runs on.
const (
	ingestStores   = 5
	ingestProducts = 2000
)

// ingest is a headquarters as its own process, with a Postgres that flushes, and tills that are not connected.
type ingest struct {
	postgres *postgres.Server
	hq       *fleet.HQ
	conn     *pgx.Conn
	copies   *copies
	products []retail.Product
	dirs     []string
	// sales is how many each till sends in a run; made counts them all, entries those headquarters must have.
	sales, made int
	entries     uint64
}

func openIngest(ctx context.Context, place Place) (stand *Stand, err error) {
	in := &ingest{sales: place.size(2000, 10)}
	defer func() {
		if err != nil {
			err = errors.Join(err, in.close())
		}
	}()
	if in.products, err = goods(place.Data, ingestProducts); err != nil {
		return nil, err
	}
	if err := in.start(ctx, place.Dir); err != nil {
		return nil, err
	}
	for i := range place.size(2*ingestStores, 2) {
		dir := filepath.Join(place.Dir, fmt.Sprintf("till%d", i))
		if err := fleet.Enrol(ctx, in.hq, dir, storeCode(i%ingestStores), 1+i/ingestStores); err != nil {
			return nil, err
		}
		in.dirs = append(in.dirs, dir)
	}
	// What a first run leaves is what the limit copies.
	if in.copies, err = newCopies(ctx, in.conn); err != nil {
		return nil, err
	}
	if err := in.send(ctx, newWatch(in.cpu, nil)); err != nil {
		return nil, err
	}
	if err := in.sound(ctx); err != nil {
		return nil, err
	}
	if err := in.copies.take(ctx); err != nil {
		return nil, err
	}
	var version string
	if err := in.conn.QueryRow(ctx, `SHOW server_version`).Scan(&version); err != nil {
		return nil, err
	}
	sales := in.sales * len(in.dirs)
	return &Stand{
		Parts: []Part{{
			Limit:   func(ctx context.Context, w *Watch) error { return in.copies.load(ctx, sales, w) },
			Product: in.send,
			Figure:  Reading.Rate, Unit: SalesRate, Goal: Goal{AtLeast: 0.25}, Charged: in.cpu,
			Also: []Check{{
				Name: "until applied and acknowledged, the feed apart", Unit: SalesRate,
				Value: func(r Round) float64 { return float64(r.Product.Ops) / r.Product.Split.Seconds() },
			}},
		}},
		Note: fmt.Sprintf("%d tills in %d stores, %d products. A run leaves %d rows in %d tables. Processor time is of headquarters, "+
			"Postgres and the tills together.", len(in.dirs), min(ingestStores, len(in.dirs)), len(in.products), in.copies.rows, len(in.copies.tables)),
		Postgres: version,
		Close:    in.close,
	}, nil
}

func storeCode(i int) string { return fmt.Sprintf("M%d", i+1) }

// start starts Postgres and headquarters on an empty folder, with stores and products.
func (in *ingest) start(ctx context.Context, dir string) (err error) {
	if in.postgres, err = postgres.Start(ctx, postgres.Options{Dir: filepath.Join(dir, "postgres"), Log: slog.New(slog.DiscardHandler)}); err != nil {
		return err
	}
	bin, err := fleet.Build(ctx, dir, "comptant/hq/cmd/hq")
	if err != nil {
		return err
	}
	in.hq = &fleet.HQ{Bin: bin, Home: dir, DatabaseURL: in.postgres.URL()}
	if err := in.hq.Start(ctx); err != nil {
		return err
	}
	if in.conn, err = pgx.Connect(ctx, in.postgres.URL()); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	return in.furnish(ctx)
}

// furnish writes the stores and the products.
func (in *ingest) furnish(ctx context.Context) error {
	var batch pgx.Batch
	for i := range ingestStores {
		batch.Queue(`INSERT INTO stock.location (id, kind, code, name, zone) VALUES ($1, 1, $2, $3, 'America/Toronto')`,
			seeded(6, i), storeCode(i), "Magasin "+storeCode(i))
	}
	batch.Queue(`INSERT INTO catalog.category (id, name_fr, name_en) VALUES ($1, 'Épicerie', 'Grocery')`, seeded(2, 0))
	for _, p := range in.products {
		batch.Queue(`INSERT INTO catalog.product (id, sku, name_fr, name_en, category_id, price, cost, tax_class) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			p.ID, p.SKU, p.Name.FR, p.Name.EN, p.Category, int64(p.Price), int64(p.Price*7/10), int16(p.Class))
	}
	if err := in.conn.SendBatch(ctx, &batch).Close(); err != nil {
		return fmt.Errorf("write stores and products: %w", err)
	}
	return nil
}

// cpu is the processor time of everything that takes part.
func (in *ingest) cpu() time.Duration {
	return ownTime() + familyTime(in.hq.PID(), in.postgres.PID())
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
	if _, err := in.conn.Exec(ctx, `CHECKPOINT`); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
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
	in.entries = 0
	for _, t := range tills {
		epochs, err := t.Ledger.Epochs(ctx)
		if err != nil {
			return tills, err
		}
		for _, e := range epochs {
			in.entries += e.Last
		}
	}
	return tills, nil
}

// arrived waits until headquarters has every entry and each till knows, then until every level is published.
func (in *ingest) arrived(ctx context.Context, tills []*fleet.Till, w *Watch) error {
	err := every(ctx, 10*time.Millisecond, func() (bool, error) {
		var stored int64
		err := in.conn.QueryRow(ctx, `SELECT coalesce(sum(seq), 0)::bigint FROM journal.branch`).Scan(&stored)
		return uint64(stored) == in.entries, err
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

func (in *ingest) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var errs []error
	if in.conn != nil {
		errs = append(errs, in.conn.Close(ctx))
	}
	if in.hq != nil {
		errs = append(errs, in.hq.Stop())
	}
	if in.postgres != nil {
		errs = append(errs, in.postgres.Stop(ctx))
	}
	return errors.Join(errs...)
}

package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync/atomic"
	"time"

	"comptant/shared/retail"
	"comptant/sync/e2e/fleet"
	"comptant/terminal/till"

	"golang.org/x/sync/errgroup"
)

// Latency is how old the truth is on the manager's screen.
var Latency = Row{
	Name:  "latency",
	Work:  "a sale committed at a till until its receipt is on the manager's open dashboard, while 200 tills sell",
	Limit: "one round trip to a bare server that commits one row in the same Postgres",
	Open:  openLatency,
}

const (
	latencyStores = 10
	// between is the time between two sales of a till; seenWithin bounds the wait for one on the dashboard.
	between    = 10 * time.Second
	seenWithin = time.Minute
)

// latency is a chain that is open, and a manager who watches one of its stores.
type latency struct {
	*office
	tills []*fleet.Till
	leave context.CancelFunc
	links *errgroup.Group
	board *dashboard
	bare  *httptest.Server
	made  atomic.Int64
}

func openLatency(ctx context.Context, place Place) (stand *Stand, err error) {
	l := &latency{}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.close())
		}
	}()
	products, err := goods(place.Data, ingestProducts)
	if err != nil {
		return nil, err
	}
	if l.office, err = openOffice(ctx, place, latencyStores, products); err != nil {
		return nil, err
	}
	if err := l.connect(ctx, place.Dir, place.size(200, latencyStores)); err != nil {
		return nil, err
	}
	if l.board, err = openDashboard(ctx, l.office, 0); err != nil {
		return nil, err
	}
	if err := l.serveBare(ctx); err != nil {
		return nil, err
	}
	version, err := l.version(ctx)
	if err != nil {
		return nil, err
	}
	n := place.size(100, 2)
	return &Stand{
		Parts: []Part{{
			Limit:   func(ctx context.Context, w *Watch) error { return l.trips(ctx, 20*n, w) },
			Product: func(ctx context.Context, w *Watch) error { return l.watch(ctx, n, w) },
			Figure:  Median, Unit: TimeP50, Charged: l.cpu,
			Also: []Check{atMost("p50", Median, 0.150), atMost("p99", P99, 0.500)},
		}},
		Note: fmt.Sprintf("%d tills in %d stores, each with a sale of 5 lines every %s; %d sales of one till, alone in the store on the screen, are timed, at random moments. "+
			"Processor time is of headquarters, Postgres, tills and browser together, for each sale of any till.", len(l.tills), latencyStores, between, n),
		Postgres: version,
		Close:    l.close,
	}, nil
}

// connect opens the tills and waits until headquarters has the first entries of each.
func (l *latency) connect(ctx context.Context, dir string, tills int) error {
	// The page lists the newest receipts of its store: those of other tills would push the one that is timed out of sight.
	dirs, err := l.enrol(ctx, filepath.Join(dir, "watched"), 1, 0, 1)
	if err != nil {
		return err
	}
	others, err := l.enrol(ctx, filepath.Join(dir, "others"), tills-1, 1, latencyStores-1)
	if err != nil {
		return err
	}
	online, leave := context.WithCancel(context.WithoutCancel(ctx))
	l.leave, l.links = leave, new(errgroup.Group)
	for _, dir := range append(dirs, others...) {
		t, err := fleet.OpenOffline(ctx, dir, slog.New(slog.DiscardHandler))
		if err != nil {
			return err
		}
		l.tills = append(l.tills, t)
		l.links.Go(func() error { return t.Run(online) })
	}
	for _, t := range l.tills {
		if err := t.Drained(ctx); err != nil {
			return err
		}
	}
	return nil
}

// serveBare serves the least that can make a row durable over the network.
func (l *latency) serveBare(ctx context.Context) error {
	if _, err := l.conn.Exec(ctx, `CREATE SCHEMA bare CREATE TABLE kept (n bigint NOT NULL)`); err != nil {
		return fmt.Errorf("make a bare table: %w", err)
	}
	l.bare = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := l.conn.Exec(r.Context(), `INSERT INTO bare.kept VALUES (1)`); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	}))
	return nil
}

// trips goes there and back, n times.
func (l *latency) trips(ctx context.Context, n int, w *Watch) error {
	return repeat(n, w, func(int) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.bare.URL, nil)
		if err != nil {
			return err
		}
		resp, err := l.bare.Client().Do(req)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, resp.Body)
		if resp.StatusCode != http.StatusOK {
			err = fmt.Errorf("bare commit: %s", resp.Status)
		}
		return errors.Join(err, resp.Body.Close())
	})
}

// watch lets all tills sell and times n sales of the first, which is alone in the store the manager watches.
func (l *latency) watch(ctx context.Context, n int, w *Watch) error {
	before := l.made.Load()
	selling, stop := context.WithCancel(ctx)
	defer stop()
	group, selling := errgroup.WithContext(selling)
	for i, t := range l.tills[1:] {
		group.Go(func() error { return l.keepSelling(selling, t, between*time.Duration(i)/time.Duration(len(l.tills))) })
	}
	w.Start()
	err := l.probe(selling, n, w)
	w.Stop(int(l.made.Load() - before))
	stop()
	if selling := group.Wait(); !errors.Is(selling, context.Canceled) {
		err = errors.Join(err, selling)
	}
	return err
}

func (l *latency) keepSelling(ctx context.Context, t *fleet.Till, first time.Duration) error {
	for pause := first; ; pause = between {
		if err := wait(ctx, pause); err != nil {
			return err
		}
		if _, _, err := l.sell(ctx, t); err != nil {
			return err
		}
	}
}

// probe sells, waits until the dashboard has it, and goes on at a moment that no earlier one decides.
func (l *latency) probe(ctx context.Context, n int, w *Watch) error {
	t := l.tills[0]
	for range n {
		if err := wait(ctx, rand.N(time.Second)); err != nil {
			return err
		}
		written, at, err := l.sell(ctx, t)
		if err != nil {
			return err
		}
		id := t.Till.Identity()
		code := retail.ReceiptCode(id.Store.Code, id.Number, written.Epoch, written.Number)
		select {
		case <-l.board.shows(code):
			w.Lap(time.Since(at))
		case <-l.board.gone:
			return fmt.Errorf("receipt %s is not on the dashboard: %w", code, l.board.close())
		case <-time.After(seenWithin):
			return fmt.Errorf("receipt %s is not on the dashboard after %s", code, seenWithin)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// sell commits a sale and says when that was done.
func (l *latency) sell(ctx context.Context, t *fleet.Till) (till.Written, time.Time, error) {
	sale, err := basket(l.products, int(l.made.Add(1)), retail.DateOf(t.Till.Now()))
	if err != nil {
		return till.Written{}, time.Time{}, err
	}
	written, err := t.Ledger.Commit(ctx, draft(sale, seeded(5, 0), 1))
	return written, time.Now(), err
}

// wait lets time pass.
func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func (l *latency) close() error {
	var errs []error
	if l.bare != nil {
		l.bare.Close()
	}
	if l.board != nil {
		errs = append(errs, l.board.close())
	}
	if l.leave != nil {
		l.leave()
		errs = append(errs, l.links.Wait())
	}
	for _, t := range l.tills {
		errs = append(errs, t.Close())
	}
	if l.office != nil {
		errs = append(errs, l.office.close())
	}
	return errors.Join(errs...)
}

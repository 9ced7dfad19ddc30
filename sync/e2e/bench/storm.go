package bench

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"comptant/sync/wire"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"
)

// Crowd is as many tills as one process of headquarters must bear.
var Crowd = Row{
	Name:  "crowd",
	Work:  "5,000 tills on one process of headquarters: real links over memory storage, in a process of their own; prices change by a command beside it; it is killed and started again",
	Limit: "for a change a write of the same bytes to as many TCP connections; for the return one durable update for each till, on as many connections as headquarters has",
	Open:  openCrowd,
}

const (
	// storeTills is how many tills a store may have.
	storeTills = 99
	// watchers are the connections of headquarters beside its pool: who listens, who looks for work.
	watchers = 4
)

// poolSize is how many connections headquarters' pool may open: pgx's own rule.
func poolSize() int { return max(4, runtime.NumCPU()) }

// storm is a headquarters, the crowd and bare connections.
type storm struct {
	*office
	dir   string
	tills int
	crowd *crowd
	bare  *bare
	// watcher is a token to read metrics with.
	watcher string
	// raised counts the changes of price, held is the memory of a till in headquarters.
	raised int
	held   float64
}

func openCrowd(ctx context.Context, place Place) (stand *Stand, err error) {
	s := &storm{dir: place.Dir, tills: place.size(min(fanTills, descriptors()), 120)}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	products, err := goods("", burst)
	if err != nil {
		return nil, err
	}
	if s.office, err = openOffice(ctx, place, 1+s.tills/storeTills, products); err != nil {
		return nil, err
	}
	if s.watcher, err = s.hq.Command(ctx, "token", "add", "--name", "bench", "--scope", "metrics:read"); err != nil {
		return nil, err
	}
	if err := s.connect(ctx); err != nil {
		return nil, err
	}
	version, err := s.version(ctx)
	if err != nil {
		return nil, err
	}
	runs := place.size(10, 1)
	return &Stand{
		Parts: []Part{
			{
				Name:    "one change, from the command to the last till",
				Limit:   func(ctx context.Context, w *Watch) error { return s.bare.write(ctx, runs, w) },
				Product: func(ctx context.Context, w *Watch) error { return s.change(ctx, runs, w) },
				Figure:  Median, Unit: TimeP50, Charged: s.cpu, Beside: s.crowd.cpu,
				Also: []Check{{Name: "memory a till", Value: func(r Round) float64 { return r.Product.Held }, Unit: Bytes}},
			},
			{
				Name:    "all back after SIGKILL",
				Limit:   s.update,
				Product: s.kill,
				Figure:  func(r Reading) float64 { return r.Elapsed.Seconds() }, Charged: s.cpu, Beside: s.crowd.cpu,
				Also: []Check{{
					Name: "connections to Postgres", Value: func(r Round) float64 { return r.Product.Peak },
					Most: func(Round) float64 { return float64(poolSize() + watchers) }, Unit: Number,
				}},
			},
		},
		Note: fmt.Sprintf("%d tills in %d stores; a frame is %d bytes. Processor time is for each frame, the signs of life of all tills included. Memory is what headquarters' resident set grew by, garbage not yet collected "+
			"included. The return counts from the kill; its processor time, headquarters' and Postgres's, from the moment headquarters answers.",
			s.tills, 1+s.tills/storeTills, len(s.bare.frame)),
		Postgres: version,
		Close:    s.close,
	}, nil
}

// connect lets the crowd in and waits until each till has the prices.
func (s *storm) connect(ctx context.Context) error {
	_, key := device(s.tills) // headquarters' own, beyond the tills'
	if _, err := s.conn.Exec(ctx, `INSERT INTO tills.identity (private) VALUES ($1)`, key.Seed()); err != nil {
		return fmt.Errorf("give headquarters a key: %w", err)
	}
	var batch pgx.Batch
	for i := range s.tills {
		id, key := device(i)
		batch.Queue(`INSERT INTO tills.till (store_id, id, number, key, enrolled_at) VALUES ($1, $2, $3, $4, now())`,
			storeID(i/storeTills), id, 1+i%storeTills, []byte(key.Public().(ed25519.PublicKey)))
	}
	if err := s.conn.SendBatch(ctx, &batch).Close(); err != nil {
		return fmt.Errorf("write the tills: %w", err)
	}
	if err := s.raise(ctx, len(s.products)); err != nil {
		return err
	}
	before, err := resident(s.hq.PID())
	if err != nil {
		return err
	}
	if s.crowd, err = startCrowd(ctx, s.hq.URL(), key, s.tills); err != nil {
		return err
	}
	if err := s.arrived(ctx); err != nil {
		return err
	}
	after, err := resident(s.hq.PID())
	if err != nil {
		return err
	}
	s.held = (after - before) / float64(s.tills)
	frame, err := s.sample(ctx)
	if err != nil {
		return err
	}
	s.bare, err = openBare(ctx, s.crowd, frame)
	return err
}

// raise raises the prices of the first so many products, through the command that a manager has.
func (s *storm) raise(ctx context.Context, products int) error {
	s.raised++
	var list strings.Builder
	list.WriteString("sku,name,price\n")
	for _, p := range s.products[:products] {
		fmt.Fprintf(&list, "%s,%s,%d.00\n", p.SKU, p.Name.FR, 100+s.raised)
	}
	file := filepath.Join(s.dir, "prices.csv")
	if err := os.WriteFile(file, []byte(list.String()), 0o644); err != nil {
		return err
	}
	_, err := s.hq.Command(ctx, "import", "products", file, "--apply")
	return err
}

// arrived waits until every till has the newest prices.
func (s *storm) arrived(ctx context.Context) error {
	var head int64
	if err := s.conn.QueryRow(ctx, `SELECT seq FROM feed.head WHERE feed = $1`, global).Scan(&head); err != nil {
		return fmt.Errorf("read the head of the feed: %w", err)
	}
	return s.crowd.wait(ctx, fmt.Sprintf("upto %d", head))
}

// sample is the frame of one change.
func (s *storm) sample(ctx context.Context) ([]byte, error) {
	page := wire.Changes{Feed: global, Gen: 1, Rows: make([]wire.Row, 1)}
	var digest int64
	row := &page.Rows[0]
	err := s.conn.QueryRow(ctx, `SELECT head.seq, head.digest, item.seq, item.type, item.id, item.body
		FROM feed.head JOIN feed.item USING (feed) WHERE feed = $1 AND item.seq = head.seq`, global).
		Scan(&page.Upto, &digest, &row.Seq, &row.Type, &row.ID, &row.Body)
	if err != nil {
		return nil, fmt.Errorf("read a change: %w", err)
	}
	page.From, page.Digest = page.Upto-1, uint64(digest)
	return frameOf(page)
}

// change changes one price and waits until every till has it; runs times.
func (s *storm) change(ctx context.Context, runs int, w *Watch) error {
	w.Start()
	for range runs {
		start := time.Now()
		if err := s.raise(ctx, 1); err != nil {
			return err
		}
		if err := s.arrived(ctx); err != nil {
			return err
		}
		w.Lap(time.Since(start))
	}
	w.Stop(runs * s.tills)
	w.Hold(s.held)
	return nil
}

// kill kills headquarters, starts it again and waits until it has every till.
func (s *storm) kill(ctx context.Context, w *Watch) error {
	start := time.Now()
	if err := s.hq.Kill(); err != nil {
		return err
	}
	if err := s.hq.Start(ctx); err != nil {
		return err
	}
	w.Start()
	err := every(ctx, 50*time.Millisecond, func() (bool, error) {
		var connections float64
		if err := s.conn.QueryRow(ctx, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`).
			Scan(&connections); err != nil {
			return false, err
		}
		w.Count(connections)
		live, err := s.live(ctx)
		return live == s.tills, err
	})
	w.Stop(s.tills)
	w.Took(time.Since(start))
	return err
}

// live is how many tills headquarters says are connected.
func (s *storm) live(ctx context.Context) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.hq.URL()+"/metrics", nil)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(s.watcher))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, fmt.Errorf("read metrics: %w", err)
	}
	defer resp.Body.Close()
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		var live float64 // written with an exponent from a million on
		if n, _ := fmt.Sscanf(lines.Text(), "comptant_sync_sessions %g", &live); n == 1 {
			return int(live), nil
		}
	}
	return 0, errors.New("the metrics do not say how many tills are connected")
}

// update makes one durable change for each till, with as many connections as headquarters has.
func (s *storm) update(ctx context.Context, w *Watch) error {
	if _, err := s.conn.Exec(ctx, `DROP TABLE IF EXISTS bare_till; CREATE TABLE bare_till AS SELECT id, 0 AS n FROM tills.till;
		ALTER TABLE bare_till ADD PRIMARY KEY (id)`); err != nil {
		return fmt.Errorf("make a bare table: %w", err)
	}
	conns := make([]*pgx.Conn, poolSize())
	for i := range conns {
		c, err := pgx.Connect(ctx, s.postgres.URL())
		if err != nil {
			return fmt.Errorf("connect: %w", err)
		}
		defer c.Close(ctx)
		conns[i] = c
	}
	w.Start()
	group, updating := errgroup.WithContext(ctx)
	for i, c := range conns {
		group.Go(func() error {
			for till := i; till < s.tills; till += len(conns) {
				id, _ := device(till)
				if _, err := c.Exec(updating, `UPDATE bare_till SET n = n + 1 WHERE id = $1`, id); err != nil {
					return fmt.Errorf("bare update: %w", err)
				}
			}
			return nil
		})
	}
	err := group.Wait()
	w.Stop(s.tills)
	return err
}

func (s *storm) close() error {
	var errs []error
	if s.bare != nil {
		errs = append(errs, s.bare.close())
	}
	if s.crowd != nil {
		errs = append(errs, s.crowd.close())
	}
	if s.office != nil {
		errs = append(errs, s.office.close())
	}
	return errors.Join(errs...)
}

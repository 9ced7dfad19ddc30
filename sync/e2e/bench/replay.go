package bench

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"comptant/hq/db/postgres"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/sync/e2e/fleet"
	"comptant/sync/e2e/replay"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"
)

// Replay is a month of a whole chain.
var Replay = Row{
	Name:  "replay",
	Work:  "a month of a chain of 50 stores, each sale committed at its till and sent to headquarters, until all are acknowledged and all figures agree",
	Limit: "the same sales committed to 50 SQLite files with the raw driver, synchronous=FULL, one transaction each, no headquarters",
	Open:  openReplay,
}

// chain is a history and where it is replayed.
type chain struct {
	dir      string
	history  *replay.History
	postgres *postgres.Server
	admin    *pgx.Conn
	bin      string
	runs     int
}

func openReplay(ctx context.Context, place Place) (stand *Stand, err error) {
	c := &chain{dir: place.Dir}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.close())
		}
	}()
	var source string
	if c.history, source, err = month(place); err != nil {
		return nil, err
	}
	if c.bin, err = fleet.Build(ctx, place.Programs, "comptant/hq/cmd/hq"); err != nil {
		return nil, err
	}
	if c.postgres, err = postgres.Start(ctx, postgres.Options{Dir: filepath.Join(place.Dir, "postgres"), Log: slog.New(slog.DiscardHandler)}); err != nil {
		return nil, err
	}
	if c.admin, err = pgx.Connect(ctx, c.postgres.URL()); err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	var version string
	if err := c.admin.QueryRow(ctx, `SHOW server_version`).Scan(&version); err != nil {
		return nil, err
	}
	return &Stand{
		Parts: []Part{{
			Limit: c.commit, Product: c.replay, Figure: Reading.Rate, Unit: SalesRate, Goal: Goal{AtLeast: 0.5},
			Charged: func() time.Duration { return familyTime(os.Getpid(), c.postgres.PID()) },
		}},
		Note: fmt.Sprintf("%s: %d stores, %d sales. Stock and revenue at headquarters are compared with the history after each run, row by row. "+
			"Processor time is of headquarters, Postgres and the tills together.", source, len(c.history.Stores), c.history.Count()),
		Postgres: version,
		Close:    c.close,
	}, nil
}

// month is the first month of the teaching set, or one of the same shape.
func month(place Place) (*replay.History, string, error) {
	if place.Quick {
		return replay.Generate(2, 2, 10), "Generated", nil
	}
	if place.Data == "" {
		return replay.Generate(50, 30, 26), "Generated", nil
	}
	h, err := replay.Load(filepath.Join(place.Data, "toys"))
	if err != nil {
		return nil, "", err
	}
	first := retail.Date(99991231)
	for _, sales := range h.Sales {
		for _, s := range sales {
			first = min(first, s.Date)
		}
	}
	h.Until(retail.DateOf(first.Time(time.UTC).AddDate(0, 1, 0)))
	return h, "The first month of the set toys", nil
}

// replay sends the history through tills and a headquarters that are new.
func (c *chain) replay(ctx context.Context, w *Watch) error {
	c.runs++
	dir := filepath.Join(c.dir, fmt.Sprintf("run%d", c.runs))
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // the row's folder is removed in the end
	database, err := c.database(ctx)
	if err != nil {
		return err
	}
	selling := watching{w, c.history.Count()}
	result, err := replay.Run(ctx, c.history, replay.Options{
		HQ: &fleet.HQ{Bin: c.bin, Home: dir, DatabaseURL: database}, Dir: dir, Progress: selling,
	})
	if err != nil {
		return err
	}
	if len(result.Differences) > 0 || result.Acknowledged != result.Sales {
		return fmt.Errorf("%d of %d sales acknowledged, and these differences: %v", result.Acknowledged, result.Sales, result.Differences)
	}
	w.Took(result.Selling)
	return nil
}

// watching starts the watch at the first word of the progress, which is the first sale, and stops it at the last, which
// is the last acknowledgement.
type watching struct {
	w     *Watch
	sales int
}

func (s watching) Write(b []byte) (int, error) {
	if !s.w.running && s.w.reading.Ops == 0 {
		s.w.Start()
	}
	s.w.Stop(s.sales)
	return len(b), nil
}

// database makes an empty one.
func (c *chain) database(ctx context.Context) (string, error) {
	name := fmt.Sprintf("run%d", c.runs)
	if _, err := c.admin.Exec(ctx, `CREATE DATABASE `+name); err != nil {
		return "", fmt.Errorf("make database: %w", err)
	}
	if _, err := c.admin.Exec(ctx, `CHECKPOINT`); err != nil {
		return "", fmt.Errorf("checkpoint: %w", err)
	}
	return onDatabase(c.postgres.URL(), name)
}

// commit writes the sales of each store to a file of its own, one transaction each.
func (c *chain) commit(ctx context.Context, w *Watch) (err error) {
	price := map[int]money.Amount{}
	for _, p := range c.history.Products {
		price[p.ID] = p.Price
	}
	dir, err := os.MkdirTemp(c.dir, "raw-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // the row's folder is removed in the end
	files := map[int]*sql.DB{}
	defer func() {
		for _, db := range files {
			err = errors.Join(err, db.Close())
		}
	}()
	for _, s := range c.history.Stores {
		db, err := openRaw(ctx, dir, fmt.Sprintf("store%d.db", s.ID))
		if err != nil {
			return err
		}
		files[s.ID] = db
		for _, ddl := range []string{
			`CREATE TABLE sale (id INTEGER PRIMARY KEY, day INTEGER NOT NULL, total INTEGER NOT NULL) STRICT`,
			`CREATE TABLE line (sale INTEGER NOT NULL, line INTEGER NOT NULL, product INTEGER NOT NULL, quantity INTEGER NOT NULL,
				amount INTEGER NOT NULL, PRIMARY KEY (sale, line)) STRICT, WITHOUT ROWID`,
		} {
			if _, err := db.ExecContext(ctx, ddl); err != nil {
				return err
			}
		}
	}
	w.Start()
	group, selling := errgroup.WithContext(ctx)
	for store, db := range files {
		group.Go(func() error { return commitRaw(selling, db, c.history.Sales[store], price) })
	}
	err = group.Wait()
	w.Stop(c.history.Count())
	return err
}

func commitRaw(ctx context.Context, db *sql.DB, sales []replay.Sale, price map[int]money.Amount) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	var stmts [4]*sql.Stmt
	for i, query := range []string{
		`BEGIN IMMEDIATE`, `INSERT INTO sale (id, day, total) VALUES (?, ?, ?)`,
		`INSERT INTO line (sale, line, product, quantity, amount) VALUES (?, 0, ?, ?, ?)`, `COMMIT`,
	} {
		if stmts[i], err = conn.PrepareContext(ctx, query); err != nil {
			return err
		}
		defer stmts[i].Close()
	}
	for _, s := range sales {
		amount := int64(price[s.Product]) * int64(s.Units)
		for i, args := range [][]any{nil, {s.ID, int(s.Date), amount}, {s.ID, s.Product, s.Units, amount}, nil} {
			if _, err := stmts[i].ExecContext(ctx, args...); err != nil {
				return fmt.Errorf("sale %d: %w", s.ID, err)
			}
		}
	}
	return nil
}

func (c *chain) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var errs []error
	if c.admin != nil {
		errs = append(errs, c.admin.Close(ctx))
	}
	if c.postgres != nil {
		errs = append(errs, c.postgres.Stop(ctx))
	}
	return errors.Join(errs...)
}

// onDatabase is the address of another database of the same server.
func onDatabase(address, name string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("address of Postgres: %w", err)
	}
	u.Path = "/" + name
	return u.String(), nil
}

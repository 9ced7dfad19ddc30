package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/hq/importer"
	"comptant/hq/intake"
	"comptant/hq/stock"
	"comptant/hq/users"
	"comptant/hq/web"
	"comptant/shared/retail"
	"comptant/sync/hub"
	"comptant/sync/wire"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"
)

// ReadyPath answers 200 once headquarters serves.
const ReadyPath = "/healthz"

// minApp is the oldest program of a till that understands what this version publishes. Raise it with a feed that an older
// one would misread: such a till goes on selling with what it has, and its sales come up.
const minApp = "1.0"

const (
	// drainWithin bounds how long tills and browsers are given to leave.
	drainWithin = 10 * time.Second
	// The time limits of a request; a stream of events or a till's socket lifts them for itself.
	headerWithin = 10 * time.Second
	readWithin   = time.Minute
	idleWithin   = 2 * time.Minute
	headerBytes  = 64 << 10
)

// Config is all a headquarters needs.
type Config struct {
	Database Database
	// Listen is the address to serve on.
	Listen  string
	Version string
	Log     *slog.Logger
	// Now replaces the clock; nil is the real one.
	Now func() time.Time
}

// Server is a headquarters process.
type Server struct {
	store    *Store
	log      *slog.Logger
	listener net.Listener
	http     *http.Server
	hub      *hub.Hub
	desk     *intake.Desk
	flusher  *intake.Flusher
	prices   *catalog.Activator
	imports  *importer.Desk
	notifier *feed.Notifier
}

// New opens the database and the listener. Nothing is served before Run.
func New(ctx context.Context, c Config) (*Server, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	store, err := c.Database.Open(ctx)
	if err != nil {
		return nil, err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		store.Close()
		return nil, fmt.Errorf("listen on %s (is another headquarters running? --listen chooses another address): %w", c.Listen, err)
	}
	s := &Server{store: store, log: c.Log, listener: listener}
	s.notifier = feed.NewNotifier(store.DB, c.Log)
	s.desk = intake.New(store.DB, c.Log, c.Now)
	s.flusher = intake.NewFlusher(store.DB, c.Log, s.notifier, c.Now)
	s.prices = catalog.NewActivator(store.DB, c.Log, s.notifier, c.Now)
	s.imports = importer.NewDesk(store.DB, c.Log, c.Now)
	s.hub = hub.New(hub.Config{
		Tills: s.desk, Intake: s.desk, Feeds: feed.NewReader(store.DB, s.notifier), Snapshots: feed.NewSnapshots(store.DB, c.Now),
		Log: c.Log, MinApp: minApp, Now: c.Now,
	})
	s.http = &http.Server{
		Handler: s.routes(c), ReadHeaderTimeout: headerWithin, ReadTimeout: readWithin, IdleTimeout: idleWithin, MaxHeaderBytes: headerBytes,
		ErrorLog: slog.NewLogLogger(c.Log.Handler(), slog.LevelWarn),
	}
	return s, nil
}

func (s *Server) routes(c Config) http.Handler {
	m := newMetrics(s.store.DB, s.hub, c.Version)
	m.registry.MustRegister(newTillMetrics(s.store, s.desk, s.log))
	mux := http.NewServeMux()
	mux.Handle("GET "+wire.SyncPath, s.hub)
	mux.Handle("GET "+wire.SnapshotPath+"/{name}", s.hub)
	mux.Handle("POST "+wire.EnrolPath, s.hub)
	mux.Handle("GET /metrics", m.handler())
	mux.HandleFunc("GET "+ReadyPath, s.ready)
	mux.Handle("/", web.New(s.pages(c)))
	return m.measure(mux)
}

func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	if err := s.store.Ping(r.Context()); err != nil {
		s.log.Warn("database does not answer", "error", err)
		http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ok")
}

// pages is what the dashboard works with.
func (s *Server) pages(c Config) web.Config {
	return web.Config{
		DB: s.store.DB,
		Snapshot: func(ctx context.Context, read func(stock.Querier) error) error {
			options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
			return s.store.InTxOptions(ctx, options, func(tx *db.Tx) error { return read(tx) })
		},
		Users: users.NewSessions(s.store.DB, c.Now), Journal: s.desk, Imports: s.imports,
		Erase: func(ctx context.Context, customer uuid.UUID) error {
			return s.store.InTx(ctx, func(tx *db.Tx) error { return users.EraseCustomer(ctx, tx, customer, c.Now()) })
		},
		Restock: web.Restock{
			Decide: func(ctx context.Context, d stock.Decision) error {
				return s.store.InTx(ctx, func(tx *db.Tx) error { return stock.Decide(ctx, tx, d) })
			},
			Ship: func(ctx context.Context, d stock.Dispatch) (shipment stock.Shipment, err error) {
				err = s.store.InTx(ctx, func(tx *db.Tx) error {
					shipment, err = stock.Ship(ctx, tx, d)
					return err
				})
				return shipment, err
			},
		},
		Prices: web.Prices{
			Add: func(ctx context.Context, from time.Time, lines []retail.PriceLine) (version int64, err error) {
				err = s.store.InTx(ctx, func(tx *db.Tx) error {
					version, err = catalog.AddBook(ctx, tx, c.Now(), from, lines)
					return err
				})
				return version, err
			},
			Cancel: func(ctx context.Context, version int64) error {
				return s.store.InTx(ctx, func(tx *db.Tx) error { return catalog.CancelBook(ctx, tx, c.Now(), version) })
			},
		},
		Subscribe: s.notifier.Subscribe, Now: c.Now, Log: c.Log,
	}
}

// Addr is the address it listens on.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Run serves until ctx is done, then lets the tills go and stops. It closes the database.
func (s *Server) Run(ctx context.Context) error {
	defer s.store.Close()
	defer s.imports.Close()
	s.log.Info("headquarters serves", "address", "http://"+s.Addr())
	group, run := errgroup.WithContext(ctx)
	group.Go(func() error { return s.notifier.Run(run) })
	group.Go(func() error { return s.flusher.Run(run) })
	group.Go(func() error { return s.desk.Run(run) })
	group.Go(func() error { return s.prices.Run(run) })
	group.Go(func() error {
		select {
		case <-s.store.Lost():
			return errors.New("the private Postgres ended; see postgres.log in its folder")
		case <-run.Done():
			return run.Err()
		}
	})
	group.Go(func() error {
		if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve: %w", err)
		}
		return nil
	})
	group.Go(func() error {
		<-run.Done()
		return s.drain()
	})
	if err := group.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	s.log.Info("headquarters stopped")
	return nil
}

func (s *Server) drain() error {
	ctx, cancel := context.WithTimeout(context.Background(), drainWithin)
	defer cancel()
	err := s.hub.Drain(ctx)
	// Streams of events do not end by themselves.
	if stop := s.http.Shutdown(ctx); stop != nil {
		err = errors.Join(err, s.http.Close())
	}
	return err
}

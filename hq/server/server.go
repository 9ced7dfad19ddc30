package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"comptant/hq/api"
	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/hq/importer"
	"comptant/hq/intake"
	"comptant/hq/mail"
	"comptant/hq/payments"
	"comptant/hq/stock"
	"comptant/hq/users"
	"comptant/hq/web"
	"comptant/shared/health"
	"comptant/sync/hub"
	"comptant/sync/wire"

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
	writeWithin  = 10 * time.Minute // a till's first snapshot over a slow line; pages allow themselves less
	idleWithin   = 2 * time.Minute
	headerBytes  = 64 << 10
)

// Config is all a headquarters needs.
type Config struct {
	Database Database
	// Listen is the address to serve on.
	Listen  string
	Version string
	// TLSCert and TLSKey are files to serve HTTPS with; empty for HTTP.
	TLSCert, TLSKey string
	// Proxies are addresses and networks of proxies whose word is taken for who asks.
	Proxies []string
	// Origins are those of other sites whose scripts may use the API.
	Origins []string
	// SMTP is the mail server, as mail.New reads it, and MailFrom the sender; empty where no mail is set up. URL is where people
	// find the dashboard: messages link to it.
	SMTP, MailFrom, URL string
	// Stripe charges the shop's customers; where nothing of it is set the sandbox does, which moves no money.
	Stripe payments.StripeOptions
	// AcceptWithin is how long a location has to accept an order of the shop, order.LongestAccept at most; 0 for a day.
	AcceptWithin time.Duration
	Log          *slog.Logger
	// Now replaces the clock; nil is the real one.
	Now func() time.Time
}

// Server is a headquarters process.
type Server struct {
	store    *Store
	log      *slog.Logger
	scheme   string
	listener net.Listener
	http     *http.Server
	hub      *hub.Hub
	desk     *intake.Desk
	verifier *intake.Verifier
	flusher  *intake.Flusher
	prices   *catalog.Activator
	imports  *importer.Desk
	front    storefront
	notifier *feed.Notifier
	now      func() time.Time
}

// New opens the database and the listener. Nothing is served before Run.
func New(ctx context.Context, c Config) (*Server, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	s := &Server{log: c.Log, scheme: "http", now: c.Now}
	mailer, err := c.mailer()
	if err != nil {
		return nil, err
	}
	proxies, err := networks(c.Proxies)
	if err != nil {
		return nil, err
	}
	if err := checkOrigins(c.Origins); err != nil {
		return nil, err
	}
	var config *tls.Config
	if c.TLSCert != "" || c.TLSKey != "" {
		cert, err := newCertificate(c.TLSCert, c.TLSKey, c.Log)
		if err != nil {
			return nil, err
		}
		config, s.scheme = &tls.Config{GetCertificate: cert.get, MinVersion: tls.VersionTLS12}, "https"
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
	s.store, s.listener = store, listener
	s.notifier = feed.NewNotifier(store.DB, c.Log)
	s.desk = intake.New(store.DB, c.Log, c.Now)
	s.verifier = intake.NewVerifier(s.desk)
	s.flusher = intake.NewFlusher(store.DB, c.Log, s.notifier, c.Now)
	s.prices = catalog.NewActivator(store.DB, c.Log, s.notifier, c.Now)
	s.imports = importer.NewDesk(store.DB, c.Log, c.Now)
	if s.front, err = s.openShop(c, mailer); err != nil {
		store.Close()
		return nil, errors.Join(err, listener.Close())
	}
	s.hub = hub.New(hub.Config{
		Tills: s.desk, Intake: s.desk, Feeds: feed.NewReader(store.DB, s.notifier), Snapshots: feed.NewSnapshots(store.DB, c.Now),
		Log: c.Log, MinApp: minApp, Now: c.Now,
	})
	m := newMetrics(store.DB, s.hub, c.Version)
	m.registry.MustRegister(newTillMetrics(store, s.desk, c.Now, s.log), newWorkMetrics(store, c.Now, s.log), s.front.orders)
	routes, err := s.routes(c, mailer, m)
	if err != nil {
		store.Close()
		return nil, errors.Join(err, listener.Close())
	}
	mux := http.NewServeMux()
	for pattern, h := range routes {
		mux.Handle(pattern, h)
	}
	s.http = &http.Server{
		Handler: behind(proxies, m.measure(mux)), TLSConfig: config, ReadHeaderTimeout: headerWithin, ReadTimeout: readWithin, WriteTimeout: writeWithin, IdleTimeout: idleWithin, MaxHeaderBytes: headerBytes,
		ErrorLog: slog.NewLogLogger(c.Log.Handler(), slog.LevelWarn),
	}
	return s, nil
}

// mailer is nil where no mail is set up.
func (c Config) mailer() (*mail.Sender, error) {
	if c.SMTP == "" {
		return nil, nil
	}
	u, err := url.Parse(c.URL)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return nil, fmt.Errorf("messages need the address at which people find the dashboard, such as https://hq.example.com; it is %q", c.URL)
	}
	return mail.New(c.SMTP, c.MailFrom)
}

// checkOrigins refuses what no browser sends as an origin, which would let nobody in.
func checkOrigins(all []string) error {
	for _, text := range all {
		u, err := url.Parse(text)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || text != u.Scheme+"://"+strings.ToLower(u.Host) {
			return fmt.Errorf("origin %q is not scheme and host such as https://tools.example.com", text)
		}
	}
	return nil
}

// routes is everything that is served, by its pattern.
func (s *Server) routes(c Config, mailer *mail.Sender, m *metrics) (map[string]http.Handler, error) {
	config := api.Config{
		DB: s.store.DB, Tokens: users.NewTokenDesk(s.store.DB, s.notifier), Places: stock.NewPlaces(s.store.DB, s.notifier),
		Products: catalog.NewProducts(s.store.DB, s.notifier), Journal: s.desk, Orders: s.front.orders, Shop: s.front.shop, Watch: m.handler(), Origins: c.Origins,
		Labels: web.Labels(s.pages(c, mailer)), Imports: s.imports, URL: strings.TrimRight(c.URL, "/"), Version: c.Version, Now: c.Now, Log: c.Log,
	}
	if mailer != nil {
		config.Mail = mailer.Send
	}
	programs, err := api.New(config)
	if err != nil {
		return nil, err
	}
	all := map[string]http.Handler{
		"GET " + wire.SyncPath:                 s.hub,
		"GET " + wire.SnapshotPath + "/{name}": s.hub,
		"POST " + wire.EnrolPath:               s.hub,
		"POST " + wire.LogPath:                 http.HandlerFunc(s.takeLog),
		"GET " + ReadyPath:                     http.HandlerFunc(s.ready),
		"/api/":                                programs,
		"GET " + api.Metrics:                   programs,
		"/shop/":                               s.shopPages(c, mailer),
		"/":                                    web.New(s.pages(c, mailer)),
	}
	if s.front.webhook != nil {
		all["POST "+StripePath] = s.front.webhook
	}
	return all, nil
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
func (s *Server) pages(c Config, mailer *mail.Sender) web.Config {
	pages := web.Config{
		DB: s.store.DB,
		Snapshot: func(ctx context.Context, read func(stock.Querier) error) error {
			options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
			return s.store.InTxOptions(ctx, options, func(tx *db.Tx) error { return read(tx) })
		},
		InTx: s.store.InTx, Users: users.NewSessions(s.store.DB, c.Now), Journal: s.desk, Verifier: s.verifier, Imports: s.imports, Orders: s.front.orders,
		Examine: func(ctx context.Context) []health.Finding {
			c.Listen = s.Addr() // whatever port it was given
			return Examine(ctx, c)
		},
		Subscribe: s.notifier.Subscribe, Now: c.Now, Log: c.Log, URL: strings.TrimRight(c.URL, "/"), Version: c.Version,
	}
	if mailer != nil {
		pages.Mail = mailer.Send
	}
	return pages
}

// Addr is the address it listens on.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Run serves until ctx is done, then lets the tills go and stops. It closes the database.
func (s *Server) Run(ctx context.Context) error {
	defer s.store.Close()
	defer s.imports.Close()
	defer s.verifier.Close()
	s.log.Info("headquarters serves", "address", s.scheme+"://"+s.Addr())
	group, run := errgroup.WithContext(ctx)
	group.Go(func() error { return s.notifier.Run(run) })
	group.Go(func() error { return s.flusher.Run(run) })
	group.Go(func() error { return s.desk.Run(run) })
	group.Go(func() error { return s.prices.Run(run) })
	group.Go(func() error { return s.front.orders.Run(run, s.notifier.Subscribe) })
	group.Go(func() error { return askAlone(run, s.store.DB, s.log, s.now) })
	group.Go(func() error {
		select {
		case <-s.store.Lost():
			return errors.New("the private Postgres ended; see postgres.log in its folder")
		case <-run.Done():
			return run.Err()
		}
	})
	group.Go(func() error {
		serve := func() error { return s.http.Serve(s.listener) }
		if s.http.TLSConfig != nil {
			serve = func() error { return s.http.ServeTLS(s.listener, "", "") } // the certificate is the configuration's
		}
		if err := serve(); !errors.Is(err, http.ErrServerClosed) {
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

package chaos

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"comptant/hq/db/postgres"
	"comptant/shared/secret"
	"comptant/sync/e2e/fleet"
	"comptant/sync/e2e/proxy"
	"comptant/sync/e2e/replay"
)

// What is sold, by whom, and where.
const (
	products = 35
	opening  = 100_000 // units of each product in each store
	// The last products are the shop's alone: customers order them until there are none.
	shopProducts = 3
	shopOpening  = 400
	stores       = 4
	cashier      = "Alice"
	pin          = "1111"
)

// world is everything that runs.
type world struct {
	database *database
	hqs      []*fleet.HQ
	lanes    []*lane
	shop     *shop
	tally    *tallies
	// calm ends the faults of messages.
	calm atomic.Bool
	log  *os.File
}

// build starts the whole system. What it started is in the world, also after an error.
func build(ctx context.Context, o Options, k *killer) error {
	w := k.world
	var err error
	if w.log, err = os.Create(filepath.Join(o.Dir, "log")); err != nil {
		return err
	}
	hq, err := fleet.Build(ctx, o.Dir, "comptant/hq/cmd/hq")
	if err != nil {
		return err
	}
	till, err := fleet.Build(ctx, o.Dir, "comptant/sync/e2e/cmd/lane")
	if err != nil {
		return err
	}
	w.database = &database{options: postgres.Options{
		Dir: filepath.Join(o.Dir, "postgres"), Log: slog.New(slog.DiscardHandler),
	}}
	if err := w.database.start(ctx); err != nil {
		return err
	}
	var addresses []string
	for i := range o.HQs {
		name := programOf(i)
		h := &fleet.HQ{Bin: hq, Home: filepath.Join(o.Dir, name), DatabaseURL: w.database.url(name), Log: w.log}
		if err := h.Start(ctx); err != nil {
			return err
		}
		w.hqs, addresses = append(w.hqs, h), append(addresses, h.Listen)
	}
	if err := w.stock(ctx, o.Dir); err != nil {
		return err
	}
	if w.shop, err = openShop(ctx, w, o.Seed); err != nil {
		return err
	}
	w.calm.Store(true)
	for i := range o.Tills {
		if err := w.addLane(ctx, o, till, addresses, i, k); err != nil {
			return err
		}
	}
	return nil
}

// openingOf is what each store has of a product at first.
func openingOf(product int) int {
	if product > products-shopProducts {
		return shopOpening
	}
	return opening
}

// programOf is the name of a headquarters, for Postgres too.
func programOf(hq int) string { return fmt.Sprint("hq-", hq+1) }

// stock gives headquarters stores, products, opening stock and a cashier.
func (w *world) stock(ctx context.Context, dir string) error {
	h := replay.Generate(stores, 0, 0)
	for _, s := range h.Stores {
		for _, p := range h.Products {
			h.OnHand[replay.Pair{Store: s.ID, Product: p.ID}] = openingOf(p.ID)
		}
	}
	if err := replay.Import(ctx, h, w.hqs[0], dir); err != nil {
		return err
	}
	if err := w.cheapPIN(ctx); err != nil {
		return err
	}
	args := []string{"user", "add", "--name", cashier, "--role", "employee", "--pin", pin}
	for _, s := range h.Stores {
		args = append(args, "--store", replay.StoreCode(s.ID))
	}
	_, err := w.hqs[0].Command(ctx, args...)
	return err
}

// cheapPIN lets the cashier's PIN be checked in no time. A real one takes a third of a second of both cores, which is what
// a killed till would spend most of its time on before it has something to lose again.
func (w *world) cheapPIN(ctx context.Context) error {
	hash, err := secret.Hash(pin, secret.Params{Memory: 64, Time: 1, Threads: 1})
	if err != nil {
		return err
	}
	_, err = w.database.look.Exec(ctx, `
		CREATE FUNCTION users.cheap_pin() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.pin = '`+hash+`'; RETURN NEW; END $$;
		CREATE TRIGGER cheap_pin BEFORE INSERT ON users.staff FOR EACH ROW EXECUTE FUNCTION users.cheap_pin()`)
	return err
}

// addLane enrols a till through its own line and starts it.
func (w *world) addLane(ctx context.Context, o Options, bin string, addresses []string, i int, k *killer) error {
	l := &lane{
		name: fmt.Sprint(i + 1), bin: bin, dir: filepath.Join(o.Dir, fmt.Sprint("till-", i+1)),
		receipts: filepath.Join(o.Dir, fmt.Sprint("receipts-", i+1)), store: replay.StoreCode(1 + i%stores), number: 1 + i/stores,
		tills: (o.Tills - i%stores + stores - 1) / stores, plan: source(o.Seed, "trade", i), log: w.log, lasts: map[string]time.Duration{},
	}
	var err error
	l.line, err = newLine(ctx, addresses, source(o.Seed, "faults", i), w.tally, &w.calm)
	if err != nil {
		return err
	}
	l.line.watch = func(m proxy.Message) (proxy.Verdict, bool) {
		if v, taken := l.hunter.watch(l, m); taken {
			return v, true
		}
		return k.watch(l, m)
	}
	w.lanes = append(w.lanes, l)
	if err := fleet.EnrolThrough(ctx, w.hqs[0], l.proxy.URL(), l.dir, l.store, l.number); err != nil {
		return err
	}
	return l.start()
}

// source is the source of one part's plan.
func source(seed uint64, part string, i int) *rand.Rand {
	var stream uint64
	for _, c := range []byte(part) {
		stream = stream<<8 | uint64(c)
	}
	return rand.New(rand.NewPCG(seed, stream<<8|uint64(i)))
}

// close stops everything.
func (w *world) close() error {
	var errs []error
	for _, l := range w.lanes {
		l.kill()
		errs = append(errs, l.close())
	}
	for _, h := range w.hqs {
		errs = append(errs, h.Stop())
	}
	if w.database != nil {
		errs = append(errs, w.database.stop(context.Background()))
	}
	if w.log != nil {
		errs = append(errs, w.log.Close())
	}
	return errors.Join(errs...)
}

// tail is the end of what the processes logged.
func (w *world) tail() string {
	b := make([]byte, 4000)
	info, err := w.log.Stat()
	if err != nil {
		return ""
	}
	n, _ := w.log.ReadAt(b, max(0, info.Size()-int64(len(b))))
	return string(b[:n])
}

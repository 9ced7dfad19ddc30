package intake_test

import (
	"context"
	"crypto/ed25519"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/intake"
	"comptant/hq/pgtest"
	"comptant/hq/stock"
	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/sync/hub"
	"comptant/sync/wire"
)

var ctx = context.Background()

// opened is the time of every test: 14:30 in Montréal.
var opened = time.Date(2026, 11, 22, 19, 30, 0, 0, time.UTC)

func now() time.Time { return opened }

const today = retail.Date(20261122)

// world is headquarters with one store, a warehouse and a few products.
type world struct {
	t        testing.TB
	db       *db.DB
	desk     *intake.Desk
	store    retail.Location
	depot    retail.Location
	products []retail.Product
	taxes    retail.TaxTable
}

func newWorld(t testing.TB) *world { return worldOn(t, pgtest.New(t), 6) }

func worldOn(t testing.TB, d *db.DB, products int) *world {
	w := &world{
		t: t, db: d, desk: intake.New(d, slog.New(slog.NewTextHandler(t.Output(), nil)), now),
		store: retail.Location{ID: uuid.New(), Kind: retail.LocationStore, Code: "CV", Name: "Magasin Centre-Ville", Zone: "America/Toronto"},
		depot: retail.Location{ID: uuid.New(), Kind: retail.LocationWarehouse, Code: "CL", Name: "Centre logistique", Zone: "America/Toronto"},
		taxes: retail.TaxTable{
			{ID: uuid.New(), Code: "TPS", Rate: 5000, Classes: []retail.TaxClass{retail.Taxable}, From: 20080101, Order: 1},
			{ID: uuid.New(), Code: "TVQ", Rate: 9975, Classes: []retail.TaxClass{retail.Taxable}, From: 20130101, Order: 2},
		},
	}
	category := uuid.New()
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error {
		if err := stock.PutLocations(ctx, tx, w.store, w.depot); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO catalog.category (id, name_fr, name_en) VALUES ($1, 'Tout', 'All')`, category)
		return err
	}))
	for i := range products {
		p := retail.Product{
			ID: uuid.New(), SKU: uuid.NewString(), Name: retail.Text{EN: "Thing", FR: "Chose"},
			Price: money.Amount(100 + i), Class: retail.Taxable, MadeHere: i == 0,
		}
		w.products = append(w.products, p)
		_, err := d.Exec(ctx, `
			INSERT INTO catalog.product (id, sku, name_fr, name_en, category_id, price, cost, tax_class, made_here)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			p.ID, p.SKU, p.Name.FR, p.Name.EN, category, p.Price, p.Price/2, p.Class, p.MadeHere)
		require.NoError(t, err)
	}
	return w
}

// lane is a till's journal in memory.
type lane struct {
	w       *world
	id      uuid.UUID
	key     ed25519.PrivateKey
	session hub.Session
	epoch   uint64
	entries [][]byte // of the epoch, from seq 1
	number  uint64
}

// enrol makes a till of the store and opens its session.
func (w *world) enrol(number int) *lane {
	w.t.Helper()
	code, err := w.desk.NewCode(ctx, w.store.ID, number)
	require.NoError(w.t, err)
	key, private, err := ed25519.GenerateKey(nil)
	require.NoError(w.t, err)
	reply, err := w.desk.Enrol(ctx, wire.EnrolRequest{Code: code, Key: key}, "192.0.2.1")
	require.NoError(w.t, err)
	l := &lane{w: w, id: reply.Till, key: private, epoch: reply.Epoch}
	l.open(wire.Hello{Till: reply.Till})
	l.add(journal.KindEpochOpen, retail.EpochOpen{Nonce: []byte{1}, Store: w.store.ID, Reason: retail.EpochEnrolled})
	return l
}

func (l *lane) open(hello wire.Hello) {
	l.w.t.Helper()
	var err error
	l.session, err = l.w.desk.Open(ctx, hello, now())
	require.NoError(l.w.t, err)
}

// next begins another epoch.
func (l *lane) next() {
	l.epoch, l.entries, l.number = l.epoch+1, nil, 0
	l.add(journal.KindEpochOpen, retail.EpochOpen{Nonce: []byte{2}, Store: l.w.store.ID, Reason: retail.EpochGranted})
}

// add appends an entry and gives its seq.
func (l *lane) add(kind journal.Kind, body any) uint64 {
	l.w.t.Helper()
	b, err := journal.Encode(journal.Entry{Kind: kind, Time: opened.UnixMilli(), User: uuid.UUID{7}}, body)
	require.NoError(l.w.t, err)
	return l.raw(b)
}

func (l *lane) raw(b []byte) uint64 {
	l.entries = append(l.entries, b)
	return uint64(len(l.entries))
}

// sale rings up quantities of products, the first of them of products[0] and so on, and pays cash.
func (l *lane) sale(quantities ...money.Quantity) uint64 {
	l.w.t.Helper()
	return l.add(journal.KindSale, l.ticket(quantities...))
}

func (l *lane) ticket(quantities ...money.Quantity) retail.Sale {
	var lines []retail.Line
	for i, q := range quantities {
		if q > 0 {
			lines = append(lines, retail.NewLine(l.w.products[i], q, "en"))
		}
	}
	totals := retail.Total(lines, l.w.taxes)
	due, rounding := totals.Cash(0)
	l.number++
	return retail.Sale{
		Number: l.number, BusinessDate: today, Currency: "CAD", Lines: lines, Taxes: totals.Taxes, Total: totals.Total,
		Rounding: rounding, Tenders: []retail.Tender{{Kind: retail.TenderCash, Amount: due, Given: due}},
	}
}

// batch is the entries first to last of the epoch.
func (l *lane) batch(first, last uint64) hub.Batch {
	links := journal.Chain(l.id, l.epoch, 1, journal.Genesis(l.id, l.epoch), l.entries)
	return hub.Batch{
		Till: l.id, Store: l.w.store.ID, Session: l.session.ID, Path: wire.Path{Epoch: l.epoch}, First: first,
		Prev: links[first-1].Prev, Head: links[last-1].Hash, Entries: l.entries[first-1 : last],
	}
}

// push sends everything from first on.
func (l *lane) push(first uint64) hub.Stored {
	l.w.t.Helper()
	stored, err := l.w.desk.Store(ctx, l.batch(first, uint64(len(l.entries))))
	require.NoError(l.w.t, err)
	return stored
}

// state is the epoch as hello says it.
func (l *lane) state(acked uint64) wire.EpochState {
	last := uint64(len(l.entries))
	return wire.EpochState{Epoch: l.epoch, Last: last, Hash: l.batch(last, last).Head, Acked: acked}
}

func (w *world) count(query string, args ...any) (n int64) {
	w.t.Helper()
	require.NoError(w.t, w.db.QueryRow(ctx, query, args...).Scan(&n))
	return n
}

// onHand is the level of a product at the store, in thousandths.
func (w *world) onHand(product int) int64 {
	return w.count(`SELECT coalesce(sum(on_hand), 0)::bigint FROM stock.level WHERE location_id = $1 AND product_id = $2`,
		w.store.ID, w.products[product].ID)
}

// sound requires that Verify finds nothing.
func (w *world) sound() {
	w.t.Helper()
	faults, err := w.desk.Verify(ctx, uuid.Nil)
	require.NoError(w.t, err)
	require.Empty(w.t, faults)
	for _, place := range []retail.Location{w.store, w.depot} {
		faults, err := w.desk.VerifyScope(ctx, intake.Scope{Store: place.ID}, func(int64) {})
		require.NoError(w.t, err)
		require.Empty(w.t, faults, place.Name)
	}
	require.Zero(w.t, w.count(`SELECT count(*) FROM stock.count c WHERE c.before <> coalesce((
		SELECT sum(m.quantity) FROM stock.movement m
		WHERE m.location_id = c.location_id AND m.product_id = c.product_id AND m.reason <> 7
			AND NOT CASE WHEN m.till_id = c.till_id THEN (m.epoch, m.seq, m.ref) > (c.epoch, c.seq, c.ref)
				ELSE (date_trunc('milliseconds', m.at), m.ref) > (c.at, c.ref) END), 0)`), "what moved before a count is the sum of it")
}

package sim_test

import (
	"context"
	"crypto/ed25519"
	"log/slog"
	"testing"
	"time"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/hq/intake"
	"comptant/hq/pgtest"
	"comptant/hq/stock"
	"comptant/shared/retail"
	"comptant/sync/e2e/sim"
	"comptant/sync/wire"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// office is headquarters as it is, on Postgres.
type office struct {
	*intake.Desk
	db      *db.DB
	flusher *intake.Flusher
	now     func() time.Time
	stores  int
}

func newOffice(t *testing.T) *office { return officeOn(pgtest.New(t)) }

func officeOn(db *db.DB) *office {
	o := &office{db: db, now: time.Now}
	log := slog.New(slog.DiscardHandler)
	now := func() time.Time { return o.now() }
	o.Desk = intake.New(o.db, log, now)
	o.flusher = intake.NewFlusher(o.db, log, feed.NewNotifier(o.db, log), now)
	return o
}

func (o *office) Clock(now func() time.Time) { o.now = now }

func (o *office) Found(ctx context.Context, products []uuid.UUID) (uuid.UUID, error) {
	o.stores++
	code := string([]byte{byte('A' + o.stores/26%26), byte('A' + o.stores%26), byte('A' + o.stores/676%26)})
	store := retail.Location{ID: uuid.New(), Kind: retail.LocationStore, Code: code, Name: code, Zone: "America/Toronto"}
	err := o.db.InTx(ctx, func(tx *db.Tx) error {
		if err := stock.PutLocations(ctx, tx, store); err != nil {
			return err
		}
		category := uuid.UUID{1}
		if _, err := tx.Exec(ctx, `INSERT INTO catalog.category (id, name_fr, name_en) VALUES ($1, 'Tout', 'All') ON CONFLICT DO NOTHING`,
			category); err != nil {
			return err
		}
		for _, p := range products {
			if _, err := tx.Exec(ctx, `
				INSERT INTO catalog.product (id, sku, name_fr, name_en, category_id, price, cost, tax_class, made_here)
				VALUES ($1, $2, 'P', 'P', $3, 100, 50, 2, false) ON CONFLICT DO NOTHING`, p, p.String(), category); err != nil {
				return err
			}
		}
		return nil
	})
	return store.ID, err
}

func (o *office) Enrol(ctx context.Context, store uuid.UUID, number int, key ed25519.PublicKey) (uuid.UUID, uint64, error) {
	code, err := o.NewCode(ctx, store, number)
	if err != nil {
		return uuid.Nil, 0, err
	}
	return o.Redeem(ctx, code, key)
}

func (o *office) Redeem(ctx context.Context, code string, key ed25519.PublicKey) (uuid.UUID, uint64, error) {
	reply, err := o.Desk.Enrol(ctx, wire.EnrolRequest{Code: code, Key: key}, "192.0.2.1")
	return reply.Till, reply.Epoch, err
}

func (o *office) Flush(ctx context.Context, store uuid.UUID) (map[uuid.UUID]retail.Stock, map[uuid.UUID]retail.Mark, error) {
	if err := o.flusher.Flush(ctx, store); err != nil {
		return nil, nil, err
	}
	rows, err := o.db.Query(ctx, `SELECT type, id, body FROM feed.item WHERE feed = $1 AND body IS NOT NULL`, feed.Store(store))
	if err != nil {
		return nil, nil, err
	}
	levels, marks := map[uuid.UUID]retail.Stock{}, map[uuid.UUID]retail.Mark{}
	var kind int16
	var id uuid.UUID
	var body []byte
	_, err = pgx.ForEachRow(rows, []any{&kind, &id, &body}, func() error {
		var level retail.Stock
		var mark retail.Mark
		var err error
		switch retail.RowType(kind) {
		case retail.RowStock:
			err = cbor.Unmarshal(body, &level)
			levels[id] = level
		case retail.RowMark:
			err = cbor.Unmarshal(body, &mark)
			marks[id] = mark
		}
		return err
	})
	return levels, marks, err
}

func (o *office) Told(ctx context.Context, till uuid.UUID) ([][]byte, error) {
	rows, err := o.db.Query(ctx, `SELECT body FROM feed.item WHERE feed = $1 AND type IN ($2, $3, $4) AND body IS NOT NULL ORDER BY type, id`,
		feed.Till(till), retail.RowHoldAsked, retail.RowHoldGiven, retail.RowKnown)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[[]byte])
}

func (o *office) Flags(ctx context.Context, till uuid.UUID) ([]sim.Flag, error) {
	flags, err := o.Desk.Flags(ctx)
	var of []sim.Flag
	for _, f := range flags {
		if f.Till == till {
			of = append(of, sim.Flag{Code: f.Code, Epoch: f.Epoch, Hash: f.Hash})
		}
	}
	return of, err
}

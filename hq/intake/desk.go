package intake

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"comptant/hq/db"
	"comptant/hq/stock"
	"comptant/hq/tills"
	"comptant/shared/retail"
	"comptant/sync/hub"
	"comptant/sync/wire"
)

// Topic is marked when an entry was deferred or flagged.
const Topic = "journal"

// What the session needs of headquarters.
var (
	_ hub.Tills  = (*Desk)(nil)
	_ hub.Intake = (*Desk)(nil)
)

// Desk is where the tills' journals come in: it knows the tills and what headquarters has of each.
type Desk struct {
	*tills.Registry
	db  *db.DB
	log *slog.Logger
	now func() time.Time
}

// New takes entries into the database.
func New(db *db.DB, log *slog.Logger, now func() time.Time) *Desk {
	return &Desk{Registry: tills.New(db, now), db: db, log: log, now: now}
}

// Enrol turns a one-time code and a public key into a till. A refusal is a *retail.Error. Wrong codes are counted by
// address.
func (d *Desk) Enrol(ctx context.Context, req wire.EnrolRequest, address string) (wire.EnrolReply, error) {
	if err := d.Admit(ctx, address); err != nil {
		return wire.EnrolReply{}, err
	}
	identity, err := d.Identity(ctx)
	if err != nil {
		return wire.EnrolReply{}, err
	}
	var reply wire.EnrolReply
	err = d.db.InTx(ctx, func(tx *db.Tx) error {
		till, again, err := d.Redeem(ctx, tx, req)
		if err != nil {
			return err
		}
		epoch := till.Epoch()
		if !again {
			known, _, err := stored(ctx, tx, till)
			if err != nil {
				return err
			}
			if epoch, err = tills.Grant(ctx, tx, &till, known); err != nil {
				return err
			}
		}
		store, err := stock.Location(ctx, tx, till.Store)
		reply = wire.EnrolReply{
			Till: till.ID, Number: till.Number, Store: till.Store,
			Code: store.Code, Name: store.Name, Zone: store.Zone, Currency: cmp.Or(store.Currency, retail.DefaultCurrency),
			Epoch: epoch, HQ: identity.Public().(ed25519.PublicKey),
		}
		return err
	})
	if err != nil {
		return wire.EnrolReply{}, d.Refused(ctx, address, err)
	}
	return reply, nil
}

// stored is the highest epoch headquarters has entries of, and how many it has over all epochs.
func stored(ctx context.Context, tx *db.Tx, t tills.Till) (newest, entries uint64, err error) {
	var epoch, sum int64
	err = tx.QueryRow(ctx, `
		SELECT coalesce(max(epoch), 0), coalesce(sum(seq - fork_seq), 0)::bigint FROM journal.branch
		WHERE store_id = $1 AND till_id = $2`, t.Store, t.ID).Scan(&epoch, &sum)
	if err != nil {
		return 0, 0, fmt.Errorf("what is stored of till %s: %w", t.ID, err)
	}
	return uint64(epoch), uint64(sum), nil
}

// retryEvery is how often deferred entries are tried again.
const retryEvery = time.Minute

// Run tries deferred entries again now and then, until the context ends.
func (d *Desk) Run(ctx context.Context) error {
	tick := time.NewTicker(retryEvery)
	defer tick.Stop()
	for {
		applied, err := d.RetryDeferred(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			d.log.Error("retry deferred entries", "error", err)
		case applied > 0:
			d.log.Info("deferred entries applied", "entries", applied)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// refusal says that the error is an answer for the till and not a failure of ours.
func refusal(err error) bool {
	var code wire.Code
	var shown *retail.Error
	return errors.As(err, &code) || errors.As(err, &shown)
}

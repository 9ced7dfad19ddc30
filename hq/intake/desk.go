package intake

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"time"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/hq/stock"
	"comptant/hq/tills"
	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/sync/hub"
	"comptant/sync/wire"
)

// Topic is marked when an entry was deferred or flagged.
const Topic = "journal"

// currency is the only one so far.
const currency = "CAD"

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
			Code: store.Code, Name: store.Name, Zone: store.Zone, Currency: currency,
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
		SELECT coalesce(max(epoch), 0), coalesce(sum(seq), 0)::bigint FROM journal.branch
		WHERE store_id = $1 AND till_id = $2 AND branch = 0`, t.Store, t.ID).Scan(&epoch, &sum)
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

// Open starts a session, fencing any older one of the till, and says how far headquarters has each epoch of hello, and
// the least epoch the till may write. The error is wire.UnknownTill or wire.Revoked.
func (d *Desk) Open(ctx context.Context, hello wire.Hello) (hub.Session, error) {
	for _, e := range hello.Epochs {
		if e.Epoch == 0 || max(e.Epoch, e.Last, e.Acked, hello.N) > math.MaxInt32 {
			return hub.Session{}, wire.ProtocolError
		}
	}
	var session hub.Session
	err := d.db.InTx(ctx, func(tx *db.Tx) error {
		till, err := tills.LockByID(ctx, tx, hello.Till)
		if err != nil {
			return err
		}
		path, err := compare(ctx, tx, till, hello)
		if err != nil {
			return err
		}
		if hello.N > uint64(till.N) || path.lost > 0 {
			incident := flag{
				store: till.Store, till: till.ID, epoch: path.newest, code: FlagRolledBack,
				detail: fmt.Sprintf("session %d of the till, %d here; %d acknowledged entries are missing here", hello.N, till.N, path.lost),
			}
			if err := d.raise(ctx, tx, incident); err != nil {
				return err
			}
			d.log.Warn("headquarters was rolled back", "till", till.ID, "missing", path.lost)
		}
		if path.forked > 0 {
			incident := flag{
				store: till.Store, till: till.ID, epoch: path.forked, code: FlagFork,
				detail: "the file holds other entries than headquarters",
			}
			if err := d.raise(ctx, tx, incident); err != nil {
				return err
			}
		}
		least := max(path.newest, till.Epoch())
		if path.behind && path.newest >= till.Epoch() {
			if least, err = tills.Grant(ctx, tx, &till, path.known); err != nil {
				return err
			}
		}
		if err := d.Start(ctx, tx, &till, hello, path.entries); err != nil {
			return err
		}
		session = hub.Session{
			ID: *till.Session, N: uint64(till.N), Store: till.Store, Epochs: path.have, MinEpoch: least,
			Feeds: []string{feed.Global, feed.Store(till.Store), feed.Till(till.ID)},
		}
		return nil
	})
	if err != nil && !refusal(err) {
		err = fmt.Errorf("open session of till %s: %w", hello.Till, err)
	}
	return session, err
}

// path is how a till's file and what headquarters has of it compare.
type path struct {
	have []wire.EpochHave
	// newest is the newest epoch of the file, known the newest headquarters has entries of.
	newest, known uint64
	// entries is how many the journal holds: those headquarters has and those it waits for.
	entries uint64
	// behind says that headquarters has entries of the newest epoch that the file has not: it is a restored copy, and
	// its next entry must not take a number that was given before.
	behind bool
	// forked is an epoch in which the file holds another entry than headquarters; 0 for none.
	forked uint64
	// lost is how many entries headquarters acknowledged and does not have.
	lost uint64
}

func compare(ctx context.Context, tx *db.Tx, till tills.Till, hello wire.Hello) (path, error) {
	var p path
	var err error
	if p.known, p.entries, err = stored(ctx, tx, till); err != nil {
		return p, err
	}
	for _, e := range hello.Epochs {
		head, err := trunk(ctx, tx, till.Store, till.ID, e.Epoch)
		if err != nil {
			return p, err
		}
		have := min(head.seq, e.Last)
		p.lost += max(e.Acked, have) - have
		p.entries += e.Last - have
		p.have = append(p.have, wire.EpochHave{Epoch: e.Epoch, Have: have})
		same, err := onTrunk(ctx, tx, till, e, head)
		if err != nil {
			return p, err
		}
		if !same {
			p.forked = e.Epoch
		}
		if e.Epoch >= p.newest {
			p.newest, p.behind = e.Epoch, head.seq > e.Last || !same
		}
	}
	if p.known > p.newest {
		p.behind = true
	}
	return p, nil
}

// onTrunk says whether the end of the file's epoch is what headquarters has there, or is still to come.
func onTrunk(ctx context.Context, tx *db.Tx, till tills.Till, e wire.EpochState, head end) (same bool, err error) {
	if e.Last == 0 || e.Last > head.seq {
		return true, nil
	}
	err = tx.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM journal.entry
			WHERE store_id = $1 AND till_id = $2 AND epoch = $3 AND seq = $4 AND hash = $5 AND branch = 0)`,
		till.Store, till.ID, int64(e.Epoch), int64(e.Last), e.Hash[:]).Scan(&same)
	if err != nil {
		return false, fmt.Errorf("look for entry %d.%d: %w", e.Epoch, e.Last, err)
	}
	return same, nil
}

// end is the last entry of a branch; seq 0 is the epoch's beginning.
type end struct {
	seq  uint64
	hash journal.Hash
}

// refusal says that the error is an answer for the till and not a failure of ours.
func refusal(err error) bool {
	var code wire.Code
	var shown *retail.Error
	return errors.As(err, &code) || errors.As(err, &shown)
}

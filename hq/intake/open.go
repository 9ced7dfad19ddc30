package intake

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/hq/tills"
	"comptant/shared/journal"
	"comptant/sync/hub"
	"comptant/sync/wire"
)

const (
	// copyAgain is how soon an older copy of a till's disk may say hello again before it looks like two machines.
	copyAgain = 24 * time.Hour
	// giveBack is how far back a till is given what it lost: as long as it would have kept it itself.
	giveBack = 35 * 24 * time.Hour
	// latest bounds how late a hello may come over a connection that has died. Only so long may a clock of headquarters that was
	// set back keep tills away.
	latest = 5 * time.Minute
)

// Open starts a session, fencing any older one of the till, and compares what the till's file holds with what is here: how
// far headquarters has each path, the least epoch the till may write, and what the file has lost. asked is when the challenge
// was sent that hello signs. The error is wire.UnknownTill, wire.Revoked, or wire.Wait for a hello that may come late.
func (d *Desk) Open(ctx context.Context, hello wire.Hello, asked time.Time) (hub.Session, error) {
	if err := sane(hello); err != nil {
		return hub.Session{}, err
	}
	var session hub.Session
	err := d.db.InTx(ctx, func(tx *db.Tx) error {
		till, err := tills.LockByID(ctx, tx, hello.Till)
		if err != nil {
			return err
		}
		// Its machine may have come back meanwhile, and been welcomed. The hello would look like one of an older copy of its disk.
		if till.SaidAt != nil && asked.Before(*till.SaidAt) && till.SaidAt.Sub(asked) < latest {
			return wire.Wait
		}
		c, err := d.compare(ctx, tx, till, hello)
		if err != nil {
			return err
		}
		if err := d.incidents(ctx, tx, &till, hello, c); err != nil {
			return err
		}
		least := c.newest
		switch {
		case c.copied || c.beside || c.known > c.newest:
			// Always a new one: whoever was granted the last may be another machine with the same disk.
			if least, err = tills.Grant(ctx, tx, &till, max(c.known, c.newest)); err != nil {
				return err
			}
		case c.newest == 0:
			least = till.Epoch()
		}
		if err := d.Start(ctx, tx, &till, hello, c.entries); err != nil {
			return err
		}
		if err := d.tellKnown(ctx, tx, till.Store, till.ID); err != nil {
			return err
		}
		session = hub.Session{
			ID: *till.Session, N: uint64(till.N), Store: till.Store, Epochs: c.have, MinEpoch: least, Gaps: c.gaps,
			Feeds: []string{feed.Global, feed.Store(till.Store), feed.Till(till.ID)},
		}
		return nil
	})
	if err != nil && !refusal(err) {
		err = fmt.Errorf("open session of till %s: %w", hello.Till, err)
	}
	return session, err
}

// sane refuses numbers that no till comes to.
func sane(hello wire.Hello) error {
	for _, e := range hello.Epochs {
		if e.Epoch == 0 || max(e.Epoch, e.Last, e.Acked, e.Branch, hello.N) > math.MaxInt32 {
			return wire.ProtocolError
		}
	}
	return nil
}

// comparison is how a till's file and what headquarters has of it differ.
type comparison struct {
	have []wire.EpochHave
	gaps []hub.Gap
	// newest is the newest epoch of the file, known the newest headquarters has entries of.
	newest, known uint64
	// entries is how many the journal holds: those headquarters has and those it waits for.
	entries uint64
	// copied says that the till comes with a session number older than one it has used: its disk is a copy.
	copied bool
	// beside says that headquarters has entries of the newest epoch that are not on the file's path: the next entry must
	// not take a number that was given before.
	beside bool
	// lost is how many entries headquarters acknowledged and does not have.
	lost uint64
}

func (d *Desk) compare(ctx context.Context, tx *db.Tx, till tills.Till, hello wire.Hello) (comparison, error) {
	c := comparison{copied: hello.N < uint64(till.NUsed)}
	var err error
	if c.known, c.entries, err = stored(ctx, tx, till); err != nil {
		return c, err
	}
	for _, e := range hello.Epochs {
		if e.Branch == 0 {
			c.newest = max(c.newest, e.Epoch)
		}
	}
	listed := map[uint64]bool{}
	for _, e := range hello.Epochs {
		listed[e.Epoch] = listed[e.Epoch] || e.Branch == 0
		if err := c.path(ctx, tx, till, e); err != nil {
			return c, err
		}
	}
	return c, c.missing(ctx, tx, till, listed, d.now().Add(-giveBack))
}

// path compares one path of the file.
func (c *comparison) path(ctx context.Context, tx *db.Tx, till tills.Till, e wire.EpochState) error {
	t, err := readTree(ctx, tx, till.Store, till.ID, e.Epoch)
	if err != nil {
		return err
	}
	top, last := t.top(), end{e.Last, e.Hash}
	number, known := 0, e.Last == 0
	if !known {
		if number, known, err = t.find(ctx, tx, last); err != nil {
			return err
		}
	}
	have := e.Last
	switch {
	case known:
	case e.Acked < e.Last && e.Acked <= top:
		have = max(e.Acked, min(top, e.Last-1))
		if top >= e.Last {
			have = e.Acked // what is here goes on past the file, and is not its path
		}
	default:
		have = min(top, e.Last-1)
	}
	c.entries += e.Last - have
	if known && e.Last > 0 {
		if have, err = c.ask(ctx, tx, till, t, e, number); err != nil {
			return err
		}
	}
	c.have = append(c.have, wire.EpochHave{Epoch: e.Epoch, Branch: e.Branch, Have: have})
	if top < e.Acked {
		aside, err := asideBetween(ctx, tx, till, e.Epoch, top, e.Acked)
		if err != nil {
			return err
		}
		c.lost += e.Acked - top - aside
	}
	if e.Branch != 0 {
		return nil
	}
	newest := e.Epoch == c.newest
	if newest {
		switch {
		case e.Last == 0:
			c.beside = len(t.branches) > 0
		case known:
			c.beside, err = t.beside(ctx, tx, last, number)
		default:
			c.beside = top >= e.Last || len(t.branches) > 1
		}
		if err != nil {
			return err
		}
	}
	if !known || newest && !c.beside {
		return nil
	}
	if e.Last == 0 {
		last.hash = journal.Genesis(till.ID, e.Epoch)
	}
	if _, more, err := t.onward(ctx, tx, last); err != nil || !more {
		return err
	}
	c.gaps = append(c.gaps, hub.Gap{Epoch: e.Epoch, After: last.seq, Hash: last.hash})
	return nil
}

// ask says from where the file sends a path that headquarters knows the end of: from before a hole when this machine was
// not asked for that yet. Who could not give it is not asked again, but a copy of its disk is.
func (c *comparison) ask(ctx context.Context, tx *db.Tx, till tills.Till, t tree, e wire.EpochState, number int) (have uint64, err error) {
	hole, ok, err := t.hole(ctx, tx, number)
	if err != nil || !ok || hole.seq <= e.Floor {
		return e.Last, err
	}
	asked, err := tx.Exec(ctx, `
		UPDATE journal.hole SET asked = array_remove(asked, $6) || $6
		WHERE store_id = $1 AND till_id = $2 AND epoch = $3 AND last = $4 AND hash = $5 AND ($7 OR NOT $6 = ANY (asked))`,
		till.Store, till.ID, int64(e.Epoch), int64(hole.seq), hole.hash[:], till.Key, c.copied)
	if err != nil {
		return 0, fmt.Errorf("ask for a hole: %w", err)
	}
	if asked.RowsAffected() == 0 {
		return e.Last, nil
	}
	return max(e.Floor, t.below(hole.seq)), nil
}

// missing adds the epochs the file does not have at all, as far back as the till would have kept them.
func (c *comparison) missing(ctx context.Context, tx *db.Tx, till tills.Till, listed map[uint64]bool, since time.Time) error {
	rows, err := tx.Query(ctx, `
		SELECT epoch FROM journal.branch WHERE store_id = $1 AND till_id = $2 AND branch = 0 AND at > $3 ORDER BY epoch DESC`,
		till.Store, till.ID, since)
	if err != nil {
		return fmt.Errorf("list the epochs of till %s: %w", till.ID, err)
	}
	epochs, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return fmt.Errorf("list the epochs of till %s: %w", till.ID, err)
	}
	for _, epoch := range epochs {
		if e := uint64(epoch); !listed[e] {
			c.gaps = append(c.gaps, hub.Gap{Epoch: e, Hash: journal.Genesis(till.ID, e)})
		}
	}
	return nil
}

// incidents flags what a person must know of the till and its copies.
func (d *Desk) incidents(ctx context.Context, tx *db.Tx, till *tills.Till, hello wire.Hello, c comparison) error {
	at := flag{store: till.Store, till: till.ID, epoch: c.newest}
	if hello.N > uint64(till.N) || c.lost > 0 {
		at.code = FlagRolledBack
		at.detail = detail(FlagRolledBack, hello.N, till.N, c.lost)
		d.log.Warn("headquarters was rolled back", "till", till.ID, "missing", c.lost)
		if err := d.raise(ctx, tx, at); err != nil {
			return err
		}
	}
	if !c.copied {
		return nil
	}
	at.code = FlagDiskImage
	if till.CopiedAt != nil && d.now().Sub(*till.CopiedAt) < copyAgain {
		at.code = FlagTwoMachines
	}
	at.detail = detail(at.code, hello.N, till.NUsed)
	d.log.Warn("till comes with an older copy of its disk", "till", till.ID, "session", hello.N, "used", till.NUsed)
	if err := tills.Copied(ctx, tx, till, d.now()); err != nil {
		return err
	}
	return d.raise(ctx, tx, at)
}

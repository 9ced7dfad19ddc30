package intake

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/google/uuid"

	"comptant/hq/db"
	"comptant/hq/tills"
	"comptant/sync/hub"
	"comptant/sync/wire"
)

// Why a till's export is not taken, besides what wire.ReadExport says.
var (
	ErrOtherHeadquarters = errors.New("the file is for another headquarters")
	ErrOtherMachine      = errors.New("no machine of this till made the file")
	ErrNotSigned         = errors.New("the signature of the file is wrong: it was damaged, or changed by somebody")
	ErrComesAfter        = errors.New("headquarters does not have what comes before the file: export with --all, or connect the till")
)

// Carried is what came of an export that somebody carried here.
type Carried struct {
	Store, Till uuid.UUID
	// Made is when the till wrote it, by its estimate of headquarters' time.
	Made time.Time
	// Entries are those in the file, New those that were not here before.
	Entries, New int
	// Flagged are entries that a person must look at. Forked says that the till's journal goes on in two ways, Aside that the
	// key counts no more and the entries are kept aside.
	Flagged       int
	Forked, Aside bool
}

// Import takes the export of a till, whole or not at all. Its entries are known by their hash, as those of a session are: a file
// may come twice, and a till that sends the same entries is told that they are here.
func (d *Desk) Import(ctx context.Context, file io.Reader) (Carried, error) {
	e, err := wire.ReadExport(file)
	if err != nil {
		return Carried{}, err
	}
	c := Carried{Till: e.Head.Till, Made: time.UnixMilli(e.Head.Time).UTC()}
	identity, err := d.Identity(ctx)
	if err != nil {
		return c, err
	}
	if !bytes.Equal(e.Head.HQ, identity.Public().(ed25519.PublicKey)) {
		return c, ErrOtherHeadquarters
	}
	device, err := d.Key(ctx, e.Head.Till)
	if err != nil {
		return c, fmt.Errorf("till %s: %w", e.Head.Till, err)
	}
	key := ed25519.PublicKey(e.Head.Key)
	c.Store = device.Store
	c.Aside = !key.Equal(device.Key)
	if c.Aside && !slices.ContainsFunc(device.Old, func(old ed25519.PublicKey) bool { return key.Equal(old) }) {
		return c, ErrOtherMachine
	}
	if err := e.Verify(key); err != nil {
		return c, fmt.Errorf("%w: %w", ErrNotSigned, err)
	}
	// All of it is looked at before any of it is taken.
	for m, err := range e.Batches() {
		if err != nil {
			return c, err
		}
		c.Entries += len(m.Entries)
	}
	if c.Aside {
		return c, d.carryAside(ctx, e, key, &c)
	}
	err = d.db.InTx(ctx, func(tx *db.Tx) error { return d.carry(ctx, tx, e, &c) })
	if errors.Is(err, wire.UnknownParent) {
		err = fmt.Errorf("%w (%w)", ErrComesAfter, err)
	}
	if err != nil {
		return c, fmt.Errorf("import the export of till %s: %w", c.Till, err)
	}
	d.log.Info("export taken", "till", c.Till, "entries", c.Entries, "new", c.New)
	return c, nil
}

// carry stores the batches in one transaction, and counts anew when it is tried again.
func (d *Desk) carry(ctx context.Context, tx *db.Tx, e wire.Export, c *Carried) error {
	c.New, c.Flagged, c.Forked = 0, 0, false
	till, err := tills.LockByID(ctx, tx, e.Head.Till)
	if err != nil {
		return err
	}
	if !bytes.Equal(till.Key, e.Head.Key) {
		return ErrOtherMachine // enrolled again this moment
	}
	for m, err := range e.Batches() {
		if err != nil {
			return err
		}
		b := carriedBatch(*c, m)
		links, err := chain(b)
		if err != nil {
			return err
		}
		stored, fresh, err := d.storeIn(ctx, tx, b, links)
		if err != nil {
			return fmt.Errorf("entries of epoch %d from %d on: %w", m.Epoch, m.First, err)
		}
		c.New += fresh
		c.Flagged += len(stored.Notes)
		c.Forked = c.Forked || stored.Forked
	}
	return nil
}

// carryAside keeps the entries of a key that counts no more, a batch at a time: nothing follows from any of them.
func (d *Desk) carryAside(ctx context.Context, e wire.Export, key ed25519.PublicKey, c *Carried) error {
	for m, err := range e.Batches() {
		if err != nil {
			return err
		}
		if _, err := d.KeepAside(ctx, key, carriedBatch(*c, m)); err != nil {
			return err
		}
	}
	return nil
}

func carriedBatch(c Carried, m wire.Entries) hub.Batch {
	return hub.Batch{
		Till: c.Till, Store: c.Store, Path: m.Path(), First: m.First, Prev: m.Prev, Head: m.Head, Hole: m.Hole, Entries: m.Entries,
	}
}

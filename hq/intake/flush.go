package intake

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/hq/stock"
	"comptant/hq/tills"
	"comptant/shared/retail"
)

const (
	flushAfter = 250 * time.Millisecond // changes of so long go together
	sweepEvery = 5 * time.Second        // finds what a process left that died
	// flushShare bounds the part of the time the tills' locks are held: the pause after a flush is so many times longer, up
	// to flushPause.
	flushShare = 4
	flushPause = 500 * time.Millisecond
	// What other stores have is looked up and not sold from: told so often it costs little, whatever they sell.
	elsewhereEvery  = 5 * time.Minute
	elsewhereAtOnce = 1000
)

// Flusher publishes the stock levels that changed to the tills, together with the marks that say which of their own
// entries the levels include.
//
// What must be published is in the table (stock.level.stale); the marks of transactions only say where to look sooner.
type Flusher struct {
	db       *db.DB
	log      *slog.Logger
	notifier *feed.Notifier

	rates rates

	mu    sync.Mutex
	dirty map[uuid.UUID]bool
	kick  chan struct{}
}

// NewFlusher publishes from the database; the notifier tells which locations changed.
func NewFlusher(db *db.DB, log *slog.Logger, notifier *feed.Notifier, now func() time.Time) *Flusher {
	return &Flusher{db: db, log: log, notifier: notifier, rates: newRates(now), dirty: map[uuid.UUID]bool{}, kick: make(chan struct{}, 1)}
}

// Run publishes until the context ends.
func (f *Flusher) Run(ctx context.Context) error {
	stop := f.notifier.Subscribe(f.changed)
	defer stop()
	sweep := time.NewTicker(sweepEvery)
	defer sweep.Stop()
	elsewhere := time.NewTicker(elsewhereEvery)
	defer elsewhere.Stop()
	f.sweep(ctx)
	for begun := false; ; begun = true {
		pause := flushAfter
		if locations := f.take(); len(locations) > 0 {
			var longest time.Duration
			for _, location := range locations {
				held, err := f.flush(ctx, location)
				if err != nil && ctx.Err() == nil {
					f.log.Error("publish stock", "location", location, "error", err) // the next sweep tries again
				}
				longest = max(longest, held)
			}
			pause = max(pause, min(flushShare*longest, flushPause))
		}
		if !begun { // what was found at the start is told at the start
			f.tellElsewhere(ctx)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
		select {
		case <-ctx.Done():
			return nil
		case <-f.kick:
		case <-sweep.C:
			f.sweep(ctx)
		case <-elsewhere.C:
			f.tellElsewhere(ctx)
		}
	}
}

// tellElsewhere tells every store what the others have of products whose stock has changed.
func (f *Flusher) tellElsewhere(ctx context.Context) {
	if err := f.Elsewhere(ctx); err != nil && ctx.Err() == nil {
		f.log.Error("publish what other stores have", "error", err) // the marks are in the table
	}
}

// Elsewhere publishes what stores have to the others, for all products that are marked.
func (f *Flusher) Elsewhere(ctx context.Context) error {
	for more := true; more; {
		err := f.db.InTx(ctx, func(tx *db.Tx) error {
			n, err := stock.PublishElsewhere(ctx, tx, elsewhereAtOnce)
			more = n > 0
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// changed takes the topics of stock.
func (f *Flusher) changed(topics []string) {
	for _, t := range topics {
		if id, ok := strings.CutPrefix(t, "stock:"); ok {
			if location, err := uuid.Parse(id); err == nil {
				f.add(location)
			}
		}
	}
}

func (f *Flusher) add(location uuid.UUID) {
	f.mu.Lock()
	f.dirty[location] = true
	f.mu.Unlock()
	select {
	case f.kick <- struct{}{}:
	default:
	}
}

func (f *Flusher) take() []uuid.UUID {
	f.mu.Lock()
	defer f.mu.Unlock()
	locations := make([]uuid.UUID, 0, len(f.dirty))
	for l := range f.dirty {
		locations = append(locations, l)
	}
	clear(f.dirty)
	return locations
}

func (f *Flusher) sweep(ctx context.Context) {
	locations, err := stock.StaleLocations(ctx, f.db)
	if err != nil && ctx.Err() == nil {
		f.log.Error("look for unpublished stock", "error", err)
	}
	for _, l := range locations {
		f.add(l)
	}
}

// Flush publishes what changed at one location.
//
// Levels and marks must be of one moment, or a till counts its own sales twice or not at all. The locks of the store's
// tills give that moment: while they are held no entry of the store is being applied. A snapshot with a retry would do
// too, but a store that drains a long backlog writes without a pause and would never let it through.
func (f *Flusher) Flush(ctx context.Context, location uuid.UUID) error {
	_, err := f.flush(ctx, location)
	return err
}

// flush is Flush, and says how long it held the locks.
func (f *Flusher) flush(ctx context.Context, location uuid.UUID) (held time.Duration, err error) {
	var locked time.Time
	err = f.db.InTxByKey(ctx, func(tx *db.Tx) error {
		if _, err := tills.LockStore(ctx, tx, location); err != nil {
			return err
		}
		locked = time.Now()
		levels, err := stock.TakeStale(ctx, tx, location)
		if err != nil || len(levels) == 0 {
			return err
		}
		if err := stock.MarkElsewhere(ctx, tx, levels); err != nil {
			return err
		}
		if err := f.rates.fill(ctx, tx, location, levels); err != nil {
			return err
		}
		rows := map[string][]feed.Row{}
		for _, l := range levels {
			name, row, err := l.Row()
			if err != nil {
				return err
			}
			rows[name] = append(rows[name], row)
		}
		marks, err := marks(ctx, tx, location)
		if err != nil {
			return err
		}
		if len(marks) > 0 {
			rows[feed.Store(location)] = append(rows[feed.Store(location)], marks...)
		}
		for name, r := range rows {
			feed.Publish(ctx, tx, name, r...)
		}
		return nil
	})
	if !locked.IsZero() {
		held = time.Since(locked)
	}
	return held, err
}

// marks says for each till of the store which of its entries are applied: all up to the ends of its branches, except those
// that are deferred. Where a branch leaves another is said too, for a till whose file goes no further with the others.
func marks(ctx context.Context, tx *db.Tx, store uuid.UUID) ([]feed.Row, error) {
	const isEnd, isFork, isDeferred = 0, 1, 2
	found, err := tx.Query(ctx, `
		SELECT till_id, $2::int, epoch, seq, hash, branch FROM journal.branch WHERE store_id = $1
		UNION ALL SELECT till_id, $3, epoch, fork_seq, fork_hash, branch FROM journal.branch b WHERE store_id = $1 AND fork_seq > 0
			AND NOT EXISTS (SELECT FROM journal.hole h WHERE h.store_id = b.store_id AND h.till_id = b.till_id AND h.epoch = b.epoch
				AND h.last = b.fork_seq AND h.hash = b.fork_hash AND filled_at IS NULL) -- what is missing is not included
		UNION ALL SELECT till_id, $4, epoch, seq, hash, 0 FROM journal.deferred WHERE store_id = $1
		ORDER BY 1, 2, 3, 6, 4, 5`, store, isEnd, isFork, isDeferred)
	if err != nil {
		return nil, fmt.Errorf("read the ends of branches: %w", err)
	}
	of := map[uuid.UUID]*retail.Mark{}
	var order []uuid.UUID
	var till [16]byte
	var what, branch int
	var epoch, seq int64
	var hash []byte
	_, err = pgx.ForEachRow(found, []any{&till, &what, &epoch, &seq, &hash, &branch}, func() error {
		m := of[till]
		if m == nil {
			m = &retail.Mark{}
			of[till] = m
			order = append(order, till)
		}
		list := map[int]*[]retail.ChainEnd{isEnd: &m.Ends, isFork: &m.Forks, isDeferred: &m.Deferred}[what]
		*list = append(*list, retail.ChainEnd{Epoch: uint64(epoch), Seq: uint64(seq), Hash: bytes.Clone(hash)})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the ends of branches: %w", err)
	}
	rows := make([]feed.Row, 0, len(order))
	for _, till := range order {
		row, err := feed.NewRow(retail.RowMark, till, of[till])
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

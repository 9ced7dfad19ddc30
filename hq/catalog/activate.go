package catalog

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/shared/retail"
)

// lookEvery is how late a book is noticed that another process planned, should its notification be lost.
const lookEvery = 5 * time.Second

// Activator moves price books into the product rows when their time comes. Any number of processes may run one.
type Activator struct {
	db       *db.DB
	log      *slog.Logger
	notifier *feed.Notifier
	now      func() time.Time
}

// NewActivator moves the books of the database; the notifier tells when there is a new one.
func NewActivator(db *db.DB, log *slog.Logger, notifier *feed.Notifier, now func() time.Time) *Activator {
	return &Activator{db: db, log: log, notifier: notifier, now: now}
}

// Run moves books until the context ends.
func (a *Activator) Run(ctx context.Context) error {
	kick := make(chan struct{}, 1)
	stop := a.notifier.Subscribe(func(topics []string) {
		if slices.Contains(topics, TopicPrices) {
			select {
			case kick <- struct{}{}:
			default:
			}
		}
	})
	defer stop()
	a.activate(ctx) // what came due while nobody ran
	for ctx.Err() == nil {
		pause := lookEvery
		next, err := a.next(ctx)
		switch left := next.Sub(a.now()); {
		case err != nil:
			if ctx.Err() == nil {
				a.log.Error("look for price books", "error", err)
			}
		case next.IsZero():
		case left > 0:
			pause = min(pause, left)
		case a.activate(ctx):
			continue
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
		case <-kick:
		case <-timer.C:
		}
		timer.Stop()
	}
	return nil
}

// activate tells whether it worked.
func (a *Activator) activate(ctx context.Context) bool {
	err := a.db.InTx(ctx, func(tx *db.Tx) error { return Activate(ctx, tx, a.now()) })
	if err != nil && ctx.Err() == nil {
		a.log.Error("put prices in force", "error", err) // the next look tries again
	}
	return err == nil
}

// next is when the first waiting book takes effect; the zero time when none waits.
func (a *Activator) next(ctx context.Context) (time.Time, error) {
	var at *time.Time
	err := a.db.QueryRow(ctx, `
		SELECT min(effective_from) FROM catalog.price_book WHERE applied_at IS NULL AND canceled_at IS NULL`).Scan(&at)
	if err != nil || at == nil {
		return time.Time{}, err
	}
	return *at, nil
}

// Activate moves the books whose time has come into the product rows, in headquarters' tables and in the feed, and takes
// their lines out of the feed, whose live rows so stay bounded by the products and the books to come.
//
// No till sees a price move by it, now or later, whether it hears of it at once, after a month, or never. Whoever prices a
// product from rows and books (retail.PriceBook) finds the same at every moment from now on, before this transaction and
// after it, because
//
//   - a book is moved only once its time has come, and stays until then;
//   - all whose time has come are moved together, so none that stays in the feed is older than one that is in the rows;
//   - the rows, the version they hold and the books that are gone change in one transaction, which a till publishes whole.
//
// The books of a store and the rows they are moved into (retail.RowStorePrice) are in the store's feed, for which the same
// holds, whatever a till has of the global one.
//
// That is why everything that writes a price begins with it: it also takes the lock that orders them.
func Activate(ctx context.Context, tx *db.Tx, now time.Time) error {
	// Reading goes on; writers of prices wait for each other.
	if _, err := tx.Exec(ctx, `LOCK TABLE catalog.price_book IN SHARE ROW EXCLUSIVE MODE`); err != nil {
		return fmt.Errorf("lock prices: %w", err)
	}
	due, err := takeDue(ctx, tx, now)
	if err != nil {
		return fmt.Errorf("put prices in force: %w", err)
	}
	for store, versions := range due {
		move := moveStore
		if store == uuid.Nil {
			move = moveDue
		}
		if err := move(ctx, tx, versions); err != nil {
			return fmt.Errorf("put prices in force: %w", err)
		}
		if err := publishVersion(ctx, tx, store); err != nil {
			return err
		}
		tx.Mark(TopicPrices)
	}
	return publishVersion(ctx, tx, uuid.Nil)
}

// takeDue gives the versions whose time has come, by their store, and takes them out of the feeds.
func takeDue(ctx context.Context, tx *db.Tx, now time.Time) (map[uuid.UUID][]int64, error) {
	rows, err := tx.Query(ctx, `
		UPDATE catalog.price_book SET applied_at = $1
		WHERE applied_at IS NULL AND canceled_at IS NULL AND effective_from <= $1 RETURNING version, store_id, lines`, now)
	if err != nil {
		return nil, err
	}
	due := map[uuid.UUID][]int64{}
	var version int64
	var at *uuid.UUID
	var lines int
	_, err = pgx.ForEachRow(rows, []any{&version, &at, &lines}, func() error {
		store := orNil(at)
		due[store] = append(due[store], version)
		removeParts(ctx, tx, store, version, lines)
		return nil
	})
	return due, err
}

// moveDue writes the newest price of the books into each product, and publishes those that changed.
func moveDue(ctx context.Context, tx *db.Tx, due []int64) error {
	rows, err := tx.Query(ctx, `
		UPDATE catalog.product p SET price = n.price, updated_at = now() FROM (
			SELECT DISTINCT ON (l.product_id) l.product_id, l.price
			FROM catalog.price_book b JOIN catalog.price_line l USING (version) WHERE b.version = ANY ($1)
			ORDER BY l.product_id, b.effective_from DESC, b.version DESC
		) n WHERE p.id = n.product_id AND p.price <> n.price RETURNING p.id`, due)
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return err
	}
	return publish(ctx, tx, ids)
}

// publishVersion tells the tills which version the product rows hold, or the prices of a store.
func publishVersion(ctx context.Context, tx *db.Tx, store uuid.UUID) error {
	rows, err := tx.Query(ctx, `
		SELECT version, effective_from FROM catalog.price_book WHERE applied_at IS NOT NULL AND store_id IS NOT DISTINCT FROM $1
		ORDER BY effective_from DESC, version DESC LIMIT 1`, orNull(store))
	if err != nil {
		return fmt.Errorf("read the version of prices: %w", err)
	}
	var version uint64
	var since time.Time
	found, err := pgx.ForEachRow(rows, []any{&version, &since}, func() error { return nil })
	if err != nil || found.RowsAffected() == 0 {
		return err
	}
	name, kind := feedOf(store)
	row, err := feed.NewRow(kind, uuid.Nil, retail.PriceBook{Version: version, Since: since.UnixMilli()})
	if err != nil {
		return err
	}
	feed.Publish(ctx, tx, name, row)
	return nil
}

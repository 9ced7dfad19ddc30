package catalog

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// TopicPrices is marked when a price book is planned, canceled or takes effect.
const TopicPrices = "prices"

// partLines is how many lines of a book one feed row holds: about 100 KB, so that a page (wire.PageBytes) holds a few.
const partLines = 4096

// BookState is where a price book stands.
type BookState string

// The states. Of every store one book at most is in force, and one of each store: the newest of those whose time has come.
const (
	BookFuture   BookState = "future"
	BookInForce  BookState = "in-force"
	BookPast     BookState = "past"
	BookCanceled BookState = "canceled"
)

// BookSteps is the way of a price book. Its time, and that of the next, come by themselves.
var BookSteps = retail.Steps[BookState]{
	{From: "", To: BookFuture, Deed: "plan"},
	{From: "", To: BookInForce, Deed: "change"},
	{From: BookFuture, To: BookInForce, Deed: "time"},
	{From: BookFuture, To: BookCanceled, Deed: "cancel"},
	{From: BookInForce, To: BookPast, Deed: "newer"},
}

// Book is a price book without its lines.
type Book struct {
	Version int64
	// Store is the store it is of; the zero id for every store.
	Store uuid.UUID
	From  time.Time
	State BookState
	Lines int
	// First is one of the lines, to know the book by.
	First retail.PriceLine
}

// Books gives at most limit books and their state at now: those to come, the latest first, then the one in force and the
// past ones, the newest first.
func Books(ctx context.Context, q Querier, now time.Time, limit int) ([]Book, error) {
	rows, err := q.Query(ctx, `
		SELECT b.version, b.store_id, b.effective_from, b.lines, b.canceled_at IS NOT NULL, l.product_id, l.price
		FROM catalog.price_book b LEFT JOIN LATERAL (
			SELECT product_id, price FROM catalog.price_line WHERE version = b.version ORDER BY product_id LIMIT 1
		) l ON true
		ORDER BY b.effective_from DESC, b.version DESC LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("list price books: %w", err)
	}
	states := inForce{}
	books, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (b Book, err error) {
		var canceled bool
		var store, product *uuid.UUID
		var price *money.Amount
		if err := row.Scan(&b.Version, &store, &b.From, &b.Lines, &canceled, &product, &price); err != nil {
			return b, err
		}
		b.Store = orNil(store)
		if product != nil {
			b.First = lineOf(*product, price)
		}
		b.State = states.of(b.Store, canceled, b.From.After(now))
		return b, nil
	})
	if err != nil {
		return nil, fmt.Errorf("list price books: %w", err)
	}
	return books, nil
}

// Place is how far a till must show the feed the book is in to have it while it is to come.
func (b Book) Place(ctx context.Context, q feed.Querier) (feed.Position, error) {
	var parts []uuid.UUID
	for part := range (b.Lines + partLines - 1) / partLines {
		parts = append(parts, partID(b.Version, part))
	}
	name, kind := feedOf(b.Store)
	return feed.Place(ctx, q, name, kind, parts)
}

// AddBook makes a price book of a store, or of every store for the zero id, that takes effect at from, or at once when that
// is not after now, and gives its version. The tills get a book to come at once, so that they can turn to it without a network.
func AddBook(ctx context.Context, tx *db.Tx, now, from time.Time, store uuid.UUID, lines []retail.PriceLine) (version int64, err error) {
	if err := Activate(ctx, tx, now); err != nil {
		return 0, err
	}
	lines = slices.Clone(lines)
	slices.SortFunc(lines, func(a, b retail.PriceLine) int { return slices.Compare(a.Product[:], b.Product[:]) })
	if err := checkLines(ctx, tx, store, lines); err != nil {
		return 0, err
	}
	if from.Before(now) {
		from = now
	}
	version, at, err := insertBook(ctx, tx, now, from, store, lines)
	if err != nil {
		return 0, err
	}
	if !at.After(now) {
		return version, Activate(ctx, tx, now)
	}
	name, kind := feedOf(store)
	part := 0
	for lines := range slices.Chunk(lines, partLines) {
		book := retail.PriceBook{Version: uint64(version), From: at.UnixMilli(), Lines: lines}
		row, err := feed.NewRow(kind, partID(version, part), book)
		if err != nil {
			return 0, err
		}
		feed.Publish(ctx, tx, name, row)
		part++
	}
	return version, nil
}

// checkLines refuses a book that is empty, or that prices a product twice, below zero, that does not exist, or as everywhere
// when it is everywhere. The lines are in the order of their products.
func checkLines(ctx context.Context, tx *db.Tx, store uuid.UUID, lines []retail.PriceLine) error {
	if len(lines) == 0 {
		return &retail.Error{Code: retail.Invalid, Key: "prices.empty"}
	}
	ids := make([]uuid.UUID, len(lines))
	for i, l := range lines {
		if ids[i] = l.Product; i > 0 && ids[i-1] == l.Product {
			return &retail.Error{Code: retail.Invalid, Key: "prices.twice"}
		}
		if l.Everywhere && store == uuid.Nil {
			return &retail.Error{Code: retail.Invalid, Key: "prices.everywhere"}
		}
		if l.Price < 0 || l.Everywhere && l.Price != 0 {
			return &retail.Error{Code: retail.Invalid, Key: "prices.price"}
		}
	}
	var known int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM catalog.product WHERE id = ANY($1)`, ids).Scan(&known); err != nil {
		return fmt.Errorf("look for the products of a price book: %w", err)
	}
	if known < len(lines) {
		return &retail.Error{Code: retail.NotFound, Key: "prices.product"}
	}
	return nil
}

// insertBook writes a book under the next version. It gives the time it takes effect: never before a book that has, which
// would change the past (the clocks of two processes may differ).
func insertBook(
	ctx context.Context, tx *db.Tx, now, from time.Time, store uuid.UUID, lines []retail.PriceLine,
) (version int64, at time.Time, err error) {
	err = tx.QueryRow(ctx, `
		INSERT INTO catalog.price_book (version, effective_from, created_at, lines, store_id)
		SELECT coalesce(max(version), 0) + 1,
			greatest($1, max(effective_from) FILTER (WHERE applied_at IS NOT NULL)), $2, $3, $4
		FROM catalog.price_book RETURNING version, effective_from`,
		from.Truncate(time.Millisecond), now, len(lines), orNull(store)).Scan(&version, &at)
	if err != nil {
		return 0, at, fmt.Errorf("write price book: %w", err)
	}
	products, prices := make([]uuid.UUID, len(lines)), make([]*int64, len(lines))
	for i, l := range lines {
		if products[i] = l.Product; !l.Everywhere {
			prices[i] = (*int64)(&l.Price)
		}
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO catalog.price_line (version, product_id, price) SELECT $1, * FROM unnest($2::uuid[], $3::bigint[])`,
		version, products, prices)
	if err != nil {
		return 0, at, fmt.Errorf("write price book %d: %w", version, err)
	}
	tx.Mark(TopicPrices)
	return version, at, nil
}

// CancelBook takes back a book to come. One that has taken effect stays: another book corrects it.
func CancelBook(ctx context.Context, tx *db.Tx, now time.Time, version int64) error {
	if err := Activate(ctx, tx, now); err != nil {
		return err
	}
	var lines int
	var store *uuid.UUID
	var canceled, applied bool
	rows, err := tx.Query(ctx, `
		SELECT lines, store_id, canceled_at IS NOT NULL, applied_at IS NOT NULL FROM catalog.price_book WHERE version = $1`, version)
	if err != nil {
		return fmt.Errorf("cancel price book %d: %w", version, err)
	}
	found, err := pgx.ForEachRow(rows, []any{&lines, &store, &canceled, &applied}, func() error { return nil })
	state := BookFuture
	switch {
	case canceled:
		state = BookCanceled
	case applied: // in force or past: it has taken effect either way
		state = BookInForce
	}
	switch {
	case err != nil:
		return fmt.Errorf("cancel price book %d: %w", version, err)
	case found.RowsAffected() == 0:
		return &retail.Error{Code: retail.NotFound, Key: "prices.unknown", Args: map[string]any{"version": version}}
	case !BookSteps.Lead(state, BookCanceled):
		return &retail.Error{Code: retail.Conflict, Key: "prices.not_future", Args: map[string]any{"version": version}}
	}
	if _, err := tx.Exec(ctx, `UPDATE catalog.price_book SET canceled_at = $2 WHERE version = $1`, version, now); err != nil {
		return fmt.Errorf("cancel price book %d: %w", version, err)
	}
	removeParts(ctx, tx, orNil(store), version, lines)
	tx.Mark(TopicPrices)
	return nil
}

// removeParts takes the lines of a book out of the feed.
func removeParts(ctx context.Context, tx *db.Tx, store uuid.UUID, version int64, lines int) {
	parts := make([]uuid.UUID, 0, lines/partLines+1)
	for first := 0; first < lines; first += partLines {
		parts = append(parts, partID(version, len(parts)))
	}
	name, kind := feedOf(store)
	feed.Remove(ctx, tx, name, kind, parts...)
}

// partID is the feed's id for a part of a book; never the nil id, as versions begin at 1.
func partID(version int64, part int) (id uuid.UUID) {
	binary.BigEndian.PutUint64(id[:8], uint64(version))
	binary.BigEndian.PutUint64(id[8:], uint64(part))
	return id
}

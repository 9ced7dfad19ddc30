package feed_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/hq/pgtest"
	"comptant/shared/retail"
	"comptant/sync/wire"
)

const writers = 32

// numbering is how the rows of a feed get their numbers: by this package's counter, or by the sequence one would take
// who does not know that numbers are given before the commit.
type numbering interface {
	write(ctx context.Context, tx *db.Tx, id uuid.UUID) error
	// read gives what came after the last read.
	read(t *testing.T) []uuid.UUID
}

type counter struct {
	reader *feed.Reader
	cursor wire.Cursor
}

func newCounter(d *db.DB) *counter {
	return &counter{reader: reader(d), cursor: wire.Cursor{Feed: feed.Global}}
}

func (c *counter) write(ctx context.Context, tx *db.Tx, id uuid.UUID) error {
	feed.Publish(ctx, tx, feed.Global, feed.Row{Type: retail.RowProduct, ID: id, Body: []byte{1}})
	return nil
}

func (c *counter) read(t *testing.T) []uuid.UUID {
	var ids []uuid.UUID
	for {
		page, reset, ok, err := c.reader.Page(t.Context(), c.cursor)
		require.NoError(t, err)
		require.Nil(t, reset)
		if !ok {
			return ids
		}
		for _, r := range page.Rows {
			ids = append(ids, r.ID)
		}
		c.cursor.Gen, c.cursor.Seq = page.Gen, page.Upto
	}
}

type bigserial struct {
	db     *db.DB
	cursor int64
}

func newBigserial(t *testing.T, d *db.DB) *bigserial {
	_, err := d.Exec(t.Context(), `CREATE TABLE feed.trap (seq bigserial PRIMARY KEY, id uuid NOT NULL)`)
	require.NoError(t, err)
	return &bigserial{db: d}
}

func (b *bigserial) write(ctx context.Context, tx *db.Tx, id uuid.UUID) error {
	_, err := tx.Exec(ctx, `INSERT INTO feed.trap (id) VALUES ($1)`, id)
	return err
}

func (b *bigserial) read(t *testing.T) []uuid.UUID {
	rows, err := b.db.Query(t.Context(), `SELECT seq, id FROM feed.trap WHERE seq > $1 ORDER BY seq`, b.cursor)
	require.NoError(t, err)
	var ids []uuid.UUID
	var id uuid.UUID
	_, err = pgx.ForEachRow(rows, []any{&b.cursor, &id}, func() error {
		ids = append(ids, id)
		return nil
	})
	require.NoError(t, err)
	return ids
}

// crossed has every writer write before any commits, and commit in the opposite order, with a read after each commit.
// It gives how many rows the reader missed.
func crossed(t *testing.T, d *db.DB, n numbering) int {
	var all [writers]struct{ wrote, commit, done chan struct{} }
	failed := make(chan error, writers)
	for i := range all {
		all[i].wrote, all[i].commit, all[i].done = make(chan struct{}), make(chan struct{}), make(chan struct{})
		go func() {
			defer close(all[i].done)
			failed <- d.InTx(t.Context(), func(tx *db.Tx) error {
				err := n.write(t.Context(), tx, uuid.New())
				close(all[i].wrote)
				<-all[i].commit
				return err
			})
		}()
		<-all[i].wrote
	}
	seen := map[uuid.UUID]bool{}
	for i := range all {
		w := all[writers-1-i]
		close(w.commit)
		<-w.done
		require.NoError(t, <-failed)
		for _, id := range n.read(t) {
			seen[id] = true
		}
	}
	return writers - len(seen)
}

// A number given before the commit can become visible after a higher one, and a cursor that has passed it misses the
// row for ever. The switch of the test is the numbering.
func TestCommitOrder(t *testing.T) {
	d := wide(t)
	require.Zero(t, crossed(t, d, newCounter(d)), "counter")
	require.Equal(t, writers-1, crossed(t, d, newBigserial(t, d)), "bigserial")
}

func TestConcurrentWritersAndAReadingTill(t *testing.T) {
	const each = 25
	d := wide(t)
	c := newCounter(d)
	var group sync.WaitGroup
	failed := make(chan error, writers*each)
	for range writers {
		group.Go(func() {
			for range each {
				failed <- d.InTx(t.Context(), func(tx *db.Tx) error { return c.write(t.Context(), tx, uuid.New()) })
			}
		})
	}
	done := make(chan struct{})
	go func() { group.Wait(); close(done) }()
	seen := 0
	for reading := true; reading; {
		select {
		case <-done:
			reading = false // one read after the last commit
		default:
		}
		seen += len(c.read(t))
	}
	close(failed)
	for err := range failed {
		require.NoError(t, err)
	}
	require.Equal(t, writers*each, seen, "every row, once")
}

// wide is a database with a connection for each writer.
func wide(t *testing.T) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), pgtest.URL(t), slog.New(slog.DiscardHandler), db.Options{MaxConns: writers + 2, AllowUnsafe: true})
	require.NoError(t, err)
	t.Cleanup(d.Close)
	return d
}

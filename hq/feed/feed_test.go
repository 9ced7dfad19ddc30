package feed_test

import (
	"errors"
	"log/slog"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/hq/pgtest"
	"comptant/shared/retail"
	"comptant/sync/wire"
)

func row(id uuid.UUID, body string) feed.Row {
	return feed.Row{Type: retail.RowProduct, ID: id, Body: []byte(body)}
}

func reader(d *db.DB) *feed.Reader {
	return feed.NewReader(d, feed.NewNotifier(d, slog.New(slog.DiscardHandler)))
}

func publish(t require.TestingT, d *db.DB, name string, rows ...feed.Row) {
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error {
		feed.Publish(ctx, tx, name, rows...)
		return nil
	}))
}

// follower is what a till does with pages.
type follower struct {
	cursor wire.Cursor
	rows   map[uuid.UUID]wire.Row
}

func (f *follower) catchUp(t require.TestingT, r *feed.Reader) {
	for {
		page, reset, ok, err := r.Page(ctx, f.cursor)
		require.NoError(t, err)
		require.Nil(t, reset)
		if !ok {
			require.Equal(t, digest(f.rows), page.Digest, "also when there is nothing new")
			return
		}
		require.Equal(t, f.cursor.Seq, page.From)
		for _, row := range page.Rows {
			require.Greater(t, row.Seq, page.From)
			require.LessOrEqual(t, row.Seq, page.Upto)
			f.rows[row.ID] = row
			if row.Body == nil {
				delete(f.rows, row.ID)
			}
		}
		f.cursor = wire.Cursor{Feed: page.Feed, Gen: page.Gen, Seq: page.Upto, Base: page.Base}
		if !page.More {
			require.Equal(t, digest(f.rows), page.Digest)
		}
	}
}

func digest(rows map[uuid.UUID]wire.Row) uint64 {
	var sum uint64
	for _, r := range rows {
		sum += wire.RowHash(r.Type, r.ID, r.Seq, r.Body)
	}
	return sum
}

// Whatever is published, a follower that reads now and then has the newest state, and its digest is the feed's.
func TestFollowerConverges(t *testing.T) {
	d := pgtest.New(t)
	r := reader(d)
	ids := make([]uuid.UUID, 6)
	for i := range ids {
		ids[i] = uuid.New()
	}
	rapid.Check(t, func(t *rapid.T) {
		name := feed.Store(uuid.New())
		f := follower{cursor: wire.Cursor{Feed: name}, rows: map[uuid.UUID]wire.Row{}}
		want := map[uuid.UUID]string{}
		for range rapid.IntRange(1, 8).Draw(t, "transactions") {
			var rows []feed.Row
			for range rapid.IntRange(1, 4).Draw(t, "rows") {
				id := rapid.SampledFrom(ids).Draw(t, "id")
				body := rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "body")
				if body == "" {
					rows = append(rows, feed.Row{Type: retail.RowProduct, ID: id})
					delete(want, id)
				} else {
					rows = append(rows, row(id, body))
					want[id] = body
				}
			}
			publish(t, d, name, rows...)
			if rapid.Bool().Draw(t, "read") {
				f.catchUp(t, r)
			}
		}
		f.catchUp(t, r)
		got := map[uuid.UUID]string{}
		for id, r := range f.rows {
			got[id] = string(r.Body)
		}
		require.Equal(t, want, got)
	})
}

func TestUnchangedRowsAreLeftAlone(t *testing.T) {
	d := pgtest.New(t)
	a, b := uuid.New(), uuid.New()
	publish(t, d, feed.Global, row(a, "1"), row(b, "1"))
	publish(t, d, feed.Global, row(a, "1"), row(b, "2"), feed.Row{Type: retail.RowProduct, ID: uuid.New()})
	var seq int64
	require.NoError(t, d.QueryRow(ctx, `SELECT seq FROM feed.head WHERE feed = 'global'`).Scan(&seq))
	require.EqualValues(t, 4, seq, "a feed begins at 1")
}

func TestFailedTransactionPublishesNothing(t *testing.T) {
	d := pgtest.New(t)
	wrong := errors.New("wrong")
	require.ErrorIs(t, d.InTx(ctx, func(tx *db.Tx) error {
		feed.Publish(ctx, tx, feed.Global, row(uuid.New(), "1"))
		return wrong
	}), wrong)
	page, _, ok, err := reader(d).Page(ctx, wire.Cursor{Feed: feed.Global})
	require.NoError(t, err)
	require.True(t, ok)
	require.Empty(t, page.Rows)
}

// Headquarters was rolled back to before the first row of a feed, and a till shows rows: it is told that there are none.
func TestAFeedThatNobodyHasPublishedToSaysSo(t *testing.T) {
	r := reader(pgtest.New(t))
	_, reset, _, err := r.Page(ctx, wire.Cursor{Feed: feed.Global, Gen: 1, Seq: 2, Digest: 7})
	require.NoError(t, err)
	require.Equal(t, &wire.Reset{Feed: feed.Global, Gen: 1, Code: wire.CursorAhead}, reset)
	page, _, ok, err := r.Page(ctx, wire.Cursor{Feed: feed.Global, Gen: 1})
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, wire.Changes{Feed: feed.Global, Gen: 1, Base: 1, Upto: 1}, page)
	_, reset, ok, err = r.Page(ctx, wire.Cursor{Feed: feed.Global, Gen: 1, Seq: 1})
	require.NoError(t, err)
	require.Nil(t, reset)
	require.False(t, ok, "and once is enough")
}

func TestFirstLoadIsCutIntoPages(t *testing.T) {
	d := pgtest.New(t)
	rows := make([]feed.Row, 2*wire.PageRows+1)
	for i := range rows {
		rows[i] = row(uuid.New(), "body")
	}
	publish(t, d, feed.Global, rows...)
	r := reader(d)
	page, _, ok, err := r.Page(ctx, wire.Cursor{Feed: feed.Global})
	require.NoError(t, err)
	require.True(t, ok)
	require.True(t, page.More)
	require.Zero(t, page.Digest)
	require.Len(t, page.Rows, wire.PageRows)
	require.EqualValues(t, 1+len(rows), page.Base, "a feed begins at 1")
	require.EqualValues(t, 1+wire.PageRows, page.Upto)
	f := follower{cursor: wire.Cursor{Feed: feed.Global}, rows: map[uuid.UUID]wire.Row{}}
	f.catchUp(t, r)
	require.Len(t, f.rows, len(rows))

	big := slices.Repeat([]byte{7}, wire.PageBytes/2)
	for i := range 4 {
		publish(t, d, feed.Till(rows[0].ID), feed.Row{Type: 1, ID: rows[i].ID, Body: big})
	}
	page, _, _, err = r.Page(ctx, wire.Cursor{Feed: feed.Till(rows[0].ID)})
	require.NoError(t, err)
	require.Len(t, page.Rows, 2, "no more bytes than a page may hold")
	require.True(t, page.More)
}

func TestCursorsThatMustStartAgain(t *testing.T) {
	d := pgtest.New(t)
	for range 10 {
		publish(t, d, feed.Global, row(uuid.New(), "1"))
	}
	_, err := d.Exec(ctx, `UPDATE feed.head SET gen = 3, floor = 5`)
	require.NoError(t, err)
	r := reader(d)
	for _, c := range []struct {
		gen, seq, base uint64
		code           wire.Code
	}{
		{gen: 3, seq: 11},
		{gen: 3, seq: 5},
		{gen: 3},
		{},
		{gen: 3, seq: 2, base: 10},
		{gen: 3, seq: 4, code: wire.CursorTooOld},
		{gen: 3, seq: 4, base: 4, code: wire.CursorTooOld},
		{gen: 3, seq: 12, code: wire.CursorAhead},
		{gen: 2, seq: 11, code: wire.GenerationChanged},
		{seq: 11, code: wire.GenerationChanged},
	} {
		_, reset, _, err := r.Page(ctx, wire.Cursor{Feed: feed.Global, Gen: c.gen, Seq: c.seq, Base: c.base})
		require.NoError(t, err)
		if c.code == 0 {
			require.Nil(t, reset, "%+v", c)
		} else {
			require.Equal(t, &wire.Reset{Feed: feed.Global, Gen: 3, Code: c.code}, reset, "%+v", c)
		}
	}
}

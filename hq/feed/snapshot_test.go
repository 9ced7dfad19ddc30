package feed

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"testing"
	"time"

	"comptant/hq/db"
	"comptant/hq/pgtest"
	"comptant/shared/retail"
	"comptant/sync/hub"
	"comptant/sync/wire"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// shop is a feed that is long, because few rows are enough for that.
type shop struct {
	*testing.T
	*Snapshots
	now     time.Time
	version int
}

func newShop(t *testing.T, rows int) *shop {
	s := &shop{T: t, now: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
	s.Snapshots = NewSnapshots(pgtest.New(t), func() time.Time { return s.now })
	s.long = 100
	s.publish(0, rows)
	return s
}

func (s *shop) publish(from, upto int) {
	s.Helper()
	s.version++
	require.NoError(s, s.db.InTx(s.Context(), func(tx *db.Tx) error {
		for i := from; i < upto; i++ {
			Publish(s.Context(), tx, Global, Row{retail.RowProduct, uuid.UUID{1, byte(i >> 8), byte(i)}, fmt.Appendf(nil, "product %d, version %d", i, s.version)})
		}
		return nil
	}))
}

func (s *shop) offer() hub.Snapshot {
	s.Helper()
	offered, ok, err := s.Snapshot(s.Context(), Global)
	require.NoError(s, err)
	require.True(s, ok)
	return offered
}

func (s *shop) file(of hub.Snapshot) []byte {
	s.Helper()
	f, err := s.File(s.Context(), of.Name)
	require.NoError(s, err)
	require.Equal(s, s.now.UnixMilli(), f.Made().UnixMilli())
	b, err := io.ReadAll(f)
	require.NoError(s, err)
	return b
}

func TestASnapshotHoldsTheFeed(t *testing.T) {
	s := newShop(t, 2500)
	require.NoError(t, s.db.InTx(t.Context(), func(tx *db.Tx) error {
		Remove(t.Context(), tx, Global, retail.RowProduct, uuid.UUID{1, 0, 7})
		return nil
	}))
	offered := s.offer()
	file := s.file(offered)
	sum := sha256.Sum256(file)
	require.Equal(t, sum[:], offered.SHA256)

	pages := bufio.NewReader(&part{file})
	var digest, upto uint64
	rows, n := 0, 0
	for more := true; more; n++ {
		page, err := wire.ReadPage(pages)
		require.NoError(t, err)
		require.Equal(t, upto, page.From)
		for _, r := range page.Rows {
			require.NotEmpty(t, r.Body, "what is gone is not in it")
			digest += wire.RowHash(r.Type, r.ID, r.Seq, r.Body)
		}
		rows += len(page.Rows)
		if upto, more = page.Upto, page.More; !more {
			require.Equal(t, page.Digest, digest)
		}
	}
	_, err := wire.ReadPage(pages)
	require.Equal(t, io.EOF, err)
	require.Equal(t, 2499, rows)
	require.Equal(t, 3, n)
	require.Equal(t, offered.Seq, upto)

	// A till goes on from there with pages.
	s.publish(2500, 2501)
	page, reset, ok, err := NewReader(s.db, nil).Page(t.Context(), wire.Cursor{Feed: Global, Gen: offered.Gen, Seq: offered.Seq})
	require.NoError(t, err)
	require.Nil(t, reset)
	require.True(t, ok)
	require.Len(t, page.Rows, 1)
}

// part gives a few bytes at a time.
type part struct{ left []byte }

func (p *part) Read(b []byte) (int, error) {
	if len(p.left) == 0 {
		return 0, io.EOF
	}
	n := copy(b[:min(len(b), 13)], p.left)
	p.left = p.left[n:]
	return n, nil
}

func TestASnapshotIsMadeOnce(t *testing.T) {
	s := newShop(t, 200)
	first := s.offer()
	require.Equal(t, first, s.offer())
	s.publish(0, 20)
	require.Equal(t, first, s.offer(), "little has changed since")
	s.publish(20, 21)
	second := s.offer()
	require.NotEqual(t, first.Name, second.Name, "a tenth has changed")
	require.Greater(t, second.Seq, first.Seq)
	require.NotEmpty(t, s.file(first), "tills may still be downloading it")

	s.now = s.now.Add(keepFor + time.Minute)
	s.publish(0, 100)
	s.offer()
	_, err := s.File(t.Context(), first.Name)
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = s.File(t.Context(), "no name")
	require.ErrorIs(t, err, fs.ErrNotExist)
}

func TestASnapshotThatPagesCannotGoOnFromIsMadeAgain(t *testing.T) {
	for name, change := range map[string]string{
		"another generation":  `UPDATE feed.head SET gen = gen + 1`,
		"tombstones are gone": `UPDATE feed.head SET seq = seq + 1000000, floor = seq + 1000000`,
		"rolled back":         `UPDATE feed.head SET seq = seq - 1`,
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t, 200)
			first := s.offer()
			_, err := s.db.Exec(t.Context(), change)
			require.NoError(t, err)
			require.NotEqual(t, first.Name, s.offer().Name)
		})
	}
}

func TestAShortFeedHasNoSnapshot(t *testing.T) {
	s := newShop(t, 99)
	for _, feed := range []string{Global, "store:none"} {
		_, ok, err := s.Snapshot(t.Context(), feed)
		require.NoError(t, err)
		require.False(t, ok)
	}
}

// Every process of headquarters gives the same file, and it is made once.
func TestProcessesMakeOneSnapshot(t *testing.T) {
	s := newShop(t, 500)
	names := make(chan string, 8)
	for range cap(names) {
		go func() {
			other := NewSnapshots(s.db, func() time.Time { return s.now })
			other.long = s.long
			offered, _, _ := other.Snapshot(t.Context(), Global)
			names <- offered.Name
		}()
	}
	first := <-names
	require.NotEmpty(t, first)
	for range cap(names) - 1 {
		require.Equal(t, first, <-names)
	}
}

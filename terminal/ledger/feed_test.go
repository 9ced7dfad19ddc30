package ledger

import (
	"testing"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/sync/wire"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// hq is a feed as headquarters keeps it.
type hq struct {
	t    testing.TB
	name string
	gen  uint64
	seq  uint64
	rows map[[2]string]wire.Row
}

func newHQ(t testing.TB, l *Ledger, name string) *hq {
	t.Helper()
	require.NoError(t, l.Follow(t.Context(), []string{"global", "store"}))
	return &hq{t: t, name: name, gen: 1, rows: map[[2]string]wire.Row{}}
}

// row changes a row; a nil body deletes it.
func (h *hq) row(kind retail.RowType, id uuid.UUID, body any) wire.Row {
	h.t.Helper()
	h.seq++
	r := wire.Row{Seq: h.seq, Type: kind, ID: id}
	if body != nil {
		raw, err := cbor.Marshal(body)
		require.NoError(h.t, err)
		r.Body = raw
	}
	h.rows[[2]string{string(rune(kind)), string(id[:])}] = r
	return r
}

// page is the rows after from, up to now.
func (h *hq) page(from uint64, rows ...wire.Row) wire.Changes {
	p := wire.Changes{Feed: h.name, Gen: h.gen, From: from, Upto: h.seq, Rows: rows}
	for _, r := range h.rows {
		if r.Body != nil {
			p.Digest += wire.RowHash(r.Type, r.ID, r.Seq, r.Body)
		}
	}
	return p
}

// more makes a page one that others follow.
func more(p wire.Changes) wire.Changes {
	p.More, p.Digest = true, 0
	return p
}

func cursor(t testing.TB, l *Ledger, feed string) wire.Cursor {
	t.Helper()
	all, err := l.Cursors(t.Context())
	require.NoError(t, err)
	for _, c := range all {
		if c.Feed == feed {
			return c
		}
	}
	return wire.Cursor{}
}

func bread(name string, price money.Amount) retail.Product {
	return retail.Product{
		ID: uuid.Must(uuid.NewV7()), SKU: "SKU-" + name, Name: retail.Text{FR: name, EN: name}, Price: price,
		Class: retail.Taxable, Barcodes: []string{"4006381333931"},
	}
}

func TestAPageAloneIsNeverVisible(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	h := newHQ(t, l, "global")
	var published int
	l.OnPublish(func() { published++ })
	a, b := bread("alpha", 100), bread("beta", 200)
	require.NoError(t, l.Stage(t.Context(), more(h.page(0, h.row(retail.RowProduct, a.ID, a)))))
	first := h.seq
	shown := func(name string) int {
		_, n, err := l.Search(t.Context(), name, 5)
		require.NoError(t, err)
		return n
	}
	require.Zero(t, shown("alpha"))
	require.Zero(t, cursor(t, l, "global").Seq)
	shut(t, l)

	l = f.open(t) // what is staged survives, and is still not visible
	require.Zero(t, shown("alpha"))
	h.row(retail.RowProduct, b.ID, b)
	require.NoError(t, l.Publish(t.Context(), h.page(first, h.rows[[2]string{string(rune(retail.RowProduct)), string(b.ID[:])}])))
	require.Equal(t, 1, shown("alpha"))
	require.Equal(t, 1, shown("beta"))
	require.Equal(t, wire.Cursor{Feed: "global", Gen: 1, Seq: h.seq, Digest: h.page(0).Digest}, cursor(t, l, "global"))
	require.NotZero(t, h.page(0).Digest)
	require.NoError(t, l.Reset(t.Context(), "global", 2))
	require.Equal(t, wire.Cursor{Feed: "global", Gen: 2}, cursor(t, l, "global"), "a load is due: nothing to compare")
	require.Equal(t, 1, shown("alpha"), "what is visible stays until the load is published")
}

func TestDigestThatDiffersPublishesNothing(t *testing.T) {
	l := newFolder(t).open(t)
	h := newHQ(t, l, "global")
	a, b := bread("alpha", 100), bread("beta", 200)
	require.NoError(t, l.Publish(t.Context(), h.page(0, h.row(retail.RowProduct, a.ID, a))))
	from := h.seq
	bad := h.page(from, h.row(retail.RowProduct, b.ID, b))
	bad.Digest++
	require.Equal(t, wire.DigestDiffers, l.Publish(t.Context(), bad))
	_, ok, err := l.Product(t.Context(), b.ID)
	require.NoError(t, err)
	require.False(t, ok)
	require.Equal(t, from, cursor(t, l, "global").Seq)

	// The reload under a new generation shows the old state until it is published, and drops what it does not name.
	require.NoError(t, l.Reset(t.Context(), "global", 2))
	require.Equal(t, wire.Cursor{Feed: "global", Gen: 2}, cursor(t, l, "global"))
	_, ok, err = l.Product(t.Context(), a.ID)
	require.NoError(t, err)
	require.True(t, ok)
	h.gen = 2
	delete(h.rows, [2]string{string(rune(retail.RowProduct)), string(a.ID[:])})
	good := h.page(0, h.row(retail.RowProduct, b.ID, b))
	good = h.page(0, good.Rows...)
	require.NoError(t, l.Publish(t.Context(), good))
	_, ok, err = l.Product(t.Context(), a.ID)
	require.NoError(t, err)
	require.False(t, ok)
	_, n, err := l.Search(t.Context(), "alpha", 5)
	require.NoError(t, err)
	require.Zero(t, n)
	_, ok, err = l.Product(t.Context(), b.ID)
	require.NoError(t, err)
	require.True(t, ok)
}

func TestChangesTombstonesAndUnknownTypes(t *testing.T) {
	l := newFolder(t).open(t)
	h := newHQ(t, l, "global")
	a := bread("alpha", 100)
	unknown := uuid.Must(uuid.NewV7())
	rows := []wire.Row{h.row(retail.RowProduct, a.ID, a), h.row(9999, unknown, "later")}
	require.NoError(t, l.Publish(t.Context(), h.page(0, rows...)))

	from := h.seq
	a.Price, a.Name, a.Barcodes = 150, retail.Text{FR: "gamma"}, []string{"0012345678905"}
	changed := h.row(retail.RowProduct, a.ID, a)
	require.NoError(t, l.Publish(t.Context(), h.page(from, changed)))
	p, ok, err := l.ByCode(t.Context(), "0012345678905")
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, a, p)
	_, ok, err = l.ByCode(t.Context(), "4006381333931")
	require.NoError(t, err)
	require.False(t, ok, "the old barcode is gone")
	p, ok, err = l.ByCode(t.Context(), "SKU-alpha")
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, a.ID, p.ID)

	from = h.seq
	gone := []wire.Row{h.row(retail.RowProduct, a.ID, nil), h.row(9999, unknown, nil)}
	require.NoError(t, l.Publish(t.Context(), h.page(from, gone...)))
	_, ok, err = l.Product(t.Context(), a.ID)
	require.NoError(t, err)
	require.False(t, ok)
	_, n, err := l.Search(t.Context(), "gamma", 5)
	require.NoError(t, err)
	require.Zero(t, n)
}

// The link was lost in the middle of a load: headquarters begins again at the cursor.
func TestInterruptedLoadBeginsAgain(t *testing.T) {
	l := newFolder(t).open(t)
	h := newHQ(t, l, "global")
	a, b := bread("alpha", 100), bread("beta", 200)
	require.NoError(t, l.Stage(t.Context(), more(h.page(0, h.row(retail.RowProduct, a.ID, a)))))
	delete(h.rows, [2]string{string(rune(retail.RowProduct)), string(a.ID[:])})
	row := h.row(retail.RowProduct, b.ID, b)
	require.NoError(t, l.Publish(t.Context(), h.page(0, row)), "the page staged before is forgotten")
	_, ok, err := l.Product(t.Context(), a.ID)
	require.NoError(t, err)
	require.False(t, ok)
	require.ErrorIs(t, l.Stage(t.Context(), more(h.page(h.seq+7))), wire.CursorAhead)
}

func TestUnfollowedFeedIsDropped(t *testing.T) {
	l := newFolder(t).open(t)
	h := newHQ(t, l, "global")
	a := bread("alpha", 100)
	require.NoError(t, l.Publish(t.Context(), h.page(0, h.row(retail.RowProduct, a.ID, a))))
	require.NoError(t, l.Follow(t.Context(), []string{"store"}))
	_, ok, err := l.ByCode(t.Context(), a.SKU)
	require.NoError(t, err)
	require.False(t, ok)
	all, err := l.Cursors(t.Context())
	require.NoError(t, err)
	require.Equal(t, []wire.Cursor{{Feed: "store"}}, all)
}

func TestTheStoreIsWhatHeadquartersSays(t *testing.T) {
	l := newFolder(t).open(t)
	h := newHQ(t, l, "global")
	store := l.Identity().Store
	store.Name, store.Address = "Magasin Vieux-Port", "1, rue de la Commune"
	require.NoError(t, l.Publish(t.Context(), h.page(0, h.row(retail.RowLocation, store.ID, store))))
	require.Equal(t, store, l.Identity().Store)
}

// What headquarters wants of the till is the till's own row, and outlives the program and a catalogue that is loaded anew.
func TestALockOutlivesTheProgram(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	global, own := newHQ(t, l, "global"), newHQ(t, l, "store")
	want := retail.Control{LockedAt: 1, Reason: "audit", By: "Ann"}
	control := func() retail.Control {
		c, err := l.Control(t.Context())
		require.NoError(t, err)
		return c
	}
	require.Zero(t, control())
	require.NoError(t, l.Publish(t.Context(), own.page(0,
		own.row(retail.RowControl, uuid.UUID{9}, retail.Control{LockedAt: 2}), own.row(retail.RowControl, l.identity.Till, want))))
	require.Equal(t, want, control())
	p := bread("apple", 300)
	global.row(retail.RowProduct, p.ID, p)
	require.NoError(t, l.Load(t.Context(), global.snapshot(l, 10)))
	require.Equal(t, want, control())
	require.NoError(t, l.Close())
	l = f.open(t)
	require.Equal(t, want, control())
	from := own.seq
	require.NoError(t, l.Publish(t.Context(), own.page(from, own.row(retail.RowControl, l.identity.Till, nil))))
	require.Zero(t, control())
}

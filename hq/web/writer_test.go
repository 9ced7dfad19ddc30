package web_test

import (
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/catalog"
	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/sync/hub"
	"comptant/sync/wire"
)

// writer is a till that was enrolled, and hands in its journal as tills do.
type writer struct {
	w       *world
	store   retail.Location
	till    wire.EnrolReply
	session uuid.UUID
	last    uint64 // entry
	head    journal.Hash
	receipt uint64 // number of the last
}

// writer enrols a till, which opens its journal at a time.
func (w *world) writer(store retail.Location, number int, at time.Time) *writer {
	w.t.Helper()
	code, err := w.desk.NewCode(w.t.Context(), store.ID, number)
	require.NoError(w.t, err)
	l := &writer{w: w, store: store, till: w.enrol(code)}
	session, err := w.desk.Open(w.t.Context(), wire.Hello{Till: l.till.Till}, time.Now())
	require.NoError(w.t, err)
	l.session, l.head = session.ID, journal.Genesis(l.till.Till, l.till.Epoch)
	require.NoError(w.t, l.write(journal.KindEpochOpen, at, retail.EpochOpen{Nonce: []byte{1}, Store: store.ID, Reason: retail.EpochEnrolled}))
	return l
}

// write writes an entry, dated to a second, and hands it in.
func (l *writer) write(kind journal.Kind, at time.Time, body any) error {
	entry, err := journal.Encode(journal.Entry{Kind: kind, Time: at.UnixMilli(), Error: 1000, User: uuid.UUID{7}}, body)
	if err != nil {
		return err
	}
	link := journal.Chain(l.till.Till, l.till.Epoch, l.last+1, l.head, [][]byte{entry})[0]
	_, err = l.w.desk.Store(l.w.t.Context(), hub.Batch{
		Till: l.till.Till, Store: l.store.ID, Session: l.session, Path: wire.Path{Epoch: l.till.Epoch}, First: link.Seq, Prev: link.Prev, Head: link.Hash,
		Entries: [][]byte{entry},
	})
	l.last, l.head = link.Seq, link.Hash
	return err
}

// sell sells one piece of a product, paid by card.
func (l *writer) sell(p retail.Product, at time.Time) error {
	line := retail.NewLine(p, money.One, "fr")
	totals := retail.Total([]retail.Line{line}, nil)
	l.receipt++
	return l.write(journal.KindSale, at, retail.Sale{
		Number: l.receipt, BusinessDate: retail.DateOf(at), Currency: "CAD", Lines: []retail.Line{line}, Taxes: totals.Taxes, Total: totals.Total,
		Tenders: []retail.Tender{{Kind: retail.TenderCard, Amount: totals.Total, LastFour: "4417"}},
	})
}

// whileSelling does something while both stores sell several times a second.
func (w *world) whileSelling(c chain, do func()) {
	w.t.Helper()
	lanes := []*writer{w.writer(c.north, 21, sunday), w.writer(c.south, 22, sunday)}
	goods := []catalog.Product{c.syrup, c.soap}
	stop := make(chan struct{})
	var selling sync.WaitGroup
	for i, l := range lanes {
		selling.Go(func() {
			tick := time.NewTicker(200 * time.Millisecond)
			defer tick.Stop()
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				case <-tick.C:
				}
				if err := l.sell(goods[(n+i)%len(goods)].Product, sunday.Add(time.Duration(n)*time.Millisecond)); err != nil {
					w.t.Errorf("sell: %v", err)
					return
				}
			}
		})
	}
	defer selling.Wait()
	defer close(stop)
	do()
}

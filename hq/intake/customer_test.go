package intake_test

import (
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/hq/users"
	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/sync/wire"
)

// known is what the store's tills are told of a customer; ok is false when they are told nothing.
func (w *world) known(id uuid.UUID) (c retail.Customer, ok bool) {
	w.t.Helper()
	var body []byte
	require.NoError(w.t, w.db.QueryRow(ctx, `SELECT coalesce((SELECT body FROM feed.item WHERE feed = $1 AND type = $2 AND id = $3), '')`,
		feed.Store(w.store.ID), int(retail.RowCustomer), id).Scan(&body))
	if len(body) == 0 {
		return c, false
	}
	require.NoError(w.t, cbor.Unmarshal(body, &c))
	return c, true
}

func (l *lane) send(c retail.Customer) error {
	args, err := cbor.Marshal(c)
	require.NoError(l.w.t, err)
	return l.w.desk.Command(ctx, l.w.store.ID, l.id, wire.Command{ID: c.ID, Name: wire.CommandCustomer, Args: args})
}

func marie() retail.Customer {
	return retail.Customer{ID: uuid.New(), Name: "Marie Tremblay", Phone: "514 555-0123", Email: "marie@example.com", At: opened.UnixMilli()}
}

// The sale and the person come by two ways, in any order and as often as they like.
func TestACustomerIsSentBesideTheJournal(t *testing.T) {
	for name, saleFirst := range map[string]bool{"the sale first": true, "the customer first": false} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			l := w.enrol(1)
			c := marie()
			sale := l.ticket(0, 1000)
			sale.Customer = c.ID
			l.add(journal.KindSale, sale)
			if saleFirst {
				l.push(1)
				_, ok := w.known(c.ID)
				require.False(t, ok, "nothing is known of them yet")
			}
			require.NoError(t, l.send(c))
			require.NoError(t, l.send(c), "sent again after a lost answer")
			if !saleFirst {
				l.push(1)
			}
			got, ok := w.known(c.ID)
			require.True(t, ok)
			require.Equal(t, c, got)
			require.EqualValues(t, 1, w.count(`SELECT count(*) FROM sales.document WHERE customer_id = $1`, c.ID))
			require.EqualValues(t, 1, w.count(`SELECT count(*) FROM users.customer`))
			require.Zero(t, w.count(`SELECT count(*) FROM journal.flag`))
			w.sound()
		})
	}
	w := newWorld(t)
	l := w.enrol(1)
	require.ErrorIs(t, l.send(retail.Customer{ID: uuid.New()}), wire.Invalid)
	require.ErrorIs(t, l.send(retail.Customer{Name: "Marie"}), wire.Invalid)
}

// Who was erased is gone from the tables, the feed, the files of the feed and every entry there ever was; the chains verify, the
// sums stay, and a till that sends them again brings nothing back.
func TestAnErasedCustomerLeavesTheChainsIntact(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	c := marie()
	sale := l.ticket(0, 1000)
	sale.Customer = c.ID
	l.add(journal.KindSale, sale)
	require.NoError(t, l.send(c))
	l.push(1)
	snapshots := feed.NewSnapshots(w.db, now)
	_, _, err := snapshots.Snapshot(ctx, feed.Store(w.store.ID))
	require.NoError(t, err)
	before := w.count(`SELECT sum(hashtext(encode(bytes, 'hex')))::bigint FROM journal.entry`)

	erase := func(id uuid.UUID) error {
		return w.db.InTx(ctx, func(tx *db.Tx) error { return users.EraseCustomer(ctx, tx, id, opened) })
	}
	require.NoError(t, erase(c.ID))
	require.NoError(t, erase(c.ID), "twice is once")
	told := (*retail.Error)(nil)
	require.ErrorAs(t, erase(uuid.New()), &told)
	require.Equal(t, "customer.unknown", told.Key)
	for _, again := range []int64{c.At, c.At + int64(time.Hour/time.Millisecond)} {
		c.At = again
		require.NoError(t, l.send(c))
	}
	got, ok := w.known(c.ID)
	require.True(t, ok, "tills must hear that they are gone")
	require.True(t, got.Erased)
	require.Empty(t, got.Name+got.Phone+got.Email)
	found, err := users.FindCustomers(ctx, w.db, "tremblay", 9)
	require.NoError(t, err)
	require.Empty(t, found)
	found, err = users.FindCustomers(ctx, w.db, c.ID.String(), 9)
	require.NoError(t, err)
	require.NotNil(t, found[0].ErasedAt)

	require.Equal(t, before, w.count(`SELECT sum(hashtext(encode(bytes, 'hex')))::bigint FROM journal.entry`))
	for _, query := range []string{
		`SELECT count(*) FROM users.customer c WHERE c::text LIKE '%Marie%' OR c::text LIKE '%0123%'`,
		`SELECT count(*) FROM feed.item WHERE position('Marie'::bytea IN body) > 0`,
		`SELECT count(*) FROM journal.entry WHERE position('Marie'::bytea IN bytes) > 0`,
		`SELECT count(*) FROM feed.snapshot WHERE feed LIKE 'store:%'`,
	} {
		require.Zero(t, w.count(query), query)
	}
	w.sound()
}

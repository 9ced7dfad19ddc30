package intake_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/intake"
	"comptant/hq/pgtest"
	"comptant/hq/pgtest/hostile"
	"comptant/hq/stock"
	"comptant/shared/journal"
	"comptant/shared/retail"
)

// tamper is what somebody with the database's password may do to the newest or an inner entry of an epoch.
var tamper = map[string]struct {
	sql string // $1 till, $2 epoch, $3 seq
	err error
	// at is the seq Verify must name, from the one that was touched.
	at func(seq uint64) uint64
}{
	"flipped byte": {
		sql: `UPDATE journal.entry SET bytes = set_byte(bytes, length(bytes) / 2, get_byte(bytes, length(bytes) / 2) # 1)
			WHERE till_id = $1 AND epoch = $2 AND seq = $3`,
		err: journal.ErrBytes, at: func(seq uint64) uint64 { return seq },
	},
	"deleted": {
		sql: `DELETE FROM journal.entry WHERE till_id = $1 AND epoch = $2 AND seq = $3`,
		err: journal.ErrGap, at: func(seq uint64) uint64 { return seq },
	},
	"swapped with the one before": {
		sql: `UPDATE journal.entry e SET bytes = o.bytes FROM journal.entry o
			WHERE e.till_id = $1 AND e.epoch = $2 AND e.seq IN ($3 - 1, $3) AND o.till_id = $1 AND o.epoch = $2 AND o.seq = 2 * $3::bigint - 1 - e.seq`,
		err: journal.ErrBytes, at: func(seq uint64) uint64 { return seq - 1 },
	},
	"swapped with its place in the chain": {
		sql: `UPDATE journal.entry e SET bytes = o.bytes, prev = o.prev, hash = o.hash FROM journal.entry o
			WHERE e.till_id = $1 AND e.epoch = $2 AND e.seq IN ($3 - 1, $3) AND o.till_id = $1 AND o.epoch = $2 AND o.seq = 2 * $3::bigint - 1 - e.seq`,
		err: journal.ErrChain, at: func(seq uint64) uint64 { return seq - 1 },
	},
}

// Every kind of tampering is found and named, inside an epoch, at the end of a closed one and at the end of the open one.
func TestTampering(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	other := w.enrol(2)
	other.sale(0, 1000)
	other.push(1)
	for range 5 {
		l.sale(0, 1000)
	}
	l.push(1)
	closed := l.epoch
	l.next()
	for range 4 {
		l.sale(0, 1000)
	}
	l.push(1)
	w.sound()
	restore := w.keep()
	for name, c := range tamper {
		for _, place := range []struct {
			where      string
			epoch, seq uint64
		}{
			{"inside a closed epoch", closed, 4},
			{"the end of a closed epoch", closed, 6},
			{"inside the open epoch", l.epoch, 3},
			{"the newest entry", l.epoch, 5},
		} {
			t.Run(name+", "+place.where, func(t *testing.T) {
				defer restore()
				done, err := w.db.Exec(ctx, c.sql, l.id, int64(place.epoch), int64(place.seq))
				require.NoError(t, err)
				require.Positive(t, done.RowsAffected())
				faults, err := w.desk.Verify(ctx, l.id)
				require.NoError(t, err)
				require.Len(t, faults, 1)
				require.ErrorIs(t, faults[0], c.err)
				faults[0].Err = nil
				require.Equal(t, intake.Fault{Store: w.store.ID, Till: l.id, Epoch: place.epoch, Seq: c.at(place.seq)}, faults[0])
			})
		}
	}
	w.sound()
}

// tampered are the tables somebody may write to behind our back.
var tampered = []string{
	"journal.entry", "journal.branch", "sales.document", "sales.line", "sales.hourly", "sales.daily_product", "sales.daily_tax", "sales.daily_charge", "sales.daily_cashier",
	"stock.level", "stock.movement", "stock.count", "journal.clock",
}

// keep gives what puts the tables back as they are now.
func (w *world) keep() (restore func()) {
	exec := func(query string, args ...any) {
		w.t.Helper()
		_, err := w.db.Exec(ctx, fmt.Sprintf(query, args...))
		require.NoError(w.t, err)
	}
	exec("CREATE SCHEMA kept")
	for i, table := range tampered {
		exec("CREATE TABLE kept.t%d AS SELECT * FROM %s", i, table)
	}
	return func() {
		w.t.Helper()
		for i, table := range tampered {
			exec("DELETE FROM %s", table)
			exec("INSERT INTO %s SELECT * FROM kept.t%d", table, i)
		}
	}
}

// What is recorded of the end of an epoch cannot be moved or taken away unseen either.
func TestTamperedEnds(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	l.sale(0, 1000)
	l.sale(0, 1000)
	l.push(1)
	restore := w.keep()
	for sql, want := range map[string]intake.Fault{
		`DELETE FROM journal.branch`:                                            {Seq: 3, Err: intake.ErrNoHead},
		`UPDATE journal.branch SET seq = 2`:                                     {Seq: 3, Err: intake.ErrHead},
		`UPDATE journal.branch SET seq = 4`:                                     {Seq: 4, Err: journal.ErrGap},
		`UPDATE journal.branch SET hash = fork_hash`:                            {Seq: 3, Err: intake.ErrHead},
		`DELETE FROM journal.entry`:                                             {Seq: 1, Err: journal.ErrGap},
		`UPDATE journal.entry SET branch = 1 WHERE seq = 2`:                     {Seq: 2, Err: intake.ErrBranch},
		`UPDATE journal.entry SET hash = prev, prev = hash WHERE seq = 3`:       {Seq: 3, Err: journal.ErrChain},
		`UPDATE journal.entry SET hash = sha256(bytes) WHERE seq = 3`:           {Seq: 3, Err: journal.ErrBytes},
		`UPDATE journal.entry SET till_id = gen_random_uuid() WHERE seq = 2`:    {Seq: 2, Err: journal.ErrGap},
		`UPDATE journal.entry SET seq = 9 WHERE seq = 2`:                        {Seq: 2, Err: journal.ErrGap},
		`UPDATE journal.entry SET bytes = bytes || '\x00'::bytea WHERE seq = 1`: {Seq: 1, Err: journal.ErrBytes},
	} {
		t.Run(sql, func(t *testing.T) {
			defer restore()
			_, err := w.db.Exec(ctx, sql)
			require.NoError(t, err)
			faults, err := w.desk.Verify(ctx, l.id)
			require.NoError(t, err)
			require.Len(t, faults, 1)
			require.ErrorIs(t, faults[0], want.Err)
			require.Equal(t, want.Seq, faults[0].Seq)
			require.Equal(t, l.epoch, faults[0].Epoch)
			require.Equal(t, l.id, faults[0].Till)
		})
	}
}

// A figure changed by a cent in any table is found, though every chain verifies.
func TestTamperedFigures(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	l.sale(0, 1000)
	l.push(1)
	w.sound()
	restore := w.keep()
	for _, sql := range []string{
		`UPDATE sales.document SET revenue = revenue + 1`, `UPDATE sales.document SET cash = cash - 1`, `DELETE FROM sales.document`,
		`UPDATE sales.line SET revenue = revenue + 1`, `UPDATE sales.hourly SET revenue = revenue + 1`, `UPDATE sales.hourly SET tickets = 7`,
		`UPDATE sales.daily_product SET units = units + 1`, `UPDATE sales.daily_cashier SET refunded = refunded - 1`, `DELETE FROM sales.daily_cashier`, `DELETE FROM sales.daily_product`, `UPDATE sales.daily_tax SET amount = amount + 1`,
		`UPDATE stock.level SET on_hand = on_hand + 1`, `DELETE FROM stock.movement`,
	} {
		t.Run(sql, func(t *testing.T) {
			defer restore()
			_, err := w.db.Exec(ctx, sql)
			require.NoError(t, err)
			faults, err := w.desk.Verify(ctx, uuid.Nil)
			require.NoError(t, err)
			require.NotEmpty(t, faults)
			require.Equal(t, w.store.ID, faults[0].Store)
			here, err := w.desk.VerifyScope(ctx, intake.Scope{Store: w.store.ID}, func(int64) {})
			require.NoError(t, err)
			require.ElementsMatch(t, faults, here, "a store's verification finds what is of the store")
			elsewhere, err := w.desk.VerifyScope(ctx, intake.Scope{Store: w.depot.ID}, func(int64) {})
			require.NoError(t, err)
			require.Empty(t, elsewhere)
		})
	}
}

// The verification of a store finds what that of all finds there, and reads no other store's entries.
func TestAStoreIsVerifiedAlone(t *testing.T) {
	w := newWorld(t)
	other := *w
	other.store = retail.Location{ID: uuid.New(), Kind: retail.LocationStore, Code: "SU", Name: "Magasin Sud", Zone: "America/Toronto"}
	require.NoError(t, w.db.InTx(ctx, func(tx *db.Tx) error { return stock.PutLocations(ctx, tx, other.store) }))
	for _, at := range []*world{w, &other} {
		l := at.enrol(1)
		for range 4 {
			l.sale(0, 1000)
		}
		l.add(journal.KindCount, retail.Count{Session: uuid.UUID{5}, Product: w.products[1].ID, Quantity: 3000})
		l.push(1)
	}
	w.sound()
	for _, sql := range []string{
		`UPDATE journal.entry SET bytes = set_byte(bytes, 0, 255) WHERE seq = 4`,
		`UPDATE journal.branch SET seq = 9`,
		`INSERT INTO journal.clock SELECT store_id, till_id, epoch, epoch, 9, sha256(hash), 1, 1, 0, 0 FROM journal.entry WHERE seq = 1`,
		`UPDATE sales.hourly SET revenue = revenue + 1`,
		`UPDATE stock.level SET on_hand = on_hand + 1, in_transit = 1`,
		`UPDATE stock.count SET ref = gen_random_uuid()`,
	} {
		done, err := w.db.Exec(ctx, sql)
		require.NoError(t, err)
		require.EqualValues(t, 2, done.RowsAffected(), sql)
	}
	whole, err := w.desk.Verify(ctx, uuid.Nil)
	require.NoError(t, err)
	for _, err := range []error{journal.ErrBytes, intake.ErrClock, intake.ErrCount} {
		require.True(t, slices.ContainsFunc(whole, func(f intake.Fault) bool { return errors.Is(f, err) }), err)
	}
	found := 0
	for _, at := range []uuid.UUID{w.store.ID, other.store.ID} {
		var read int64
		here, err := w.desk.VerifyScope(ctx, intake.Scope{Store: at}, func(n int64) { read = n })
		require.NoError(t, err)
		require.EqualValues(t, 6, read)
		require.ElementsMatch(t, slices.DeleteFunc(slices.Clone(whole), func(f intake.Fault) bool { return f.Store != at }), here)
		found += len(here)
	}
	require.Len(t, whole, found, "what is found is of a store")
}

// Whose journals are meant is an argument of every statement, and never a part of its text.
func TestScopesAreArguments(t *testing.T) {
	var watch hostile.Watch
	w := worldOn(t, pgtest.Watched(t, watch.See), 1)
	l := w.enrol(1)
	l.sale(1000)
	l.push(1)
	require.Empty(t, watch.Found())
	for _, scope := range []intake.Scope{{}, {Store: w.store.ID}, {Till: l.id}, {Store: w.store.ID, Till: l.id}} {
		_, err := w.desk.VerifyScope(ctx, scope, func(int64) {})
		require.NoError(t, err)
		_, err = w.desk.Audit(ctx, io.Discard, scope, opened, opened.Add(time.Hour), opened)
		require.NoError(t, err)
		require.Empty(t, watch.Found(), scope)
	}
}

func TestStoredBytesAreTheTills(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	l.sale(0, 1000)
	l.push(1)
	entries, err := w.desk.Entries(ctx, w.store.ID, l.id, l.epoch, 1, 10)
	require.NoError(t, err)
	require.Len(t, entries, 2)
	for i, e := range entries {
		require.True(t, bytes.Equal(l.entries[i], e.Bytes))
	}
	require.Equal(t, journal.KindSale, entries[1].Envelope.Kind)
}

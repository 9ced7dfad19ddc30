package intake_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"comptant/hq/db"
	"comptant/hq/intake"
	"comptant/hq/pgtest"
	"comptant/hq/stock"
	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// at appends an entry of a moment by the till's clock, and its estimate of ours.
func (l *lane) at(kind journal.Kind, t time.Time, offset, bound time.Duration, body any) uint64 {
	l.w.t.Helper()
	b, err := journal.Encode(journal.Entry{
		Kind: kind, Time: t.UnixMilli(), Offset: offset.Milliseconds(), Error: bound.Milliseconds(), User: uuid.UUID{7},
	}, body)
	require.NoError(l.w.t, err)
	return l.raw(b)
}

// hours are the tickets of the day by hour of the store.
func (w *world) hours(t require.TestingT) map[int]int64 {
	rows, err := w.db.Query(ctx, `SELECT hour, tickets FROM sales.hourly WHERE store_id = $1`, w.store.ID)
	require.NoError(t, err)
	found := map[int]int64{}
	var hour int
	var tickets int64
	_, err = pgx.ForEachRow(rows, []any{&hour, &tickets}, func() error { found[hour] = tickets; return nil })
	require.NoError(t, err)
	return found
}

// moments are the times of what a query gives, as "place time".
func (w *world) moments(t require.TestingT, query string, args ...any) []string {
	rows, err := w.db.Query(ctx, query, args...)
	require.NoError(t, err)
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (string, error) {
		var place string
		var at time.Time
		err := row.Scan(&place, &at)
		return place + " " + at.UTC().Format(time.RFC3339Nano), err
	})
	require.NoError(t, err)
	slices.Sort(found)
	return found
}

func TestAClockEntryDatesWhatItCoversAnew(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	request, shipment := uuid.New(), w.shipped(2, 12000)
	ahead := opened.Add(3 * time.Hour)
	early := l.at(journal.KindSale, ahead, -4*time.Minute, 0, l.ticket(0, 1000))
	first := l.at(journal.KindSale, ahead, 0, 0, l.ticket(0, 2000))
	l.at(journal.KindRestockRequest, ahead, 0, 0, retail.RestockRequest{ID: request, Lines: []retail.StockLine{{Product: w.products[1].ID, Quantity: 12000}}})
	last := l.at(journal.KindReceive, ahead, 0, 0, retail.Receive{Shipment: shipment, Lines: []retail.StockLine{{Product: w.products[2].ID, Quantity: 12000}}})
	l.push(1)
	w.sound()
	require.Equal(t, map[int]int64{17: 2}, w.hours(t))
	seq := l.at(journal.KindClock, opened.Add(time.Minute), 0, 20*time.Millisecond,
		retail.Clock{Epoch: l.epoch, From: first, To: last, Correction: (-3 * time.Hour).Milliseconds(), Error: 20})
	require.Empty(t, l.push(seq).Notes)
	w.sound()
	require.Equal(t, map[int]int64{17: 1, 14: 1}, w.hours(t), "the first was not covered")
	require.EqualValues(t, 1, w.count(`SELECT count(*) FROM sales.document WHERE seq = $1 AND at = $2`, int64(early), ahead.Add(-4*time.Minute)))
	require.EqualValues(t, 1, w.count(`SELECT count(*) FROM sales.document WHERE seq = $1 AND at = $2 AND business_date = 20261122`, int64(first), opened))
	require.EqualValues(t, 1, w.count(`SELECT count(*) FROM stock.movement WHERE quantity = -2000 AND at = $1`, opened))
	require.EqualValues(t, 1, w.count(`SELECT count(*) FROM stock.movement WHERE reason = $1 AND at = $2`, int16(stock.Arrived), opened))
	require.EqualValues(t, 1, w.count(`SELECT count(*) FROM stock.shipment WHERE received_at = $1 AND stated_at = $2`, opened, ahead))
	require.EqualValues(t, 1, w.count(`SELECT count(*) FROM stock.restock WHERE id = $1 AND requested_at = $2`, request, opened))

	entries, err := w.desk.Entries(ctx, w.store.ID, l.id, l.epoch, 1, 10)
	require.NoError(t, err)
	require.Equal(t, opened, entries[first-1].At)
	require.Equal(t, intake.Corrected, entries[first-1].Dated)
	require.Equal(t, intake.Unmeasured, entries[early-1].Dated)
	require.Equal(t, intake.Measured, entries[seq-1].Dated)

	// A later entry about the same says more.
	seq = l.at(journal.KindClock, opened.Add(time.Hour), 0, 20*time.Millisecond, retail.Clock{Epoch: l.epoch, From: 1, To: last})
	require.Len(t, l.push(seq).Notes, 1)
	require.Equal(t, map[int]int64{17: 2}, w.hours(t))
	flags, err := w.desk.Flags(ctx)
	require.NoError(t, err)
	require.Len(t, flags, 1)
	require.Equal(t, intake.FlagClock, flags[0].Code)
	require.Equal(t, seq, flags[0].Seq)
	entries, err = w.desk.Entries(ctx, w.store.ID, l.id, l.epoch, 1, 10)
	require.NoError(t, err)
	require.Equal(t, intake.Uncertain, entries[first-1].Dated)
	w.sound()
}

func TestAClockEntryThatMakesNoSenseChangesNothing(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	l.sale(0, 1000)
	nonsense := []retail.Clock{
		{},
		{Epoch: l.epoch, From: 3, To: 2, Error: 1},
		{Epoch: l.epoch, From: 1, To: 1 << 40, Error: 1},
		{Epoch: l.epoch, From: 1, To: 2, Error: -1},
		{Epoch: l.epoch, From: 1, To: 2, Correction: 5},
		{Epoch: l.epoch, From: 1, To: 2, Correction: 1 << 60, Error: 1},
	}
	for _, c := range nonsense {
		l.add(journal.KindClock, c)
	}
	l.push(1)
	require.Zero(t, w.count(`SELECT count(*) FROM journal.clock`))
	require.Zero(t, w.count(`SELECT count(*) FROM journal.deferred`))
	require.EqualValues(t, len(nonsense), w.count(`SELECT count(*) FROM journal.flag WHERE code = $1`, intake.FlagInvalid))
	w.sound()
}

func TestTamperedClocks(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	seq := l.sale(0, 1000)
	l.add(journal.KindClock, retail.Clock{Epoch: l.epoch, From: seq, To: seq, Correction: 5000, Error: 20})
	l.push(1)
	w.sound()
	restore := w.keep()
	for _, sql := range []string{
		`UPDATE sales.document SET at = at + interval '1 ms'`, `UPDATE journal.clock SET correction = 6000`, `DELETE FROM journal.clock`,
		`UPDATE journal.clock SET hash = sha256(hash)`, `UPDATE journal.clock SET error = 30`,
	} {
		t.Run(sql, func(t *testing.T) {
			defer restore()
			_, err := w.db.Exec(ctx, sql)
			require.NoError(t, err)
			faults, err := w.desk.Verify(ctx, uuid.Nil)
			require.NoError(t, err)
			require.NotEmpty(t, faults)
		})
	}
}

// Whatever the batches, whatever waited and was tried again: every sale is dated by what it says and by the last entry that
// corrects it, in every table.
func TestTimesAreAFunctionOfTheEntries(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := worldOn(t, pgtest.New(t), 2)
		refuse, forgive := w.refusing()
		l := w.enrol(1)
		journals := []*lane{l}
		type sale struct {
			place string
			at    time.Time
		}
		var sales []sale
		last := map[string]retail.Clock{} // by place
		uncertain := map[string]bool{}
		place := func(epoch, seq uint64) string { return fmt.Sprintf("%d.%d", epoch, seq) }
		r.Repeat(map[string]func(*rapid.T){
			"sell": func(r *rapid.T) {
				t := opened.Add(time.Duration(rapid.IntRange(-20, 20).Draw(r, "minutes")) * 17 * time.Minute)
				offset := time.Duration(rapid.IntRange(-2, 2).Draw(r, "offset")) * time.Second
				seq := l.at(journal.KindSale, t, offset, time.Duration(rapid.IntRange(0, 1).Draw(r, "measured"))*time.Second,
					l.ticket(0, money.Quantity(rapid.IntRange(1, 3).Draw(r, "units"))*money.One))
				sales = append(sales, sale{place(l.epoch, seq), t.Add(offset)})
			},
			"clock": func(r *rapid.T) {
				of := rapid.SampledFrom(journals).Draw(r, "epoch")
				from := uint64(rapid.IntRange(1, len(of.entries)).Draw(r, "from"))
				to := uint64(rapid.IntRange(int(from), len(of.entries)).Draw(r, "to"))
				c := retail.Clock{Epoch: of.epoch, From: from, To: to}
				if rapid.IntRange(0, 3).Draw(r, "known") > 0 {
					c.Correction, c.Error = rapid.Int64Range(-7_200_000, 7_200_000).Draw(r, "correction"), 20
				}
				seq := l.at(journal.KindClock, opened, 0, time.Second, c)
				uncertain[place(l.epoch, seq)] = c.Error == 0
				for s := from; s <= to; s++ {
					last[place(of.epoch, s)] = c
				}
			},
			"epoch": func(r *rapid.T) {
				if rapid.IntRange(0, 3).Draw(r, "rarely") > 0 {
					return
				}
				next := *l
				next.next()
				l = &next
				journals = append(journals, l)
			},
		})
		// They arrive in batches, and some are put off.
		for _, l := range journals {
			n := uint64(len(l.entries))
			for from := uint64(1); from <= n; {
				to := uint64(rapid.IntRange(int(from), int(n)).Draw(r, "batch"))
				refuse(l.epoch, uint64(rapid.IntRange(int(from), int(to)).Draw(r, "fails")))
				_, err := w.desk.Store(ctx, l.batch(from, to))
				require.NoError(r, err)
				if from > 1 && rapid.Bool().Draw(r, "again") {
					_, err := w.desk.Store(ctx, l.batch(from-1, to))
					require.NoError(r, err)
				}
				if rapid.IntRange(0, 3).Draw(r, "retry") == 0 {
					forgive()
					_, err := w.desk.RetryDeferred(ctx)
					require.NoError(r, err)
				}
				from = to + 1
			}
		}
		forgive()
		for range 2 {
			_, err := w.desk.RetryDeferred(ctx)
			require.NoError(r, err)
		}
		require.Zero(r, w.count(`SELECT count(*) FROM journal.deferred`))
		w.rolledUp(r)

		want, hours := []string{}, map[int]int64{}
		zone, err := time.LoadLocation(w.store.Zone)
		require.NoError(r, err)
		for _, s := range sales {
			at := s.at.Add(time.Duration(last[s.place].Correction) * time.Millisecond)
			want = append(want, s.place+" "+at.Format(time.RFC3339Nano))
			hours[at.In(zone).Hour()]++
		}
		slices.Sort(want)
		require.Equal(r, want, w.moments(r, `SELECT epoch || '.' || seq, at FROM sales.document`))
		require.Equal(r, want, w.moments(r, `
			SELECT e.epoch || '.' || e.seq, m.at FROM stock.movement m JOIN journal.entry e ON substr(e.hash, 1, 16) = uuid_send(m.ref)`))
		require.Equal(r, hours, w.hours(r))
		maps.DeleteFunc(uncertain, func(_ string, is bool) bool { return !is })
		flagged := map[string]bool{}
		flags, err := w.desk.Flags(ctx)
		require.NoError(r, err)
		for _, f := range flags {
			flagged[place(f.Epoch, f.Seq)] = true
		}
		require.Equal(r, uncertain, flagged)
		faults, err := w.desk.Verify(ctx, uuid.Nil)
		require.NoError(r, err)
		require.Empty(r, faults)
	})
}

// refusing lets the database refuse entries, until they are forgiven.
func (w *world) refusing() (refuse func(epoch, seq uint64), forgive func()) {
	exec := func(sql string, args ...any) {
		_, err := w.db.Exec(ctx, sql, args...)
		require.NoError(w.t, err)
	}
	for _, sql := range []string{
		`CREATE TABLE refused (epoch bigint, seq bigint)`,
		`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			IF EXISTS (SELECT FROM refused r WHERE r.epoch = (to_jsonb(NEW)->>TG_ARGV[0])::bigint AND r.seq = (to_jsonb(NEW)->>TG_ARGV[1])::bigint) THEN
				RAISE 'refused';
			END IF;
			RETURN NEW;
		END $$`,
		`CREATE TRIGGER refuse BEFORE INSERT ON sales.document FOR EACH ROW EXECUTE FUNCTION refuse('epoch', 'seq')`,
		`CREATE TRIGGER refuse BEFORE INSERT ON journal.clock FOR EACH ROW EXECUTE FUNCTION refuse('at_epoch', 'at_seq')`,
	} {
		exec(sql)
	}
	return func(epoch, seq uint64) { exec(`INSERT INTO refused VALUES ($1, $2)`, int64(epoch), int64(seq)) },
		func() { exec(`DELETE FROM refused`) }
}

// shipped sends goods to the store and gives the shipment.
func (w *world) shipped(product int, q money.Quantity) uuid.UUID {
	w.t.Helper()
	request := uuid.New()
	var shipment uuid.UUID
	require.NoError(w.t, w.db.InTx(ctx, func(tx *db.Tx) error {
		lines := []retail.StockLine{{Product: w.products[product].ID, Quantity: q}}
		approved := map[uuid.UUID]money.Quantity{w.products[product].ID: q}
		there := stock.Movement{Location: w.depot.ID, Product: w.products[product].ID, At: opened, Ref: uuid.New(), Reason: stock.Opening, Quantity: q}
		if err := stock.Record(ctx, tx, []stock.Movement{there}); err != nil {
			return err
		}
		if err := stock.RequestRestock(ctx, tx, stock.RestockRequest{Location: w.store.ID, ID: request, At: opened, Lines: lines}); err != nil {
			return err
		}
		if err := stock.Decide(ctx, tx, stock.Decision{Location: w.store.ID, Restock: request, At: opened, Approved: approved}); err != nil {
			return err
		}
		s, err := stock.Ship(ctx, tx, stock.Dispatch{From: w.depot.ID, Location: w.store.ID, Restock: request, At: opened})
		shipment = s.ID
		return err
	}))
	return shipment
}

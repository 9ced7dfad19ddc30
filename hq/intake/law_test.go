package intake_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"comptant/hq/intake"
	"comptant/hq/pgtest"
	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// forest is what copies of one till's disk have written of an epoch, each with all of it from the beginning.
type forest []*lane

// grow draws a till, copies of its disk at some moment, and what each has written since: sales, refunds of its own receipts
// and of others', and entries nobody knows.
func grow(rt *rapid.T, w *world) forest {
	trunk := w.enrol(1)
	all := forest{trunk}
	sold := retail.Sale{Currency: "CAD", Lines: []retail.Line{retail.NewLine(w.products[1], 2*money.One, "en")}}
	opened, shift := map[*lane]uint64{}, uint64(0)
	write := func(l *lane, n int) {
		for range n {
			switch rapid.IntRange(0, 11).Draw(rt, "entry") {
			case 2:
				shift++
				opened[l] = l.openShift(shift)
			case 3:
				l.moveCash(5 * money.Amount(rapid.Int64Range(-90, -1).Draw(rt, "cash")))
			case 4:
				if opened[l] > 0 {
					l.closeShift(shift, opened[l])
					opened[l] = 0
				}
			case 10:
				of := retail.ReceiptID{Till: l.id, Epoch: l.epoch, Number: rapid.Uint64Range(1, 6).Draw(rt, "of")}
				l.add(journal.KindVoid, retail.Void(l.refundOf(sold, of, uuid.Nil, nil, part(0, 2000))))
			case 11:
				l.add(journal.KindOverride, retail.Override{
					Deed: retail.DeedPrice, BusinessDate: today, Reason: "label\x00", Approver: l.id, Amount: 100,
				})
			case 0:
				of := retail.ReceiptID{Till: l.id, Epoch: l.epoch, Number: rapid.Uint64Range(1, 6).Draw(rt, "of")}
				l.add(journal.KindRefund, l.refundOf(sold, of, uuid.Nil, nil, part(0, 1000)))
			case 1:
				l.add(journal.Kind(99), map[int]uint64{1: rapid.Uint64().Draw(rt, "poison")})
			default:
				l.sale(0, money.Quantity(rapid.Int64Range(1, 9).Draw(rt, "quantity"))*money.One)
			}
		}
	}
	write(trunk, rapid.IntRange(1, 12).Draw(rt, "trunk"))
	for range rapid.IntRange(0, 3).Draw(rt, "copies") {
		of := rapid.SampledFrom(all).Draw(rt, "of")
		c := of.copyAt(rapid.IntRange(1, len(of.entries)).Draw(rt, "at"))
		if at := opened[of]; at <= uint64(len(c.entries)) {
			opened[c] = at // the copy goes on in the shift that was open
		}
		write(c, rapid.IntRange(1, 8).Draw(rt, "since"))
		all = append(all, c)
	}
	return all
}

// everything is what follows from a till's entries, except the numbers of branches, which are given as they come.
func (l *lane) everything() map[string][]string {
	l.w.t.Helper()
	of := map[string][]string{}
	for name, query := range map[string]string{
		"entries": `SELECT format('%s %s %s', seq, encode(hash, 'hex'), encode(prev, 'hex')) FROM journal.entry WHERE till_id = $1`,
		"documents": `SELECT format('%s %s %s %s %s %s', d.seq, d.number, d.refund, d.void, d.total, encode(e.hash, 'hex')) FROM sales.document d JOIN journal.entry e
			USING (store_id, till_id, epoch, seq, branch) WHERE d.till_id = $1`,
		"drawers": `SELECT format('%s %s %s', d.seq, d.what, encode(e.hash, 'hex')) FROM (
				SELECT till_id, epoch, seq, branch, format('opened %s', float) AS what FROM sales.shift
				UNION ALL SELECT till_id, epoch, seq, branch, format('moved %s', amount) FROM sales.cash_move
				UNION ALL SELECT till_id, epoch, seq, branch, format('closed %s %s', expected, counted) FROM sales.z) d
			JOIN journal.entry e USING (till_id, epoch, seq, branch) WHERE d.till_id = $1`,
		"deeds":    `SELECT format('%s %s %s %s', seq, deed, reason, amount) FROM sales.deed WHERE till_id = $1`,
		"flags":    `SELECT format('%s %s %s', seq, encode(hash, 'hex'), code) FROM journal.flag WHERE till_id = $1`,
		"deferred": `SELECT format('%s %s', seq, encode(hash, 'hex')) FROM journal.deferred WHERE till_id = $1`,
		"level":    `SELECT sum(on_hand)::text FROM stock.level l JOIN tills.till t ON t.store_id = l.location_id WHERE t.id = $1`,
		"hourly":   `SELECT format('%s %s %s %s', tickets, refunds, voids, revenue) FROM sales.hourly h JOIN tills.till t USING (store_id) WHERE t.id = $1`,
	} {
		rows, err := l.w.db.Query(ctx, query, l.id)
		require.NoError(l.w.t, err)
		var lines []string
		for rows.Next() {
			var line *string
			require.NoError(l.w.t, rows.Scan(&line))
			if line != nil {
				lines = append(lines, *line)
			}
		}
		require.NoError(l.w.t, rows.Err())
		slices.Sort(lines)
		of[name] = lines
	}
	shifts, err := l.w.desk.Shifts(ctx, intake.ShiftFilter{Store: l.w.store.ID, Most: 100})
	require.NoError(l.w.t, err)
	for _, s := range shifts {
		of["shifts"] = append(of["shifts"], fmt.Sprint(s.Number, s.Z, s.Expected, s.Counted, s.Agrees))
	}
	slices.Sort(of["shifts"])
	return of
}

// arrive sends the lines of a forest in pieces, each as often and in whatever order the draws say; a piece whose parent is
// not here yet comes as one after a hole.
func (f forest) arrive(rt *rapid.T, w *world, retry bool) {
	type piece struct {
		l           *lane
		first, last uint64
	}
	var pieces []piece
	for _, l := range f {
		for first := uint64(1); first <= uint64(len(l.entries)); {
			last := rapid.Uint64Range(first, uint64(len(l.entries))).Draw(rt, "last")
			pieces = append(pieces, piece{l, first, last})
			if rapid.IntRange(0, 4).Draw(rt, "again") == 0 {
				pieces = append(pieces, piece{l, first, last})
			}
			first = last + 1
		}
	}
	for _, p := range rapid.Permutation(pieces).Draw(rt, "order") {
		b := p.l.batch(p.first, p.last)
		b.Hole = true
		_, err := w.desk.Store(ctx, b)
		require.NoError(rt, err)
		if rapid.IntRange(0, 7).Draw(rt, "look") == 0 {
			w.rolledUp(rt)
		}
		if retry && rapid.IntRange(0, 5).Draw(rt, "retry") == 0 {
			_, err := w.desk.RetryDeferred(ctx)
			require.NoError(rt, err)
		}
	}
	w.rolledUp(rt)
}

// rolledUp fails unless every rollup is the sum of the documents and lines there are at this moment, to the cent.
func (w *world) rolledUp(t require.TestingT) {
	for name, query := range map[string]string{
		"by hour": `
			SELECT h.store_id, h.business_date, h.hour::int, h.tickets, h.refunds, h.voids, h.units, h.revenue, h.refunded, h.discount, h.cost,
				h.total, h.rounding, h.cash, h.card, h.online, h.charges FROM sales.hourly h WHERE store_id = $1
			%s
			SELECT d.store_id, business_date, extract(hour FROM at AT TIME ZONE l.zone)::int,
				count(*) FILTER (WHERE NOT refund AND NOT void) - count(*) FILTER (WHERE void), count(*) FILTER (WHERE refund),
				count(*) FILTER (WHERE void), sum(units), sum(revenue), coalesce(sum(revenue) FILTER (WHERE refund), 0), sum(discount), sum(cost),
				sum(total), sum(rounding), sum(cash), sum(card), sum(online), sum(charges)
			FROM sales.document d JOIN stock.location l ON l.id = d.store_id WHERE d.store_id = $1 GROUP BY 1, 2, 3`,
		"by product": `
			SELECT store_id, business_date, product_id, units, revenue, cost FROM sales.daily_product WHERE store_id = $1
			%s
			SELECT store_id, business_date, product_id, sum(quantity), sum(revenue), sum(cost) FROM sales.line WHERE store_id = $1 GROUP BY 1, 2, 3`,
		"by tax": `
			SELECT store_id, business_date, code, rate, base, amount FROM sales.daily_tax WHERE store_id = $1
			%s
			SELECT store_id, business_date, t.code, t.rate, sum(t.base), sum(t.amount)
			FROM sales.document, jsonb_to_recordset(taxes) t (code text, rate bigint, base bigint, amount bigint) WHERE store_id = $1 GROUP BY 1, 2, 3, 4`,
		"by cashier": `
			SELECT store_id, business_date, user_id, tickets, refunds, voids, revenue, refunded, voided, discount FROM sales.daily_cashier WHERE store_id = $1
			%s
			SELECT store_id, business_date, user_id, count(*) FILTER (WHERE NOT refund AND NOT void) - count(*) FILTER (WHERE void),
				count(*) FILTER (WHERE refund), count(*) FILTER (WHERE void), sum(revenue), coalesce(sum(revenue) FILTER (WHERE refund), 0),
				coalesce(sum(revenue) FILTER (WHERE void), 0), sum(discount)
			FROM sales.document WHERE store_id = $1 GROUP BY 1, 2, 3`,
	} {
		has, wants, _ := strings.Cut(query, "%s")
		var differ int
		err := w.db.QueryRow(ctx, `WITH has AS (`+has+`), wants AS (`+wants+`)
			SELECT count(*) FROM ((TABLE has EXCEPT ALL TABLE wants) UNION ALL (TABLE wants EXCEPT ALL TABLE has)) d`, w.store.ID).Scan(&differ)
		require.NoError(t, err, name)
		require.Zero(t, differ, "sums %s are not those of the documents", name)
	}
}

// forget takes the till's entries, and all that follows from them, out of the database.
func (w *world) forget() {
	w.t.Helper()
	for _, table := range []string{
		"journal.entry", "journal.branch", "journal.deferred", "journal.flag", "journal.hole", "sales.document", "sales.line", "sales.hourly",
		"sales.shift", "sales.cash_move", "sales.z", "sales.deed",
		"sales.daily_product", "sales.daily_tax", "sales.daily_charge", "sales.daily_cashier", "sales.refund", "sales.hold", "sales.hold_use", "stock.movement", "stock.level", "stock.count",
		"stock.count_done", "stock.shipment_line", "stock.shipment", "journal.clock",
	} {
		_, err := w.db.Exec(ctx, "DELETE FROM "+table)
		require.NoError(w.t, err)
	}
}

// What headquarters makes of entries is a function of the set of them: of neither the order in which they come, nor how
// they are cut into batches, nor how often they come, nor what was missing in between.
func TestEffectsAreOfTheSetOfEntries(t *testing.T) {
	base := worldOn(t, pgtest.New(t), 3)
	stores := 0
	rapid.Check(t, func(rt *rapid.T) {
		stores++
		w := base.another(stores)
		f := grow(rt, w)
		for _, l := range f {
			_, err := w.desk.Store(ctx, l.batch(1, uint64(len(l.entries))))
			require.NoError(rt, err)
		}
		want := f[0].everything()
		w.forget()
		f.arrive(rt, w, true)
		require.Equal(rt, want, f[0].everything())
		faults, err := w.desk.Verify(ctx, f[0].id)
		require.NoError(rt, err)
		require.Empty(rt, faults)
		w.sound()
		w.forget()
	})
}

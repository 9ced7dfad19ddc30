package chaos

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// place names an entry of a till.
type place struct{ epoch, seq uint64 }

// stored is an entry as headquarters has it.
type stored struct {
	hash, bytes []byte
	at          time.Time
}

// compare holds what the customers, the tills and headquarters have against each other.
func (c *comparison) compare(ctx context.Context, k *killer) error {
	db, err := pgx.Connect(ctx, c.database.server.URL())
	if err != nil {
		return err
	}
	defer func() { _ = db.Close(context.WithoutCancel(ctx)) }()
	stores := map[string]shelves{}
	for _, l := range c.lanes {
		if stores[l.store] == nil {
			stores[l.store] = shelves{}
		}
		if err := c.till(ctx, db, l, k, stores[l.store]); err != nil {
			return err
		}
	}
	for store, shelves := range stores {
		for sku, level := range c.levels[store] {
			if want := shelves.of(sku).level(); level != want {
				c.differ("store %s product %s: headquarters has %s, want %s", store, sku, level.Format("en"), want.Format("en"))
			}
		}
	}
	if err := c.orders(ctx, db); err != nil {
		return err
	}
	if out, err := c.hqs[0].Command(ctx, "journal", "verify"); err != nil {
		c.differ("journals do not verify: %s%v", out, err)
	}
	return c.totals(ctx, db)
}

// document is a sale or a refund: its number, its goods as they are on a receipt, and the note that names a held ticket.
type document struct {
	number uint64
	goods  []string
	note   string
	hash   journal.Hash
}

// till compares one till's journal with headquarters' copy and with its customers' receipts, and adds what it did to the stock.
func (c *comparison) till(ctx context.Context, db *pgx.Conn, l *lane, k *killer, store shelves) error {
	var id uuid.UUID
	err := db.QueryRow(ctx, `
		SELECT t.id FROM tills.till t JOIN stock.location s ON s.id = t.store_id WHERE s.code = $1 AND t.number = $2`,
		l.store, l.number).Scan(&id)
	if err != nil {
		return fmt.Errorf("find till %s: %w", l.name, err)
	}
	there, err := entriesOf(ctx, db, id)
	if err != nil {
		return err
	}
	k.settle(c.tally, l, there)
	skus, err := skus(ctx, db)
	if err != nil {
		return err
	}
	here, err := readJournal(ctx, filepath.Join(l.dir, "ledger.db"), id)
	if err != nil {
		return fmt.Errorf("journal of till %s: %w", l.name, err)
	}
	documents := map[place]document{}
	zs := map[place]uint64{}
	var clock dating
	entries := make([]journal.Entry, len(here))
	for i, k := range here {
		at := place{k.Epoch, k.Seq}
		s, ok := there[at]
		if !ok {
			c.differ("till %s entry %v is not at headquarters", l.name, at)
		} else if !bytes.Equal(s.hash, k.Hash[:]) || !bytes.Equal(s.bytes, k.Bytes) {
			c.differ("till %s entry %v is another one at headquarters", l.name, at)
		}
		if entries[i], err = journal.Decode(k.Bytes); err != nil {
			return err
		}
		if entries[i].Kind == journal.KindClock {
			body, err := journal.DecodeBody[retail.Clock](entries[i])
			if err != nil {
				return err
			}
			clock = append(clock, body)
		}
	}
	for i, k := range here {
		at, e := place{k.Epoch, k.Seq}, entries[i]
		move := func(product uuid.UUID, q money.Quantity) {
			on := store.of(skus[product])
			on.moves = append(on.moves, moved{q, clock.happened(id, k, e)})
		}
		switch e.Kind {
		case journal.KindRestockRequest:
			c.result.Restocks++
		case journal.KindSale:
			body, err := journal.DecodeBody[retail.Sale](e)
			if err != nil {
				return err
			}
			documents[at] = document{body.Number, goods(body.Lines, skus), body.Note, k.Hash}
			c.result.Sales++
			if body.OfOrder() {
				c.shop.handed[body.Order]++
			}
			for _, line := range body.Lines {
				move(line.Product, -line.Quantity)
			}
		case journal.KindRefund:
			body, err := journal.DecodeBody[retail.Refund](e)
			if err != nil {
				return err
			}
			d := document{number: body.Number, hash: k.Hash}
			for _, line := range body.Lines {
				d.goods = append(d.goods, skus[line.Line.Product], fmt.Sprint(-int64(line.Line.Quantity/money.One)))
				move(line.Line.Product, line.Line.Quantity)
			}
			documents[at] = d
			c.result.Refunds++
		case journal.KindCount:
			body, err := journal.DecodeBody[retail.Count](e)
			if err != nil {
				return err
			}
			if !body.Done {
				on := store.of(skus[body.Product])
				on.counts = append(on.counts, moved{body.Quantity, clock.happened(id, k, e)})
				c.result.Counts++
			}
		case journal.KindShiftClose:
			body, err := journal.DecodeBody[retail.ShiftClose](e)
			if err != nil {
				return err
			}
			zs[at] = body.Number
			c.result.Closes++
		}
	}
	if len(here) != len(there) {
		c.differ("till %s has %d entries, headquarters %d", l.name, len(here), len(there))
	}
	if first, last := here[0].Epoch, here[len(here)-1].Epoch; first != last {
		c.differ("till %s began epoch %d after %d: a kill is not a restore", l.name, last, first)
	}
	numbers := map[place]uint64{}
	for at, d := range documents {
		numbers[at] = d.number
	}
	c.gaps(l, "receipt", numbers)
	c.gaps(l, "Z", zs)
	c.held(l, documents)
	return c.receipts(l, documents)
}

// skus are the products' by id.
func skus(ctx context.Context, db *pgx.Conn) (map[uuid.UUID]string, error) {
	rows, err := db.Query(ctx, `SELECT id, sku FROM catalog.product`)
	if err != nil {
		return nil, err
	}
	all := map[uuid.UUID]string{}
	var id [16]byte
	var sku string
	_, err = pgx.ForEachRow(rows, []any{&id, &sku}, func() error {
		all[id] = sku
		return nil
	})
	return all, err
}

// entriesOf is all that headquarters has of a till. Two entries in one place are a difference of their own: the count.
func entriesOf(ctx context.Context, db *pgx.Conn, till uuid.UUID) (map[place]stored, error) {
	rows, err := db.Query(ctx, `SELECT epoch, seq, hash, bytes, received_at FROM journal.entry WHERE till_id = $1`, till)
	if err != nil {
		return nil, err
	}
	all := map[place]stored{}
	var epoch, seq int64
	var s stored
	_, err = pgx.ForEachRow(rows, []any{&epoch, &seq, &s.hash, &s.bytes, &s.at}, func() error {
		at := place{uint64(epoch), uint64(seq)}
		if _, twice := all[at]; twice {
			return fmt.Errorf("headquarters has two entries %v of till %s", at, till)
		}
		all[at] = stored{bytes.Clone(s.hash), bytes.Clone(s.bytes), s.at}
		return nil
	})
	return all, err
}

// gaps looks for numbers that are missing or given twice.
func (c *comparison) gaps(l *lane, what string, all map[place]uint64) {
	numbers := map[uint64]map[uint64]int{}
	for at, number := range all {
		if numbers[at.epoch] == nil {
			numbers[at.epoch] = map[uint64]int{}
		}
		numbers[at.epoch][number]++
	}
	for epoch, given := range numbers {
		for n := uint64(1); n <= uint64(len(given)); n++ {
			if given[n] != 1 {
				c.differ("till %s epoch %d: %s %d was given %d times", l.name, epoch, what, n, given[n])
			}
		}
	}
}

// held looks for tickets that were put away and are nowhere now, or were sold twice.
func (c *comparison) held(l *lane, documents map[place]document) {
	found := map[string]int{}
	for _, d := range documents {
		if d.note != "" {
			found[d.note]++
			c.result.Recalled++
		}
	}
	for _, name := range l.waiting {
		found[name]++
	}
	for name, n := range found {
		if n > 1 {
			c.differ("till %s: the ticket that was put away as %s was sold %d times, or waits all the same", l.name, name, n)
		}
	}
	lost := 0
	for _, name := range l.held {
		if found[name] == 0 {
			lost++
		}
	}
	if lost > l.kills {
		c.differ("till %s: %d tickets that were put away are lost after %d kills", l.name, lost, l.kills)
	}
}

// receipts holds what the customers of a till have against its journal, which was found equal to headquarters'.
func (c *comparison) receipts(l *lane, documents map[place]document) error {
	printed, err := readReceipts(l.receipts)
	if err != nil {
		return err
	}
	c.result.Printed += len(printed)
	for _, r := range printed {
		at := place{r.epoch, r.seq}
		d, ok := documents[at]
		switch {
		case !ok:
			c.differ("till %s: a customer holds receipt %d of entry %v, which was lost", l.name, r.number, at)
		case d.number != r.number || d.hash.String() != r.hash:
			c.differ("till %s: a customer holds receipt %d of entry %v, which is another sale now", l.name, r.number, at)
		case strings.Join(d.goods, " ") != strings.Join(merged(r.goods), " "):
			c.differ("till %s: receipt %d says %v, the journal %v", l.name, r.number, r.goods, d.goods)
		}
	}
	if unprinted := len(documents) - len(printed); unprinted < 0 || unprinted > l.kills {
		c.differ("till %s: %d sales and refunds, %d receipts, %d kills", l.name, len(documents), len(printed), l.kills)
	}
	return nil
}

// goods are SKU and units of lines, in their order.
func goods(lines []retail.Line, skus map[uuid.UUID]string) (list []string) {
	for _, line := range lines {
		list = append(list, skus[line.Product], fmt.Sprint(int64(line.Quantity/money.One)))
	}
	return list
}

// merged puts the units of one product together, as a ticket does.
func merged(goods []string) (list []string) {
	at := map[string]int{}
	for i := 0; i+1 < len(goods); i += 2 {
		n, _ := strconv.Atoi(goods[i+1])
		if j, seen := at[goods[i]]; seen {
			before, _ := strconv.Atoi(list[j])
			list[j] = strconv.Itoa(before + n)
			continue
		}
		list = append(list, goods[i], goods[i+1])
		at[goods[i]] = len(list) - 1
	}
	return list
}

// totals counts at headquarters, and names what a person would have to explain.
func (c *comparison) totals(ctx context.Context, db *pgx.Conn) error {
	for _, q := range []struct {
		what, sql string
		want      int
	}{
		{"sales", `SELECT count(*) FROM sales.document WHERE NOT refund`, c.result.Sales},
		{"refunds", `SELECT count(*) FROM sales.document WHERE refund`, c.result.Refunds},
		{"distinct receipts", `SELECT count(DISTINCT (till_id, epoch, number)) FROM sales.document`, c.result.Sales + c.result.Refunds},
		{"restock requests", `SELECT count(*) FROM stock.restock`, c.result.Restocks},
	} {
		var n int
		if err := db.QueryRow(ctx, q.sql).Scan(&n); err != nil {
			return err
		}
		if n != q.want {
			c.differ("headquarters has %d %s, want %d", n, q.what, q.want)
		}
	}
	rows, err := db.Query(ctx, `
		SELECT concat_ws(' ', 'flag', till_id, epoch, seq, code, detail) FROM journal.flag
		UNION ALL SELECT concat_ws(' ', 'hole', till_id, epoch, last) FROM journal.hole
		UNION ALL SELECT concat_ws(' ', 'deferred', till_id, epoch, seq, reason) FROM journal.deferred`)
	if err != nil {
		return err
	}
	incidents, err := pgx.CollectRows(rows, pgx.RowTo[string])
	for _, incident := range incidents {
		c.differ("headquarters shows: %s", incident)
	}
	return err
}

// shares checks that the kills are spread as they must be, in whole kills: a short run owes no part of one.
func (c *comparison) shares() {
	all := c.result.Kills.Total()
	hq, postgres := c.result.Kills.of(processHQ), c.result.Kills.of(processPostgres)
	if hq < leastHQ*all/100 || postgres < leastPostgres*all/100 {
		c.differ("of %d kills %d hit headquarters and %d Postgres: want %d %% and %d %%", all, hq, postgres, leastHQ, leastPostgres)
	}
}

// settle names the phase of the kills of headquarters and Postgres that concern a lane. A batch that was received before
// the kill and is there had been stored; where neither that nor an open transaction is certain the kill does not count.
func (k *killer) settle(t *tallies, l *lane, there map[place]stored) {
	for _, v := range k.unsettled {
		if v.lane != l {
			continue
		}
		s, found := there[place{v.epoch, v.seq}]
		switch {
		case found && s.at.Before(v.at):
			t.add(t.kills, v.process+": entries stored but not acknowledged")
		case v.open:
			t.add(t.kills, v.process+": transaction open")
		default:
			t.miss()
		}
	}
}

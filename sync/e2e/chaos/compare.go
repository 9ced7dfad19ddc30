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
	sold := map[string]map[string]money.Quantity{}
	for _, l := range c.lanes {
		if sold[l.store] == nil {
			sold[l.store] = map[string]money.Quantity{}
		}
		if err := c.till(ctx, db, l, k, sold[l.store]); err != nil {
			return err
		}
	}
	for store, levels := range c.levels {
		for sku, level := range levels {
			if want := opening*money.One - sold[store][sku]; sold[store] != nil && level != want {
				c.differ("store %s product %s: headquarters has %s, want %s", store, sku, level.Format("en"), want.Format("en"))
			}
		}
	}
	if out, err := c.hqs[0].Command(ctx, "journal", "verify"); err != nil {
		c.differ("journals do not verify: %s%v", out, err)
	}
	return c.totals(ctx, db)
}

// till compares one till's journal with headquarters' copy and with its customers' receipts, and adds what it sold.
func (c *comparison) till(ctx context.Context, db *pgx.Conn, l *lane, k *killer, sold map[string]money.Quantity) error {
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
	sales := map[place]retail.Sale{}
	hashes := map[place]journal.Hash{}
	for _, k := range here {
		at := place{k.Epoch, k.Seq}
		hashes[at] = k.Hash
		s, ok := there[at]
		if !ok {
			c.differ("till %s entry %v is not at headquarters", l.name, at)
		} else if !bytes.Equal(s.hash, k.Hash[:]) || !bytes.Equal(s.bytes, k.Bytes) {
			c.differ("till %s entry %v is another one at headquarters", l.name, at)
		}
		e, err := journal.Decode(k.Bytes)
		if err != nil {
			return err
		}
		if e.Kind == journal.KindRestockRequest {
			c.result.Restocks++
		}
		if e.Kind != journal.KindSale {
			continue
		}
		if sales[at], err = journal.DecodeBody[retail.Sale](e); err != nil {
			return err
		}
		for _, line := range sales[at].Lines {
			sold[skus[line.Product]] += line.Quantity
		}
	}
	if len(here) != len(there) {
		c.differ("till %s has %d entries, headquarters %d", l.name, len(here), len(there))
	}
	if first, last := here[0].Epoch, here[len(here)-1].Epoch; first != last {
		c.differ("till %s began epoch %d after %d: a kill is not a restore", l.name, last, first)
	}
	c.result.Sales += len(sales)
	c.gaps(l, sales)
	return c.receipts(l, sales, hashes, skus)
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

// gaps looks for receipt numbers that are missing or given twice.
func (c *comparison) gaps(l *lane, sales map[place]retail.Sale) {
	numbers := map[uint64]map[uint64]int{}
	for at, s := range sales {
		if numbers[at.epoch] == nil {
			numbers[at.epoch] = map[uint64]int{}
		}
		numbers[at.epoch][s.Number]++
	}
	for epoch, given := range numbers {
		for n := uint64(1); n <= uint64(len(given)); n++ {
			if given[n] != 1 {
				c.differ("till %s epoch %d: receipt %d was given %d times", l.name, epoch, n, given[n])
			}
		}
	}
}

// receipts holds what the customers of a till have against its journal, which was found equal to headquarters'.
func (c *comparison) receipts(l *lane, sales map[place]retail.Sale, hashes map[place]journal.Hash, skus map[uuid.UUID]string) error {
	printed, err := readReceipts(l.receipts)
	if err != nil {
		return err
	}
	c.result.Printed += len(printed)
	for _, r := range printed {
		at := place{r.epoch, r.seq}
		s, ok := sales[at]
		switch {
		case !ok:
			c.differ("till %s: a customer holds receipt %d of entry %v, which was lost", l.name, r.number, at)
		case s.Number != r.number || hashes[at].String() != r.hash:
			c.differ("till %s: a customer holds receipt %d of entry %v, which is another sale now", l.name, r.number, at)
		case strings.Join(goods(s, skus), " ") != strings.Join(merged(r.goods), " "):
			c.differ("till %s: receipt %d says %v, the journal %v", l.name, r.number, r.goods, goods(s, skus))
		}
	}
	if unprinted := len(sales) - len(printed); unprinted < 0 || unprinted > l.kills {
		c.differ("till %s: %d sales, %d receipts, %d kills", l.name, len(sales), len(printed), l.kills)
	}
	return nil
}

// goods are SKU and units of a sale, in its order.
func goods(s retail.Sale, skus map[uuid.UUID]string) (list []string) {
	for _, line := range s.Lines {
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
		{"sales", `SELECT count(*) FROM sales.document`, c.result.Sales},
		{"distinct receipts", `SELECT count(DISTINCT (till_id, epoch, number)) FROM sales.document`, c.result.Sales},
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

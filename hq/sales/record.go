package sales

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// Record writes the documents and moves the sums. A document that is already there fails, so nothing is counted twice.
func Record(ctx context.Context, tx *db.Tx, documents []Document) error {
	if len(documents) == 0 {
		return nil
	}
	for _, d := range documents {
		if err := d.fits(); err != nil {
			return err
		}
	}
	var batch pgx.Batch
	if err := queueDocuments(&batch, documents); err != nil {
		return err
	}
	queueLines(&batch, documents)
	s := sum(documents)
	s.queueHours(&batch)
	s.queueProducts(&batch)
	s.queueTaxes(&batch)
	s.queueCharges(&batch)
	s.queueCashiers(&batch)
	if err := tx.Send(ctx, &batch); err != nil {
		return fmt.Errorf("record %d documents: %w", len(documents), err)
	}
	marked := map[uuid.UUID]bool{}
	for _, d := range documents {
		if !marked[d.Store] {
			marked[d.Store] = true
			feed.Mark(tx, Topic(d.Store))
		}
	}
	return nil
}

func queueDocuments(batch *pgx.Batch, documents []Document) error {
	n := len(documents)
	stores, tills, users := make([][16]byte, n), make([][16]byte, n), make([][16]byte, n)
	dates, branches, refunds, voids := make([]int32, n), make([]int32, n), make([]bool, n), make([]bool, n)
	epochs, seqs, numbers := make([]int64, n), make([]int64, n), make([]int64, n)
	ats, taxes, customers, cards := make([]time.Time, n), make([][]byte, n), make([]*uuid.UUID, n), make([]string, n)
	sources := make([]string, n)
	var figures [10][]int64
	for i := range figures {
		figures[i] = make([]int64, n)
	}
	for i, d := range documents {
		stores[i], tills[i], users[i] = d.Store, d.Till, d.User
		dates[i], branches[i], refunds[i], voids[i] = int32(d.BusinessDate), int32(d.Branch), d.Refund, d.Void
		epochs[i], seqs[i], numbers[i], ats[i] = int64(d.Epoch), int64(d.Seq), int64(d.Number), d.At
		for j, v := range []money.Amount{
			money.Amount(d.Units()), d.Revenue, d.Discount(), d.Cost(), d.Total, d.Rounding, d.Cash, d.Card, d.Charged(), d.Online,
		} {
			figures[j][i] = int64(v)
		}
		cards[i], sources[i] = strings.Join(d.LastFour, " "), d.Source
		if d.Customer != uuid.Nil {
			customers[i] = &d.Customer
		}
		var err error
		if taxes[i], err = json.Marshal(d.Taxes); err != nil {
			return fmt.Errorf("encode taxes: %w", err)
		}
	}
	batch.Queue(`
		INSERT INTO sales.document (store_id, business_date, till_id, epoch, seq, branch, number, refund, at, user_id,
			units, revenue, discount, cost, total, rounding, cash, card, taxes, void, charges, customer_id, cards, source, online)
		SELECT * FROM unnest($1::uuid[], $2::int[], $3::uuid[], $4::bigint[], $5::bigint[], $6::int[], $7::bigint[], $8::boolean[],
			$9::timestamptz[], $10::uuid[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[],
			$17::bigint[], $18::bigint[], $19::jsonb[], $20::boolean[], $21::bigint[], $22::uuid[], $23::text[], $24::text[], $25::bigint[])`,
		stores, dates, tills, epochs, seqs, branches, numbers, refunds, ats, users,
		figures[0], figures[1], figures[2], figures[3], figures[4], figures[5], figures[6], figures[7], taxes, voids, figures[8], customers, cards, sources, figures[9])
	return nil
}

func queueLines(batch *pgx.Batch, documents []Document) {
	n := 0
	for _, d := range documents {
		n += len(d.Lines)
	}
	stores, tills, products := make([][16]byte, 0, n), make([][16]byte, 0, n), make([][16]byte, 0, n)
	dates, branches, lines := make([]int32, 0, n), make([]int32, 0, n), make([]int16, 0, n)
	epochs, seqs := make([]int64, 0, n), make([]int64, 0, n)
	quantities, revenues := make([]int64, 0, n), make([]int64, 0, n)
	discounts, costs := make([]int64, 0, n), make([]int64, 0, n)
	for _, d := range documents {
		for i, l := range d.Lines {
			stores, tills, products = append(stores, d.Store), append(tills, d.Till), append(products, l.Product)
			dates, branches, lines = append(dates, int32(d.BusinessDate)), append(branches, int32(d.Branch)), append(lines, int16(i))
			epochs, seqs = append(epochs, int64(d.Epoch)), append(seqs, int64(d.Seq))
			quantities, revenues = append(quantities, int64(l.Quantity)), append(revenues, int64(l.Revenue))
			discounts, costs = append(discounts, int64(l.Discount)), append(costs, int64(l.Cost))
		}
	}
	batch.Queue(`
		INSERT INTO sales.line (store_id, business_date, till_id, epoch, seq, branch, line, product_id, quantity, revenue, discount, cost)
		SELECT * FROM unnest($1::uuid[], $2::int[], $3::uuid[], $4::bigint[], $5::bigint[], $6::int[], $7::smallint[], $8::uuid[],
			$9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[])`,
		stores, dates, tills, epochs, seqs, branches, lines, products, quantities, revenues, discounts, costs)
}

type hourKey struct {
	store uuid.UUID
	date  retail.Date
	hour  int
}

// hour has the columns of sales.hourly after its key.
type hour [14]int64

type productKey struct {
	store   uuid.UUID
	date    retail.Date
	product uuid.UUID
}

// product is units, revenue and cost.
type product [3]int64

type taxKey struct {
	store uuid.UUID
	date  retail.Date
	code  string
	rate  money.Rate
}

// tax is base and amount.
type tax [2]int64

type chargeKey struct {
	store uuid.UUID
	date  retail.Date
	code  string
}

type cashierKey struct {
	store uuid.UUID
	date  retail.Date
	user  uuid.UUID
}

// cashier has the columns of sales.daily_cashier after its key.
type cashier [7]int64

// sums is what documents add to each row of the rollups.
type sums struct {
	hours    map[hourKey]hour
	products map[productKey]product
	taxes    map[taxKey]tax
	charges  map[chargeKey]int64
	cashiers map[cashierKey]cashier
}

func sum(documents []Document) sums {
	s := newSums()
	for _, d := range documents {
		s.add(d)
	}
	return s
}

func newSums() sums {
	return sums{map[hourKey]hour{}, map[productKey]product{}, map[taxKey]tax{}, map[chargeKey]int64{}, map[cashierKey]cashier{}}
}

func (s sums) add(d Document) {
	add := hour{
		1, 0, int64(d.Units()), int64(d.Revenue), 0, int64(d.Discount()), int64(d.Cost()),
		int64(d.Total), int64(d.Rounding), int64(d.Cash), int64(d.Card), 0, int64(d.Charged()), int64(d.Online),
	}
	if d.Refund {
		add[0], add[1], add[4] = 0, 1, int64(d.Revenue)
	}
	if d.Void {
		add[0], add[11] = -1, 1
	}
	k := hourKey{d.Store, d.BusinessDate, d.At.Hour()}
	h := s.hours[k]
	for i, v := range add {
		h[i] += v
	}
	s.hours[k] = h
	s.addCashier(d)
	for _, l := range d.Lines {
		k := productKey{d.Store, d.BusinessDate, l.Product}
		p := s.products[k]
		s.products[k] = product{p[0] + int64(l.Quantity), p[1] + int64(l.Revenue), p[2] + int64(l.Cost)}
	}
	for _, x := range d.Taxes {
		k := taxKey{d.Store, d.BusinessDate, x.Code, x.Rate}
		t := s.taxes[k]
		s.taxes[k] = tax{t[0] + int64(x.Base), t[1] + int64(x.Amount)}
	}
	for _, c := range d.Charges {
		s.charges[chargeKey{d.Store, d.BusinessDate, c.Code}] += int64(c.Amount)
	}
}

func (s sums) addCashier(d Document) {
	add := cashier{1, 0, 0, int64(d.Revenue), 0, 0, int64(d.Discount())}
	switch {
	case d.Void:
		add[0], add[2], add[5] = -1, 1, int64(d.Revenue)
	case d.Refund:
		add[0], add[1], add[4] = 0, 1, int64(d.Revenue)
	}
	k := cashierKey{d.Store, d.BusinessDate, d.User}
	c := s.cashiers[k]
	for i, v := range add {
		c[i] += v
	}
	s.cashiers[k] = c
}

func (s sums) queueHours(batch *pgx.Batch) {
	keys := slices.SortedFunc(maps.Keys(s.hours), func(a, b hourKey) int {
		return cmp.Or(bytes.Compare(a.store[:], b.store[:]), cmp.Compare(a.date, b.date), cmp.Compare(a.hour, b.hour))
	})
	n := len(keys)
	stores, dates, hours := make([][16]byte, n), make([]int32, n), make([]int16, n)
	var figures [len(hour{})][]int64
	for i := range figures {
		figures[i] = make([]int64, n)
	}
	for i, k := range keys {
		stores[i], dates[i], hours[i] = k.store, int32(k.date), int16(k.hour)
		for j, v := range s.hours[k] {
			figures[j][i] = v
		}
	}
	batch.Queue(`
		INSERT INTO sales.hourly AS h (store_id, business_date, hour, tickets, refunds, units, revenue, refunded, discount, cost,
			total, rounding, cash, card, voids, charges, online)
		SELECT * FROM unnest($1::uuid[], $2::int[], $3::smallint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[],
			$9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[], $17::bigint[])
		ON CONFLICT (store_id, business_date, hour) DO UPDATE SET
			tickets = h.tickets + excluded.tickets, refunds = h.refunds + excluded.refunds, units = h.units + excluded.units,
			revenue = h.revenue + excluded.revenue, refunded = h.refunded + excluded.refunded,
			discount = h.discount + excluded.discount, cost = h.cost + excluded.cost, total = h.total + excluded.total,
			rounding = h.rounding + excluded.rounding, cash = h.cash + excluded.cash, card = h.card + excluded.card,
			voids = h.voids + excluded.voids, charges = h.charges + excluded.charges, online = h.online + excluded.online`,
		stores, dates, hours, figures[0], figures[1], figures[2], figures[3], figures[4], figures[5], figures[6], figures[7],
		figures[8], figures[9], figures[10], figures[11], figures[12], figures[13])
}

func (s sums) queueProducts(batch *pgx.Batch) {
	keys := slices.SortedFunc(maps.Keys(s.products), func(a, b productKey) int {
		return cmp.Or(bytes.Compare(a.store[:], b.store[:]), cmp.Compare(a.date, b.date), bytes.Compare(a.product[:], b.product[:]))
	})
	n := len(keys)
	stores, dates, products := make([][16]byte, n), make([]int32, n), make([][16]byte, n)
	units, revenues, costs := make([]int64, n), make([]int64, n), make([]int64, n)
	for i, k := range keys {
		stores[i], dates[i], products[i] = k.store, int32(k.date), k.product
		p := s.products[k]
		units[i], revenues[i], costs[i] = p[0], p[1], p[2]
	}
	batch.Queue(`
		INSERT INTO sales.daily_product AS p (store_id, business_date, product_id, units, revenue, cost)
		SELECT * FROM unnest($1::uuid[], $2::int[], $3::uuid[], $4::bigint[], $5::bigint[], $6::bigint[])
		ON CONFLICT (store_id, business_date, product_id) DO UPDATE SET
			units = p.units + excluded.units, revenue = p.revenue + excluded.revenue, cost = p.cost + excluded.cost`,
		stores, dates, products, units, revenues, costs)
}

func (s sums) queueTaxes(batch *pgx.Batch) {
	keys := slices.SortedFunc(maps.Keys(s.taxes), func(a, b taxKey) int {
		return cmp.Or(bytes.Compare(a.store[:], b.store[:]), cmp.Compare(a.date, b.date), cmp.Compare(a.code, b.code), cmp.Compare(a.rate, b.rate))
	})
	n := len(keys)
	stores, dates, codes := make([][16]byte, n), make([]int32, n), make([]string, n)
	rates, bases, amounts := make([]int64, n), make([]int64, n), make([]int64, n)
	for i, k := range keys {
		stores[i], dates[i], codes[i], rates[i] = k.store, int32(k.date), k.code, int64(k.rate)
		t := s.taxes[k]
		bases[i], amounts[i] = t[0], t[1]
	}
	batch.Queue(`
		INSERT INTO sales.daily_tax AS t (store_id, business_date, code, rate, base, amount)
		SELECT * FROM unnest($1::uuid[], $2::int[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[])
		ON CONFLICT (store_id, business_date, code, rate) DO UPDATE SET base = t.base + excluded.base, amount = t.amount + excluded.amount`,
		stores, dates, codes, rates, bases, amounts)
}

func (s sums) queueCharges(batch *pgx.Batch) {
	if len(s.charges) == 0 {
		return
	}
	keys := slices.SortedFunc(maps.Keys(s.charges), func(a, b chargeKey) int {
		return cmp.Or(bytes.Compare(a.store[:], b.store[:]), cmp.Compare(a.date, b.date), cmp.Compare(a.code, b.code))
	})
	n := len(keys)
	stores, dates, codes, amounts := make([][16]byte, n), make([]int32, n), make([]string, n), make([]int64, n)
	for i, k := range keys {
		stores[i], dates[i], codes[i], amounts[i] = k.store, int32(k.date), k.code, s.charges[k]
	}
	batch.Queue(`
		INSERT INTO sales.daily_charge AS c (store_id, business_date, code, amount)
		SELECT * FROM unnest($1::uuid[], $2::int[], $3::text[], $4::bigint[])
		ON CONFLICT (store_id, business_date, code) DO UPDATE SET amount = c.amount + excluded.amount`, stores, dates, codes, amounts)
}

func (s sums) queueCashiers(batch *pgx.Batch) {
	keys := slices.SortedFunc(maps.Keys(s.cashiers), func(a, b cashierKey) int {
		return cmp.Or(bytes.Compare(a.store[:], b.store[:]), cmp.Compare(a.date, b.date), bytes.Compare(a.user[:], b.user[:]))
	})
	n := len(keys)
	stores, dates, users := make([][16]byte, n), make([]int32, n), make([][16]byte, n)
	var figures [len(cashier{})][]int64
	for i := range figures {
		figures[i] = make([]int64, n)
	}
	for i, k := range keys {
		stores[i], dates[i], users[i] = k.store, int32(k.date), k.user
		for j, v := range s.cashiers[k] {
			figures[j][i] = v
		}
	}
	batch.Queue(`
		INSERT INTO sales.daily_cashier AS c (store_id, business_date, user_id, tickets, refunds, voids, revenue, refunded, voided, discount)
		SELECT * FROM unnest($1::uuid[], $2::int[], $3::uuid[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[],
			$9::bigint[], $10::bigint[])
		ON CONFLICT (store_id, business_date, user_id) DO UPDATE SET
			tickets = c.tickets + excluded.tickets, refunds = c.refunds + excluded.refunds, voids = c.voids + excluded.voids,
			revenue = c.revenue + excluded.revenue, refunded = c.refunded + excluded.refunded, voided = c.voided + excluded.voided,
			discount = c.discount + excluded.discount`,
		stores, dates, users, figures[0], figures[1], figures[2], figures[3], figures[4], figures[5], figures[6])
}

package stock

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// Count is a product that was counted at a location, as an entry of a till says.
//
// What is on hand is what the latest count found and what moved after it. That a level is the sum of its movements stays
// true: a count is a movement too (Counted), of its variance, which is what is on hand by all counts up to it less what is on
// hand by those before it alone. So variances, like the level, are a function of the set of movements and counts, and what
// arrives late changes them. A count keeps the sum of what moved before it, so that nobody adds up a product's whole past for
// one late sale.
type Count struct {
	Location, Product uuid.UUID
	At                time.Time
	// Ref is the first 16 bytes of the entry's hash.
	Ref        uuid.UUID
	Till       uuid.UUID
	Epoch, Seq uint64
	Session    uuid.UUID
	By         uuid.UUID
	Quantity   money.Quantity
	UnitCost   money.Amount
}

func (c Count) key() key { return key{c.Location, c.Product} }

// Happened is the count's place in the order of things.
func (c Count) Happened() retail.Happened {
	return retail.Happened{At: c.At.UnixMilli(), Till: c.Till, Epoch: c.Epoch, Seq: c.Seq, Ref: c.Ref}
}

// insertCounts writes counts, each with a movement of nothing yet.
func insertCounts(ctx context.Context, tx *db.Tx, counts []Count) error {
	var batch pgx.Batch
	movements := make([]Movement, len(counts))
	for i, c := range counts {
		if c.Quantity > most || c.Quantity < 0 {
			return fmt.Errorf("count %d thousandths of %s: %w", c.Quantity, c.Product, errTooMuch)
		}
		movements[i] = Movement{
			Location: c.Location, Product: c.Product, At: c.At, Ref: c.Ref, Reason: Counted, UnitCost: c.UnitCost,
			Till: c.Till, Epoch: c.Epoch, Seq: c.Seq,
		}
		batch.Queue(`
			INSERT INTO stock.count (location_id, product_id, at, ref, till_id, epoch, seq, session, counted_by, quantity)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			c.Location, c.Product, c.At, c.Ref, c.Till, int64(c.Epoch), int64(c.Seq), c.Session, c.By, c.Quantity)
	}
	if len(counts) == 0 {
		return nil
	}
	if err := tx.Send(ctx, &batch); err != nil {
		return fmt.Errorf("record counts: %w", err)
	}
	return insert(ctx, tx, movements)
}

// Done notes that a session of counting is over.
func Done(ctx context.Context, tx *db.Tx, location, session, ref uuid.UUID, at time.Time) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO stock.count_done (location_id, session, ref, at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (location_id, session, ref) DO UPDATE SET at = excluded.at`, location, session, ref, at)
	if err != nil {
		return fmt.Errorf("end count %s: %w", session, err)
	}
	return nil
}

// earliest is the first of a till's movements of one level, in time and in its journal.
type earliest struct {
	key
	at         time.Time
	till       uuid.UUID
	epoch, seq uint64
}

// late are the movements of products that were counted which came before a count, or may have. Sales that come in order do not.
func late(ctx context.Context, tx *db.Tx, counted []key, movements []Movement) ([]Movement, error) {
	was := make(map[key]bool, len(counted))
	for _, k := range counted {
		was[k] = true
	}
	type lane struct {
		key
		till uuid.UUID
	}
	first := map[lane]*earliest{}
	for _, m := range movements {
		k := key{m.Location, m.Product}
		if !was[k] {
			continue
		}
		e := first[lane{k, m.Till}]
		if e == nil {
			first[lane{k, m.Till}] = &earliest{k, m.At, m.Till, m.Epoch, m.Seq}
			continue
		}
		if m.At.Before(e.at) {
			e.at = m.At
		}
		if m.Epoch < e.epoch || m.Epoch == e.epoch && m.Seq < e.seq {
			e.epoch, e.seq = m.Epoch, m.Seq
		}
	}
	maybe := make([]earliest, 0, len(first))
	for _, e := range first {
		maybe = append(maybe, *e)
	}
	before, err := beforeACount(ctx, tx, maybe)
	if err != nil || len(before) == 0 {
		return nil, err
	}
	wanted := make(map[key]bool, len(before))
	for _, k := range before {
		wanted[k] = true
	}
	return slices.DeleteFunc(slices.Clone(movements), func(m Movement) bool { return !wanted[key{m.Location, m.Product}] }), nil
}

// beforeACount gives the products of which something moved before a count, or may have.
func beforeACount(ctx context.Context, tx *db.Tx, maybe []earliest) ([]key, error) {
	if len(maybe) == 0 {
		return nil, nil
	}
	n := len(maybe)
	locations, products, tills := make([][16]byte, n), make([][16]byte, n), make([][16]byte, n)
	ats, epochs, seqs := make([]time.Time, n), make([]int64, n), make([]int64, n)
	for i, e := range maybe {
		locations[i], products[i], tills[i] = e.location, e.product, e.till
		ats[i], epochs[i], seqs[i] = e.at, int64(e.epoch), int64(e.seq)
	}
	rows, err := tx.Query(ctx, `
		SELECT DISTINCT c.location_id, c.product_id
		FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::uuid[], $5::bigint[], $6::bigint[]) AS m (location_id, product_id, at, till_id, epoch, seq)
		JOIN stock.count c USING (location_id, product_id)
		WHERE CASE WHEN c.till_id = m.till_id THEN (c.epoch, c.seq) >= (m.epoch, m.seq) ELSE c.at >= date_trunc('milliseconds', m.at) END`,
		locations, products, ats, tills, epochs, seqs)
	if err != nil {
		return nil, fmt.Errorf("look for counts: %w", err)
	}
	keys, err := pgx.CollectRows(rows, scanKey)
	if err != nil {
		return nil, fmt.Errorf("look for counts: %w", err)
	}
	return keys, nil
}

// movedAfter says that a movement m happened after a count c: the order of retail.Happened.
const movedAfter = `CASE WHEN m.till_id = c.till_id THEN (m.epoch, m.seq, m.ref) > (c.epoch, c.seq, c.ref)
	ELSE (date_trunc('milliseconds', m.at), m.ref) > (c.at, c.ref) END`

// recount works out what new movements and counts mean for the counts of the products that were counted before, and for the new
// ones. Callers hold the locks of their levels.
func recount(ctx context.Context, tx *db.Tx, counted []key, movements []Movement, counts []Count) error {
	movements, err := late(ctx, tx, counted, movements)
	if err != nil {
		return err
	}
	var keys []key
	if n := len(movements); n > 0 {
		locations, products, refs, tills := make([][16]byte, n), make([][16]byte, n), make([][16]byte, n), make([][16]byte, n)
		ats, epochs, seqs, quantities := make([]time.Time, n), make([]int64, n), make([]int64, n), make([]int64, n)
		for i, m := range movements {
			keys = append(keys, key{m.Location, m.Product})
			locations[i], products[i], refs[i], tills[i] = m.Location, m.Product, m.Ref, m.Till
			ats[i], epochs[i], seqs[i], quantities[i] = m.At, int64(m.Epoch), int64(m.Seq), int64(m.Quantity)
		}
		_, err := tx.Exec(ctx, `
			UPDATE stock.count c SET before = c.before + d.by FROM (
				SELECT c.location_id, c.product_id, c.ref, sum(m.quantity)::bigint AS by
				FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::uuid[], $6::bigint[], $7::bigint[], $8::bigint[])
					AS m (location_id, product_id, ref, at, till_id, epoch, seq, quantity)
				JOIN stock.count c USING (location_id, product_id) WHERE NOT `+movedAfter+` GROUP BY 1, 2, 3
			) d WHERE c.location_id = d.location_id AND c.product_id = d.product_id AND c.ref = d.ref`,
			locations, products, refs, ats, tills, epochs, seqs, quantities)
		if err != nil {
			return fmt.Errorf("move what was before counts: %w", err)
		}
	}
	if n := len(counts); n > 0 {
		locations, products, refs := make([][16]byte, n), make([][16]byte, n), make([][16]byte, n)
		for i, c := range counts {
			keys = append(keys, c.key())
			locations[i], products[i], refs[i] = c.Location, c.Product, c.Ref
		}
		if _, err := tx.Exec(ctx, addUp+` AND c.ref = n.ref`, locations, products, refs, int16(Counted)); err != nil {
			return fmt.Errorf("add up what moved before counts: %w", err)
		}
	}
	return vary(ctx, tx, keys)
}

// addUp works out what moved before counts from all that moved. The references are of no use unless the statement goes on.
const addUp = `
	UPDATE stock.count c SET before = coalesce((
		SELECT sum(m.quantity) FROM stock.movement m
		WHERE m.location_id = c.location_id AND m.product_id = c.product_id AND m.reason <> $4 AND NOT ` + movedAfter + `), 0)
	FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS n (location_id, product_id, ref)
	WHERE c.location_id = n.location_id AND c.product_id = n.product_id`

// recountAll works out the counts of products anew, from all that moved: of something that moved it is not known any more when
// it was thought to have. Callers hold the locks of their levels.
func recountAll(ctx context.Context, tx *db.Tx, keys []key) error {
	locations, products := columnsOf(unique(keys))
	if _, err := tx.Exec(ctx, addUp, locations, products, make([]*[16]byte, len(products)), int16(Counted)); err != nil {
		return fmt.Errorf("add up what moved before counts: %w", err)
	}
	return vary(ctx, tx, keys)
}

func unique(keys []key) []key {
	keys = slices.Clone(keys)
	slices.SortFunc(keys, key.compare)
	return slices.Compact(keys)
}

// vary makes the variances of products, and so their levels, those that their counts give: each finds what it found instead of
// what the one before it did, and what moved between the two.
func vary(ctx context.Context, tx *db.Tx, keys []key) error {
	keys = unique(keys)
	if len(keys) == 0 {
		return nil
	}
	all, err := readCounts(ctx, tx, keys)
	if err != nil {
		return err
	}
	var refs, locations, products, latest [][16]byte
	var ats []time.Time
	var variances []int64
	for _, k := range keys {
		counts := all[k]
		retail.ByCount(counts, func(c found) retail.Happened { return c.when })
		var before money.Quantity
		for _, c := range counts {
			refs, locations, products = append(refs, c.when.Ref), append(locations, k.location), append(products, k.product)
			latest, variances = append(latest, counts[len(counts)-1].when.Ref), append(variances, int64(c.more-before))
			ats = append(ats, c.at)
			before = c.more
		}
	}
	_, err = tx.Exec(ctx, settle, locations, products, ats, refs, variances, latest, int16(Counted))
	if err != nil {
		return fmt.Errorf("work out variances: %w", err)
	}
	return nil
}

// settle gives counts their variances, and moves the levels by what that changes.
const settle = `
	WITH was AS (
		SELECT n.*, m.quantity
		FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::uuid[], $5::bigint[], $6::uuid[]) AS n (location_id, product_id, at, ref, variance, latest)
		JOIN stock.movement m USING (location_id, product_id, at, ref) WHERE m.reason = $7
	), moved AS (
		UPDATE stock.movement m SET quantity = was.variance FROM was
		WHERE m.location_id = was.location_id AND m.product_id = was.product_id AND m.at = was.at AND m.ref = was.ref AND m.reason = $7
			AND m.quantity <> was.variance
	)
	UPDATE stock.level l SET on_hand = l.on_hand + s.by, counted = s.latest, changed_at = now(), stale = true
	FROM (
		SELECT location_id, product_id, latest, sum(variance - quantity)::bigint AS by FROM was GROUP BY 1, 2, 3
	) s WHERE l.location_id = s.location_id AND l.product_id = s.product_id`

// found is a count, and how much more it found than all that had moved before it comes to.
type found struct {
	when retail.Happened
	at   time.Time
	more money.Quantity
}

func readCounts(ctx context.Context, tx *db.Tx, keys []key) (map[key][]found, error) {
	locations, products := columnsOf(keys)
	rows, err := tx.Query(ctx, `
		SELECT c.location_id, c.product_id, c.at, c.till_id, c.epoch, c.seq, c.ref, c.quantity - c.before
		FROM unnest($1::uuid[], $2::uuid[]) AS n (location_id, product_id) JOIN stock.count c USING (location_id, product_id)`,
		locations, products)
	if err != nil {
		return nil, fmt.Errorf("read counts: %w", err)
	}
	all := map[key][]found{}
	var k key
	var c found
	var epoch, seq int64
	_, err = pgx.ForEachRow(rows, []any{&k.location, &k.product, &c.at, &c.when.Till, &epoch, &seq, &c.when.Ref, &c.more}, func() error {
		c.when.At, c.when.Epoch, c.when.Seq = c.at.UnixMilli(), uint64(epoch), uint64(seq)
		all[k] = append(all[k], c)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read counts: %w", err)
	}
	return all, nil
}

func columnsOf(keys []key) (locations, products [][16]byte) {
	locations, products = make([][16]byte, len(keys)), make([][16]byte, len(keys))
	for i, k := range keys {
		locations[i], products[i] = k.location, k.product
	}
	return locations, products
}

// lockLevels locks levels in the order of their keys, before something about their movements changes other than by Record.
func lockLevels(ctx context.Context, tx *db.Tx, keys []key) error {
	locations, products := columnsOf(keys)
	_, err := tx.Exec(ctx, `
		SELECT FROM stock.level l JOIN unnest($1::uuid[], $2::uuid[]) AS n (location_id, product_id) USING (location_id, product_id)
		ORDER BY l.location_id, l.product_id FOR UPDATE OF l`, locations, products)
	if err != nil {
		return fmt.Errorf("lock %d levels: %w", len(keys), err)
	}
	return nil
}

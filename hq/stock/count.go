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
// arrives late changes them.
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
	if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
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

// upset are the products of which counts are new, or of which something moved that may have come before a count: those to
// look at.
func upset(counted []key, movements []Movement, counts []Count) (sure []key, maybe []earliest) {
	for _, c := range counts {
		sure = append(sure, c.key())
	}
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
	for _, e := range first {
		maybe = append(maybe, *e)
	}
	return sure, maybe
}

// recount works out the variances of products anew: of those that are sure to have changed, and of those that something
// moved before a count of. Callers hold the locks of their levels.
func recount(ctx context.Context, tx *db.Tx, sure []key, maybe []earliest) error {
	late, err := beforeACount(ctx, tx, maybe)
	if err != nil {
		return err
	}
	keys := append(slices.Clone(sure), late...)
	slices.SortFunc(keys, key.compare)
	keys = slices.Compact(keys)
	if len(keys) == 0 {
		return nil
	}
	locations, products := columnsOf(keys)
	folds, err := readFolds(ctx, tx, locations, products)
	if err != nil {
		return err
	}
	var refs, countedLocations, countedProducts, latest [][16]byte
	var variances []int64
	for _, k := range keys {
		f := folds[k]
		if f == nil {
			continue
		}
		before := f.moved
		retail.ByCount(f.counts, func(c countFold) retail.Happened { return c.when })
		for _, c := range f.counts {
			onHand := c.quantity + c.after
			refs, countedLocations, countedProducts = append(refs, c.when.Ref), append(countedLocations, k.location), append(countedProducts, k.product)
			latest, variances = append(latest, f.counts[len(f.counts)-1].when.Ref), append(variances, int64(onHand-before))
			before = onHand
		}
	}
	_, err = tx.Exec(ctx, `
		WITH n AS (
			SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::uuid[]) AS n (location_id, product_id, ref, variance, latest)
		), was AS (
			SELECT n.*, m.at, m.quantity FROM n JOIN stock.count c USING (location_id, product_id, ref)
			JOIN stock.movement m ON m.location_id = c.location_id AND m.product_id = c.product_id AND m.at = c.at AND m.ref = c.ref AND m.reason = $6
		), moved AS (
			UPDATE stock.movement m SET quantity = was.variance FROM was
			WHERE m.location_id = was.location_id AND m.product_id = was.product_id AND m.at = was.at AND m.ref = was.ref AND m.reason = $6
				AND m.quantity <> was.variance
		)
		UPDATE stock.level l SET on_hand = l.on_hand + s.by, counted = s.latest, changed_at = now(), stale = true
		FROM (
			SELECT location_id, product_id, latest, sum(variance - quantity)::bigint AS by FROM was GROUP BY 1, 2, 3
		) s WHERE l.location_id = s.location_id AND l.product_id = s.product_id`,
		countedLocations, countedProducts, refs, variances, latest, int16(Counted))
	if err != nil {
		return fmt.Errorf("work out variances: %w", err)
	}
	return nil
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
	late, err := pgx.CollectRows(rows, scanKey)
	if err != nil {
		return nil, fmt.Errorf("look for counts: %w", err)
	}
	return late, nil
}

// productFold is what a product's counts, and all that moved by itself, come to.
type productFold struct {
	moved  money.Quantity
	counts []countFold
}

type countFold struct {
	when            retail.Happened
	quantity, after money.Quantity
}

const foldCounts = `
	SELECT c.location_id, c.product_id, c.at, c.till_id, c.epoch, c.seq, c.ref, c.quantity,
		coalesce(sum(m.quantity), 0)::bigint, coalesce(sum(m.quantity) FILTER (WHERE
			CASE WHEN m.till_id = c.till_id THEN (m.epoch, m.seq, m.ref) > (c.epoch, c.seq, c.ref)
			ELSE (date_trunc('milliseconds', m.at), m.ref) > (c.at, c.ref) END), 0)::bigint
	FROM unnest($1::uuid[], $2::uuid[]) AS n (location_id, product_id)
	JOIN stock.count c USING (location_id, product_id)
	LEFT JOIN stock.movement m ON m.location_id = c.location_id AND m.product_id = c.product_id AND m.reason <> $3
	GROUP BY 1, 2, 3, 4, 5, 6, 7, 8`

// readFolds reads the counts of products, each with the sum of what moved after it: the order is that of retail.Happened.
func readFolds(ctx context.Context, tx *db.Tx, locations, products [][16]byte) (map[key]*productFold, error) {
	rows, err := tx.Query(ctx, foldCounts, locations, products, int16(Counted))
	if err != nil {
		return nil, fmt.Errorf("fold counts: %w", err)
	}
	folds := map[key]*productFold{}
	var k key
	var at time.Time
	var c countFold
	var epoch, seq int64
	var moved money.Quantity
	_, err = pgx.ForEachRow(rows, []any{
		&k.location, &k.product, &at, &c.when.Till, &epoch, &seq, &c.when.Ref, &c.quantity, &moved, &c.after,
	}, func() error {
		c.when.At, c.when.Epoch, c.when.Seq = at.UnixMilli(), uint64(epoch), uint64(seq)
		if folds[k] == nil {
			folds[k] = &productFold{moved: moved}
		}
		folds[k].counts = append(folds[k].counts, c)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("fold counts: %w", err)
	}
	return folds, nil
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

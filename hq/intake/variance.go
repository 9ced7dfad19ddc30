package intake

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/stock"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// Counted is a product that was counted, and how final what was found is.
type Counted struct {
	stock.Count
	// Variance is what was found less what should have been there.
	Variance money.Quantity
	// Latest says that the level goes on from this count, and not from a later one.
	Latest bool
	Span   Span
	// Awaits are the tills of the store that may still have something from before it; Missing says that entries of the store are
	// lacking, or wait to be applied, that may be from before it.
	Awaits  []uuid.UUID
	Missing bool
	// Doubtful are the movements of which nobody knows whether they were before the count or after it. Counting again settles it.
	Doubtful []Doubtful
}

// Final says that nothing can change the variance any more but a till whose clock was wrong.
func (c Counted) Final() bool { return len(c.Awaits) == 0 && !c.Missing }

// Doubtful is a movement that may have happened before a count or after it.
type Doubtful struct {
	stock.Movement
	Span Span
}

// Cost is what the variance is worth; below 0, goods are missing.
func (c Counted) Cost() money.Amount { return c.UnitCost.Mul(c.Variance) }

// CountFilter chooses lines of counts.
type CountFilter struct {
	Stores []uuid.UUID
	// Before is what the page before said is next.
	Before string
	Most   int
}

// Counts gives the newest lines of counts, the latest first; next is empty on the last page.
func (d *Desk) Counts(ctx context.Context, f CountFilter) (counts []Counted, next string, err error) {
	where, args := "location_id = ANY (@stores)", pgx.NamedArgs{"stores": f.Stores, "most": f.Most + 1}
	if f.Before != "" {
		b, err := base64.RawURLEncoding.DecodeString(f.Before)
		if err != nil || len(b) != 8+2*len(uuid.UUID{}) {
			return nil, "", &retail.Error{Code: retail.Invalid, Key: "page.unknown", Err: err}
		}
		where += " AND (at < @at OR at = @at AND (ref, product_id) > (@ref, @product))"
		args["at"], args["ref"], args["product"] = time.UnixMicro(int64(binary.BigEndian.Uint64(b))), uuid.UUID(b[8:24]), uuid.UUID(b[24:])
	}
	counts, err = d.counts(ctx, `SELECT * FROM stock.count WHERE `+where+` ORDER BY at DESC, ref, product_id LIMIT @most`, args)
	if err == nil && len(counts) > f.Most {
		counts = counts[:f.Most]
		next = countCursor(counts[f.Most-1])
	}
	return counts, next, err
}

// countCursor names the last line of a page. Postgres keeps microseconds.
func countCursor(c Counted) string {
	b := binary.BigEndian.AppendUint64(nil, uint64(c.At.UnixMicro()))
	return base64.RawURLEncoding.EncodeToString(append(append(b, c.Ref[:]...), c.Product[:]...))
}

// CountsOf gives all lines of a session of counting, the latest first.
func (d *Desk) CountsOf(ctx context.Context, store, session uuid.UUID) ([]Counted, error) {
	return d.counts(ctx, `SELECT * FROM stock.count WHERE location_id = @store AND session = @session`, pgx.NamedArgs{"store": store, "session": session})
}

// counts reads the lines that a statement takes of stock.count.
func (d *Desk) counts(ctx context.Context, lines string, args pgx.NamedArgs) ([]Counted, error) {
	spans, err := readSpans(ctx, d.db)
	if err != nil {
		return nil, err
	}
	counts, err := d.readCounts(ctx, spans, lines, args)
	if err != nil {
		return nil, err
	}
	if err := d.await(ctx, spans, counts); err != nil {
		return nil, err
	}
	return counts, d.doubt(ctx, spans, counts)
}

// CountSession is a session of counting, and how final what was found is.
type CountSession struct {
	stock.CountSession
	// Awaits and Missing are those of its lines together.
	Awaits  []uuid.UUID
	Missing bool
}

// CountSessions lists sessions of counting. Next asks for the following page; empty on the last.
func (d *Desk) CountSessions(ctx context.Context, f stock.CountFilter) (sessions []CountSession, next string, err error) {
	page, err := stock.CountSessions(ctx, d.db, f)
	if err != nil || len(page.Sessions) == 0 {
		return nil, "", err
	}
	sessions = make([]CountSession, len(page.Sessions))
	type session struct{ store, id uuid.UUID }
	at := map[session]*CountSession{}
	stores, ids := make([]uuid.UUID, len(sessions)), make([]uuid.UUID, len(sessions))
	for i, s := range page.Sessions {
		sessions[i].CountSession = s
		at[session{s.Location, s.ID}] = &sessions[i]
		stores[i], ids[i] = s.Location, s.ID
	}
	spans, err := readSpans(ctx, d.db)
	if err != nil {
		return nil, "", err
	}
	// What a line awaits, the last one of its till does as well, and what may be missing for a line may be for the first.
	ends, err := d.readCounts(ctx, spans, `
		WITH line AS (SELECT c.* FROM stock.count c JOIN unnest(@stores::uuid[], @ids::uuid[]) AS n (location_id, session) USING (location_id, session))
		(SELECT DISTINCT ON (location_id, session, till_id) * FROM line ORDER BY location_id, session, till_id, at, ref)
		UNION (SELECT DISTINCT ON (location_id, session, till_id) * FROM line ORDER BY location_id, session, till_id, at DESC, ref)`,
		pgx.NamedArgs{"stores": stores, "ids": ids})
	if err != nil {
		return nil, "", err
	}
	if err := d.await(ctx, spans, ends); err != nil {
		return nil, "", err
	}
	for _, line := range ends {
		s := at[session{line.Location, line.Session}]
		s.Missing = s.Missing || line.Missing
		for _, till := range line.Awaits {
			if !slices.Contains(s.Awaits, till) {
				s.Awaits = append(s.Awaits, till)
			}
		}
	}
	return sessions, page.Next, nil
}

func (d *Desk) readCounts(ctx context.Context, spans *spans, lines string, args pgx.NamedArgs) ([]Counted, error) {
	args["counted"] = int16(stock.Counted)
	rows, err := d.db.Query(ctx, `
		SELECT c.location_id, c.product_id, c.at, c.ref, c.till_id, c.epoch, c.seq, c.session, c.counted_by, c.quantity, m.quantity, m.unit_cost,
			l.counted IS NOT DISTINCT FROM c.ref, e.bytes, e.received_at
		FROM (`+lines+`) c
		JOIN stock.level l USING (location_id, product_id)
		JOIN stock.movement m USING (location_id, product_id, at, ref)
		JOIN journal.entry e ON e.store_id = c.location_id AND e.till_id = c.till_id AND e.epoch = c.epoch AND e.seq = c.seq
			AND substring(e.hash FOR 16) = uuid_send(c.ref)
		WHERE m.reason = @counted ORDER BY c.at DESC, c.ref, c.product_id`, args)
	if err != nil {
		return nil, fmt.Errorf("list counts: %w", err)
	}
	type written struct {
		bytes    []byte
		received time.Time
	}
	var entries []written
	counts, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c Counted, err error) {
		var e written
		var epoch, seq int64
		err = row.Scan(&c.Location, &c.Product, &c.At, &c.Ref, &c.Till, &epoch, &seq, &c.Session, &c.By, &c.Quantity, &c.Variance, &c.UnitCost,
			&c.Latest, &e.bytes, &e.received)
		c.Epoch, c.Seq = uint64(epoch), uint64(seq)
		entries = append(entries, e)
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("list counts: %w", err)
	}
	for i := range counts {
		c := &counts[i]
		if c.Span, err = spans.of(ctx, c.Location, c.Till, c.Epoch, c.Seq, entries[i].bytes, entries[i].received); err != nil {
			return nil, fmt.Errorf("date count %d.%d: %w", c.Epoch, c.Seq, err)
		}
	}
	return counts, nil
}

// await finds what counts wait for.
func (d *Desk) await(ctx context.Context, spans *spans, counts []Counted) error {
	tills, err := d.Tills(ctx)
	if err != nil {
		return err
	}
	upto, err := d.caughtUp(ctx, spans, tills)
	if err != nil {
		return err
	}
	missing, err := d.missingSince(ctx)
	if err != nil {
		return err
	}
	for i := range counts {
		c := &counts[i]
		for _, t := range tills {
			if t.Store == c.Location && t.ID != c.Till && t.RevokedAt == nil && t.EnrolledAt != nil && !t.EnrolledAt.After(c.Span.Until) && !upto[t.ID].After(c.Span.Until) {
				c.Awaits = append(c.Awaits, t.ID)
			}
		}
		c.Missing = missing[c.Location].After(c.Span.From)
	}
	return nil
}

// caughtUp is up to when headquarters has what each till wrote: the time of its newest entry, or when it said that it has no
// other.
func (d *Desk) caughtUp(ctx context.Context, spans *spans, tills []TillState) (map[uuid.UUID]time.Time, error) {
	upto := map[uuid.UUID]time.Time{}
	for _, t := range tills {
		if t.SaidAt != nil && t.Waiting == 0 {
			upto[t.ID] = *t.SaidAt
		}
	}
	rows, err := d.db.Query(ctx, `
		SELECT b.store_id, b.till_id, b.epoch, b.seq, e.bytes, e.received_at FROM journal.branch b
		JOIN journal.entry e ON e.store_id = b.store_id AND e.till_id = b.till_id AND e.epoch = b.epoch AND e.seq = b.seq AND e.hash = b.hash`)
	if err != nil {
		return nil, fmt.Errorf("read newest entries: %w", err)
	}
	newest, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct {
		Store, Till uuid.UUID
		Epoch, Seq  int64
		Bytes       []byte
		Received    time.Time
	}])
	if err != nil {
		return nil, fmt.Errorf("read newest entries: %w", err)
	}
	for _, e := range newest {
		s, err := spans.of(ctx, e.Store, e.Till, uint64(e.Epoch), uint64(e.Seq), e.Bytes, e.Received)
		if err != nil {
			return nil, fmt.Errorf("date entry %d.%d: %w", e.Epoch, e.Seq, err)
		}
		if s.From.After(upto[e.Till]) {
			upto[e.Till] = s.From
		}
	}
	return upto, nil
}

// missingSince is, for each store, when headquarters last noticed that entries are lacking, or wait to be applied: they are
// from before that.
func (d *Desk) missingSince(ctx context.Context) (map[uuid.UUID]time.Time, error) {
	rows, err := d.db.Query(ctx, `
		SELECT store_id, max(at) FROM (
			SELECT store_id, since AS at FROM journal.deferred UNION ALL SELECT store_id, at FROM journal.hole WHERE filled_at IS NULL
		) missing GROUP BY store_id`)
	if err != nil {
		return nil, fmt.Errorf("look for missing entries: %w", err)
	}
	missing := map[uuid.UUID]time.Time{}
	var store uuid.UUID
	var at time.Time
	_, err = pgx.ForEachRow(rows, []any{&store, &at}, func() error { missing[store] = at; return nil })
	if err != nil {
		return nil, fmt.Errorf("look for missing entries: %w", err)
	}
	return missing, nil
}

// doubt finds the movements around the latest counts. What the counting till wrote itself is in the order of its journal.
func (d *Desk) doubt(ctx context.Context, spans *spans, counts []Counted) error {
	var of []int
	var locations, products, tills []uuid.UUID
	var from, until []time.Time
	for i, c := range counts {
		if c.Latest {
			of, locations, products, tills = append(of, i), append(locations, c.Location), append(products, c.Product), append(tills, c.Till)
			from, until = append(from, c.Span.From), append(until, c.Span.Until)
		}
	}
	if len(of) == 0 {
		return nil
	}
	// A time that is known is known to a day; nothing is known of those that a clock entry without an error covers. What moved by a
	// shipment is named by that and not by its entry: of two with its place, where the epoch forks, either says how well it is dated.
	rows, err := d.db.Query(ctx, `
		SELECT n.i, m.at, m.ref, m.reason, m.quantity, m.till_id, m.epoch, m.seq, e.bytes, e.received_at
		FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::timestamptz[]) WITH ORDINALITY AS n (location_id, product_id, till_id, since, until, i)
		JOIN stock.movement m ON m.location_id = n.location_id AND m.product_id = n.product_id AND m.reason <> $6
			AND m.till_id IS DISTINCT FROM n.till_id
			AND (m.at BETWEEN n.since - interval '1 day' AND n.until + interval '1 day' OR EXISTS (
				SELECT FROM journal.clock k WHERE k.store_id = m.location_id AND k.till_id = m.till_id AND k.epoch = m.epoch
					AND m.seq BETWEEN k.first AND k.last AND k.error = 0))
		LEFT JOIN LATERAL (
			SELECT bytes, received_at FROM journal.entry e
			WHERE e.store_id = m.location_id AND e.till_id = m.till_id AND e.epoch = m.epoch AND e.seq = m.seq
				AND (substring(e.hash FOR 16) = uuid_send(m.ref) OR m.reason IN ($7, $8))
			ORDER BY branch LIMIT 1
		) e ON true
		ORDER BY n.i, m.at, m.ref`, locations, products, tills, from, until, int16(stock.Counted), int16(stock.Shipped), int16(stock.Arrived))
	if err != nil {
		return fmt.Errorf("look around counts: %w", err)
	}
	near, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct {
		I          int64
		At         time.Time
		Ref        uuid.UUID
		Reason     int16
		Quantity   money.Quantity
		Till       *uuid.UUID
		Epoch, Seq *int64
		Bytes      []byte
		Received   *time.Time
	}])
	if err != nil {
		return fmt.Errorf("look around counts: %w", err)
	}
	for _, n := range near {
		c := &counts[of[n.I-1]]
		m := Doubtful{stock.Movement{
			Location: c.Location, Product: c.Product, At: n.At, Ref: n.Ref, Reason: stock.Reason(n.Reason), Quantity: n.Quantity,
		}, Span{n.At, n.At}}
		if n.Bytes != nil {
			m.Till, m.Epoch, m.Seq = *n.Till, uint64(*n.Epoch), uint64(*n.Seq)
			if m.Span, err = spans.of(ctx, c.Location, m.Till, m.Epoch, m.Seq, n.Bytes, *n.Received); err != nil {
				return fmt.Errorf("date entry %d.%d: %w", m.Epoch, m.Seq, err)
			}
		}
		if m.Span.Overlaps(c.Span) {
			c.Doubtful = append(c.Doubtful, m)
		}
	}
	return nil
}

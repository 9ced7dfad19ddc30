package sales

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/shared/retail"
)

// Dated is a document and when it is now known to have been made, in the store's time zone.
type Dated struct {
	Place
	BusinessDate retail.Date
}

// Redate changes the times of documents, and moves what they come to from hour to hour. The business date is the shift's
// and stays. It gives the time that each had before: zero for one that had it already, or is not there.
func Redate(ctx context.Context, tx *db.Tx, documents []Dated) (before []time.Time, err error) {
	if len(documents) == 0 {
		return nil, nil
	}
	n := len(documents)
	stores, tills := make([][16]byte, n), make([][16]byte, n)
	dates, branches := make([]int32, n), make([]int32, n)
	epochs, seqs, ats := make([]int64, n), make([]int64, n), make([]time.Time, n)
	for i, d := range documents {
		stores[i], tills[i], dates[i], branches[i] = d.Store, d.Till, int32(d.BusinessDate), int32(d.Branch)
		epochs[i], seqs[i], ats[i] = int64(d.Epoch), int64(d.Seq), d.At
	}
	rows, err := tx.Query(ctx, `
		WITH n AS (
			SELECT d.store_id, d.business_date, d.till_id, d.epoch, d.seq, d.branch, d.at AS was, n.at, n.i
			FROM unnest($1::uuid[], $2::int[], $3::uuid[], $4::bigint[], $5::bigint[], $6::int[], $7::timestamptz[]) WITH ORDINALITY
				AS n (store_id, business_date, till_id, epoch, seq, branch, at, i)
			JOIN sales.document d USING (store_id, business_date, till_id, epoch, seq, branch) WHERE d.at <> n.at
		)
		UPDATE sales.document d SET at = n.at FROM n
		WHERE d.store_id = n.store_id AND d.business_date = n.business_date AND d.till_id = n.till_id AND d.epoch = n.epoch
			AND d.seq = n.seq AND d.branch = n.branch
		RETURNING n.i - 1, n.was, CASE WHEN d.void THEN -1 WHEN d.refund THEN 0 ELSE 1 END, d.refund::int::bigint, d.units, d.revenue,
			CASE WHEN d.refund THEN d.revenue ELSE 0 END, d.discount, d.cost, d.total, d.rounding, d.cash, d.card, d.void::int::bigint, d.charges, d.online`,
		stores, dates, tills, epochs, seqs, branches, ats)
	if err != nil {
		return nil, fmt.Errorf("date documents: %w", err)
	}
	before = make([]time.Time, n)
	s := newSums()
	var i int
	var was time.Time
	var h hour
	into := []any{&i, &was}
	for f := range h {
		into = append(into, &h[f])
	}
	_, err = pgx.ForEachRow(rows, into, func() error {
		d := documents[i]
		before[i] = was
		s.moveHour(d, was.In(d.At.Location()).Hour(), h)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("date documents: %w", err)
	}
	return before, s.moveHours(ctx, tx)
}

// moveHours writes what moves from hour to hour. An hour that nothing is left in has no row.
func (s sums) moveHours(ctx context.Context, tx *db.Tx) error {
	if len(s.hours) == 0 {
		return nil
	}
	var batch pgx.Batch
	s.queueHours(&batch)
	marked := map[uuid.UUID]bool{}
	for k := range s.hours {
		batch.Queue(`DELETE FROM sales.hourly WHERE store_id = $1 AND business_date = $2 AND hour = $3 AND tickets = 0 AND refunds = 0 AND voids = 0`,
			k.store, int32(k.date), int16(k.hour))
		if !marked[k.store] {
			marked[k.store] = true
			feed.Mark(tx, Topic(k.store))
		}
	}
	if err := tx.Send(ctx, &batch); err != nil {
		return fmt.Errorf("move documents from hour to hour: %w", err)
	}
	return nil
}

// moveHour takes a document out of the hour it was in and puts it into that of its time.
func (s sums) moveHour(d Dated, was int, figures hour) {
	from, to := hourKey{d.Store, d.BusinessDate, was}, hourKey{d.Store, d.BusinessDate, d.At.Hour()}
	if from == to {
		return
	}
	out, in := s.hours[from], s.hours[to]
	for i, v := range figures {
		out[i] -= v
		in[i] += v
	}
	s.hours[from], s.hours[to] = out, in
}

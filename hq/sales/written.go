package sales

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/shared/retail"
)

// shiftDays is how many days before an entry its shift is looked for: a document has the date on which its shift opened. The day after is
// looked at too, for a clock that was wrong by some hours.
const shiftDays = 3

// Written gives the documents that entries of tills wrote, each At in its store's time zone; nil where none is found, or where a journal
// that forked wrote two.
func Written(ctx context.Context, q Querier, entries []Place) ([]*Receipt, error) {
	if len(entries) == 0 {
		return nil, nil
	}
	type entry struct {
		store, till uuid.UUID
		epoch, seq  uint64
	}
	var stores, tills []uuid.UUID
	var dates []int32
	var epochs, seqs []int64
	for _, e := range entries {
		day := retail.DateOf(e.At).Time(time.UTC)
		for n := -shiftDays; n <= 1; n++ {
			stores, tills = append(stores, e.Store), append(tills, e.Till)
			epochs, seqs = append(epochs, int64(e.Epoch)), append(seqs, int64(e.Seq))
			dates = append(dates, int32(retail.DateOf(day.AddDate(0, 0, n))))
		}
	}
	rows, err := q.Query(ctx, `SELECT `+receiptColumns+`
		FROM (SELECT DISTINCT * FROM unnest($1::uuid[], $2::int[], $3::uuid[], $4::bigint[], $5::bigint[])) AS k (store_id, business_date, till_id, epoch, seq)
		JOIN sales.document d USING (store_id, business_date, till_id, epoch, seq)`, stores, dates, tills, epochs, seqs)
	if err != nil {
		return nil, fmt.Errorf("read what %d entries wrote: %w", len(entries), err)
	}
	found, err := pgx.CollectRows(rows, receiptOf)
	if err != nil {
		return nil, fmt.Errorf("read what %d entries wrote: %w", len(entries), err)
	}
	by := map[entry][]*Receipt{}
	for i := range found {
		r := &found[i]
		of := entry{r.Store, r.Till, r.Epoch, r.Seq}
		by[of] = append(by[of], r)
	}
	written := make([]*Receipt, len(entries))
	for i, e := range entries {
		if one := by[entry{e.Store, e.Till, e.Epoch, e.Seq}]; len(one) == 1 {
			written[i] = one[0]
		}
	}
	return written, nil
}

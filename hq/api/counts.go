package api

import (
	"context"
	"time"

	"github.com/google/uuid"

	"comptant/hq/intake"
	"comptant/hq/stock"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// Count is a product that was counted, and how final what was found is.
type Count struct {
	Store    uuid.UUID      `json:"store"`
	Product  uuid.UUID      `json:"product"`
	Document uuid.UUID      `json:"document" doc:"That of its movement"`
	Session  uuid.UUID      `json:"session" doc:"The products that were counted together have the same"`
	At       time.Time      `json:"at"`
	By       uuid.UUID      `json:"by"`
	Till     uuid.UUID      `json:"till"`
	Counted  money.Quantity `json:"counted" doc:"Thousandths"`
	Variance money.Quantity `json:"variance" doc:"Thousandths: what was found less what should have been there. What comes late of before it changes it"`
	Latest   bool           `json:"latest" doc:"The level goes on from this count, and not from a later one"`
	Final    bool           `json:"final" doc:"Headquarters has all of before it; else the variance is provisional"`
	Awaits   []uuid.UUID    `json:"awaits" doc:"Tills of the store that may still have something of before it"`
	Missing  bool           `json:"missing" doc:"Entries of the store are lacking, or wait to be applied, that may be of before it"`
	Doubtful []Doubtful     `json:"doubtful" doc:"What may have been before it or after it: count again"`
}

// Doubtful is a movement of which nobody knows whether it was before a count or after it.
type Doubtful struct {
	Document uuid.UUID      `json:"document"`
	Reason   string         `json:"reason" enum:"opening,sold,back,shipped,arrived,bought,counted,adjusted"`
	Quantity money.Quantity `json:"quantity" doc:"Thousandths"`
	From     *time.Time     `json:"from,omitempty" doc:"When it was at the earliest; absent when nobody knows"`
	Until    time.Time      `json:"until" doc:"When it was at the latest"`
}

func countOf(c intake.Counted) Count {
	return Count{
		Store: c.Location, Product: c.Product, Document: c.Ref, Session: c.Session, At: c.At.UTC(), By: c.By, Till: c.Till,
		Counted: c.Quantity, Variance: c.Variance, Latest: c.Latest, Final: c.Final(), Awaits: append([]uuid.UUID{}, c.Awaits...), Missing: c.Missing,
		Doubtful: each(c.Doubtful, func(d intake.Doubtful) Doubtful {
			made := Doubtful{Document: d.Ref, Reason: reasons[d.Reason], Quantity: d.Quantity, Until: d.Span.Until.UTC()}
			if !d.Span.From.IsZero() {
				made.From = utc(&d.Span.From)
			}
			return made
		}),
	}
}

func (s *site) listCounts(ctx context.Context, in *struct {
	Paging
	Store uuid.UUID `query:"store" doc:"One store; all when it is not said"`
},
) (*List[Count], error) {
	stores, err := stock.Stores(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	f := intake.CountFilter{Stores: each(stores, func(l retail.Location) uuid.UUID { return l.ID }), Before: in.Cursor, Most: in.Limit}
	if in.Store != uuid.Nil {
		f.Stores = []uuid.UUID{in.Store}
	}
	counts, next, err := s.Journal.Counts(ctx, f)
	return list(each(counts, countOf), next), err
}

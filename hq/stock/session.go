package stock

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/shared/money"
)

// CountSession is what a till counted in one go.
type CountSession struct {
	Location, ID uuid.UUID
	From, Until  time.Time // of its first and its last line
	By           uuid.UUID // who began it
	Products     int
	// Variance is what was found less what should have been there, of all products together; Cost is what it is worth. Below 0,
	// goods are missing.
	Variance money.Quantity
	Cost     money.Amount
	// Done says that its till has ended it.
	Done bool
}

// CountFilter narrows a list of sessions. The zero value takes all.
type CountFilter struct {
	// Locations are where was counted; nil for everywhere.
	Locations []uuid.UUID
	// Before is Next of the page before.
	Before string
	Limit  int
}

// CountPage is a part of the sessions, the newest first. Next asks for the following page; empty on the last.
type CountPage struct {
	Sessions []CountSession
	Next     string
}

// CountSessions lists sessions of counting.
func CountSessions(ctx context.Context, q Querier, f CountFilter) (CountPage, error) {
	limit := pageSize(f.Limit)
	having, args := "true", pgx.NamedArgs{"limit": limit + 1, "locations": f.Locations, "counted": int16(Counted)}
	if f.Before != "" {
		at, id, _, err := readCursor(f.Before)
		if err != nil {
			return CountPage{}, err
		}
		having, args["at"], args["id"] = "(max(at), session) < (@at, @id)", at, id
	}
	rows, err := q.Query(ctx, `
		WITH page AS (
			SELECT location_id, session, max(at) AS until FROM stock.count WHERE @locations::uuid[] IS NULL OR location_id = ANY(@locations)
			GROUP BY location_id, session HAVING `+having+` ORDER BY until DESC, session DESC LIMIT @limit
		)
		SELECT c.location_id, c.session, min(c.at), p.until, (array_agg(c.counted_by ORDER BY c.at, c.ref))[1], count(DISTINCT c.product_id),
			sum(m.quantity)::bigint, sum(`+movedCost+`)::bigint,
			EXISTS (SELECT FROM stock.count_done d WHERE d.location_id = c.location_id AND d.session = c.session)
		FROM page p JOIN stock.count c USING (location_id, session)
		JOIN stock.movement m ON m.location_id = c.location_id AND m.product_id = c.product_id AND m.at = c.at AND m.ref = c.ref AND m.reason = @counted
		GROUP BY c.location_id, c.session, p.until ORDER BY p.until DESC, c.session DESC`, args)
	if err != nil {
		return CountPage{}, fmt.Errorf("list sessions of counting: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[CountSession])
	if err != nil {
		return CountPage{}, fmt.Errorf("list sessions of counting: %w", err)
	}
	page := CountPage{Sessions: found}
	if len(found) > limit {
		page.Sessions = found[:limit]
		last := found[limit-1]
		page.Next = cursor(last.Until, last.ID, 0)
	}
	return page, nil
}

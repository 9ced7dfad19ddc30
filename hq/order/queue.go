package order

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river/rivertype"
)

// Jobs is how many jobs of a kind are in a state of the queue. All jobs there are are of orders.
type Jobs struct {
	Kind, State string
	Count       int64
}

// countedStates are those of jobs that are not done.
var countedStates = []string{
	string(rivertype.JobStateAvailable), string(rivertype.JobStateRunning), string(rivertype.JobStateRetryable), string(rivertype.JobStateDiscarded),
}

// CountJobs counts the jobs that are not done by kind and state, also where there are none, and tells since when the one that has
// waited longest could be worked; it is zero when none waits.
func CountJobs(ctx context.Context, q Querier) (counts []Jobs, oldest time.Time, err error) {
	rows, err := q.Query(ctx, `
		SELECT k.kind, s.state::text, count(j.id), min(j.scheduled_at) FILTER (WHERE s.state = 'available')
		FROM unnest($1::text[]) AS k (kind) CROSS JOIN unnest($2::text[]::river.river_job_state[]) AS s (state)
		LEFT JOIN river.river_job j ON j.kind = k.kind AND j.state = s.state GROUP BY 1, 2 ORDER BY 1, 2`,
		[]string{advanceJob{}.Kind(), lookJob{}.Kind()}, countedStates)
	if err != nil {
		return nil, oldest, fmt.Errorf("count jobs: %w", err)
	}
	var j Jobs
	var since *time.Time
	_, err = pgx.ForEachRow(rows, []any{&j.Kind, &j.State, &j.Count, &since}, func() error {
		counts = append(counts, j)
		if since != nil && (oldest.IsZero() || since.Before(oldest)) {
			oldest = *since
		}
		return nil
	})
	if err != nil {
		return nil, oldest, fmt.Errorf("count jobs: %w", err)
	}
	return counts, oldest, nil
}

package order

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"comptant/hq/db"
)

// dueTopic is marked when an order wants a job at once.
const dueTopic = "orders:due"

const (
	// lookEvery is how often one process of headquarters looks for orders that are due, whoever was driving them.
	lookEvery = 5 * time.Second
	// workers bounds how many orders a process drives at once beside those that are being placed.
	workers = 8
	// stepWithin bounds a job: what takes longer is given up and tried again. A gateway may take half a minute.
	stepWithin = 45 * time.Second
	// leased is how long a look leaves an order to the job that it made. A job that goes on for longer keeps it all the same: no
	// order has two.
	leased = 2 * lookEvery
	// dueAtOnce bounds how many are looked up at a time; the next look finds the others.
	dueAtOnce = 1000
)

// advanceJob drives an order on.
type advanceJob struct {
	Order uuid.UUID `json:"order"`
}

// Kind is of river.JobArgs.
func (advanceJob) Kind() string { return "order.advance" }

// InsertOpts is of river.JobArgsWithInsertOpts: an order is driven by one job at a time.
func (advanceJob) InsertOpts() river.InsertOpts {
	return river.InsertOpts{MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable, rivertype.JobStateRunning, rivertype.JobStateScheduled,
	}}}
}

type advancer struct {
	river.WorkerDefaults[advanceJob]
	desk *Desk
}

// Work is of river.Worker. That a step failed is written down, with when to try again: for the queue the job is done.
func (a *advancer) Work(ctx context.Context, job *river.Job[advanceJob]) error {
	_, _ = a.desk.drive(ctx, job.Args.Order, true)
	return ctx.Err()
}

// lookJob looks for orders that are due.
type lookJob struct{}

// Kind is of river.JobArgs.
func (lookJob) Kind() string { return "order.look" }

type looker struct {
	river.WorkerDefaults[lookJob]
	desk *Desk
}

// Work is of river.Worker.
func (l *looker) Work(ctx context.Context, _ *river.Job[lookJob]) error {
	if err := l.desk.Fetch(ctx); err != nil {
		l.desk.Log.Warn("the payment gateway cannot be asked for news", "error", err)
	}
	return l.desk.look(ctx, river.ClientFromContext[pgx.Tx](ctx))
}

// look makes a job of every order that is due. It is due again a little later: a job that ended just now may have kept this one away.
func (d *Desk) look(ctx context.Context, client *river.Client[pgx.Tx]) error {
	return d.DB.InTx(ctx, func(tx *db.Tx) error {
		now := d.Now()
		rows, err := tx.Query(ctx, `
			WITH due AS (SELECT id FROM orders.placed WHERE due_at <= $1 ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED)
			UPDATE orders.placed o SET due_at = $3 FROM due WHERE o.id = due.id RETURNING o.id`, now, dueAtOnce, now.Add(leased))
		if err != nil {
			return fmt.Errorf("look for orders that are due: %w", err)
		}
		due, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		if err != nil {
			return fmt.Errorf("look for orders that are due: %w", err)
		}
		if len(due) == 0 {
			return nil
		}
		jobs := make([]river.InsertManyParams, len(due))
		for i, id := range due {
			jobs[i] = river.InsertManyParams{Args: advanceJob{Order: id}}
		}
		if _, err := client.InsertManyTx(ctx, tx, jobs); err != nil {
			return fmt.Errorf("make jobs of %d orders: %w", len(due), err)
		}
		return nil
	})
}

// warnings leaves out what is not worth a person's look: the queue counts its jobs aloud.
type warnings struct{ slog.Handler }

// Enabled is of slog.Handler.
func (w warnings) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && w.Handler.Enabled(ctx, l)
}

// Run drives the orders that nobody else does until ctx is done. subscribe calls with the topics of committed changes.
func (d *Desk) Run(ctx context.Context, subscribe func(wake func(topics []string)) (stop func())) error {
	known := river.NewWorkers()
	river.AddWorker(known, &advancer{desk: d})
	river.AddWorker(known, &looker{desk: d})
	client, err := river.NewClient(riverpgxv5.New(d.DB.Pool), &river.Config{
		Schema: db.QueueSchema, Logger: slog.New(warnings{d.Log.Handler()}), Workers: known, JobTimeout: stepWithin, CompletedJobRetentionPeriod: time.Hour,
		// A process that was killed leaves its jobs running, and no order has two.
		RescueStuckJobsAfter: stepWithin + 15*time.Second,
		Queues:               map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: workers}},
		PeriodicJobs: []*river.PeriodicJob{river.NewPeriodicJob(river.PeriodicInterval(lookEvery), func() (river.JobArgs, *river.InsertOpts) {
			return lookJob{}, &river.InsertOpts{MaxAttempts: 1}
		}, &river.PeriodicJobOpts{RunOnStart: true})},
	})
	if err != nil {
		return fmt.Errorf("open the queue of jobs: %w", err)
	}
	woken := make(chan struct{}, 1)
	defer subscribe(func(topics []string) {
		for _, t := range topics {
			if t == dueTopic {
				select {
				case woken <- struct{}{}:
				default:
				}
			}
		}
	})()
	if err := client.Start(ctx); err != nil {
		return fmt.Errorf("start the queue of jobs: %w", err)
	}
	for {
		select {
		case <-woken:
			if err := d.look(ctx, client); err != nil && ctx.Err() == nil {
				d.Log.Warn("due orders wait for the next look", "error", err)
			}
		case <-client.Stopped(): // with ctx
			return ctx.Err()
		}
	}
}

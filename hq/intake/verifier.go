package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/feed"
)

const (
	// verifierSilent is how long nothing is heard of a verification that somebody does.
	verifierSilent = 2 * time.Minute
	// beatEvery is how often a verification says how far it is.
	beatEvery = time.Second
	// keptFindings is how many findings are kept: who has more has one cause.
	keptFindings = 1000
)

// Verification is the newest of the journals of a place, or of one till of it.
type Verification struct {
	Scope
	By      uuid.UUID
	AskedAt time.Time
	// Total is how many entries there were when it was asked for, Done how many were read.
	Total, Done int64
	// EndedAt is nil while it lasts. Failed says that it ended without an answer.
	EndedAt  *time.Time
	Failed   bool
	Findings []Finding
}

// Running says that somebody works on it.
func (v Verification) Running() bool { return v.EndedAt == nil && !v.Failed }

// Verifier verifies journals for people who do not wait: one scope after the other, in the background. What it finds is kept, so
// that any process of headquarters shows it.
type Verifier struct {
	desk *Desk
	db   *db.DB
	log  *slog.Logger
	now  func() time.Time
	work sync.WaitGroup
	turn sync.Mutex // one connection is enough for all
	// ctx is of the work, which outlives the request that asked for it, and ends with the verifier.
	ctx  context.Context
	stop context.CancelFunc
}

// NewVerifier is a verifier; close it.
func NewVerifier(desk *Desk) *Verifier {
	ctx, stop := context.WithCancel(context.Background())
	return &Verifier{desk: desk, db: desk.db, log: desk.log, now: desk.now, ctx: ctx, stop: stop}
}

// Close gives up what is under way, and waits for that.
func (v *Verifier) Close() {
	v.stop()
	v.Wait()
}

// Wait waits for what was asked for.
func (v *Verifier) Wait() { v.work.Wait() }

// Ask begins to verify scopes, each of a place or of one of its tills, in somebody's name. One that is under way goes on.
func (v *Verifier) Ask(ctx context.Context, scopes []Scope, by uuid.UUID) error {
	var mine []Scope
	err := v.db.InTx(ctx, func(tx *db.Tx) error {
		mine = nil
		for _, s := range scopes {
			tag, err := tx.Exec(ctx, `
				INSERT INTO journal.verification AS v (store_id, till_id, by_id, asked_at, beat_at, total)
				VALUES ($1, $2, $3, $4, now(), (SELECT coalesce(sum(seq - fork_seq), 0) FROM journal.branch WHERE store_id = $1 AND ($5 OR till_id = $2)))
				ON CONFLICT (store_id, till_id) DO UPDATE SET by_id = excluded.by_id, asked_at = excluded.asked_at, beat_at = excluded.beat_at,
					total = excluded.total, done = 0, ended_at = NULL, failed = false, findings = '[]'
				WHERE v.ended_at IS NOT NULL OR v.failed OR v.beat_at <= now() - $6::interval`,
				s.Store, s.Till, by, v.now(), s.Till == uuid.Nil, verifierSilent)
			if err != nil {
				return err
			}
			if tag.RowsAffected() > 0 {
				mine = append(mine, s)
			}
		}
		feed.Mark(tx, Topic)
		return nil
	})
	if err != nil {
		return fmt.Errorf("ask for a verification: %w", err)
	}
	v.work.Go(func() {
		v.turn.Lock()
		defer v.turn.Unlock()
		for i, s := range mine {
			v.verify(s, mine[i+1:])
		}
	})
	return nil
}

// verify does one; the others that wait for it are kept from looking abandoned.
func (v *Verifier) verify(s Scope, waiting []Scope) {
	var last time.Time
	beat := func(read int64) {
		if time.Since(last) >= beatEvery {
			last = time.Now()
			v.say(v.ctx, s, `UPDATE journal.verification SET done = $3, beat_at = now() WHERE store_id = $1 AND till_id = $2`, read)
			for _, w := range waiting {
				v.say(v.ctx, w, `UPDATE journal.verification SET beat_at = now() WHERE store_id = $1 AND till_id = $2`)
			}
		}
	}
	beat(0)
	var entries int64
	faults, err := v.desk.VerifyScope(v.ctx, s, func(read int64) {
		if read == entries { // all are read, and figures are compared: the page says so
			last = time.Time{}
		}
		entries = read
		beat(read)
	})
	after, cancel := context.WithTimeout(context.WithoutCancel(v.ctx), 10*time.Second)
	defer cancel()
	if err != nil {
		v.log.Error("verification", "store", s.Store, "till", s.Till, "error", err)
		v.say(after, s, `UPDATE journal.verification SET failed = true WHERE store_id = $1 AND till_id = $2`)
		return
	}
	findings := make([]Finding, 0, len(faults))
	for _, f := range faults[:min(len(faults), keptFindings)] {
		findings = append(findings, f.Finding())
	}
	v.log.Info("journals verified", "store", s.Store, "till", s.Till, "entries", entries, "faults", len(faults))
	v.say(after, s, `UPDATE journal.verification SET done = $3, ended_at = $4, findings = $5 WHERE store_id = $1 AND till_id = $2`, entries, v.now(), findings)
}

// say writes how far a verification is, outside of its transaction, and wakes who looks at it.
func (v *Verifier) say(ctx context.Context, s Scope, statement string, args ...any) {
	err := v.db.InTx(ctx, func(tx *db.Tx) error {
		feed.Mark(tx, Topic)
		_, err := tx.Exec(ctx, statement, append([]any{s.Store, s.Till}, args...)...)
		return err
	})
	if err != nil && v.ctx.Err() == nil {
		v.log.Warn("verification does not say how far it is", "store", s.Store, "till", s.Till, "error", err)
	}
}

// Verifications gives the newest of each scope. What nothing is heard of any more has failed.
func (d *Desk) Verifications(ctx context.Context) ([]Verification, error) {
	rows, err := d.db.Query(ctx, `
		SELECT store_id, till_id, by_id, asked_at, total, done, ended_at, failed OR ended_at IS NULL AND beat_at <= now() - $1::interval, findings
		FROM journal.verification ORDER BY store_id, till_id`, verifierSilent)
	if err != nil {
		return nil, fmt.Errorf("list verifications: %w", err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (v Verification, err error) {
		var findings []byte
		if err := row.Scan(&v.Store, &v.Till, &v.By, &v.AskedAt, &v.Total, &v.Done, &v.EndedAt, &v.Failed, &findings); err != nil {
			return v, err
		}
		return v, json.Unmarshal(findings, &v.Findings)
	})
	if err != nil {
		return nil, fmt.Errorf("list verifications: %w", err)
	}
	return all, nil
}

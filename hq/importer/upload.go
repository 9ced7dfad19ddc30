package importer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/users"
	"comptant/shared/retail"
)

const (
	// MaxUpload is how large a file a browser may bring; hq import takes larger ones.
	MaxUpload = 64 << 20
	// kept is how long an upload waits for somebody to confirm it.
	kept = 24 * time.Hour
	// silent is how long nothing is heard of work that somebody does.
	silent = 2 * time.Minute
	// shownBad is how many bad rows an upload remembers.
	shownBad = 10_000
)

// State is where an upload stands.
type State string

// The states. A file that is checked is imported, or left alone until it is forgotten.
const (
	Checking   State = "checking"
	Checked    State = "checked"
	Unreadable State = "unreadable"
	Importing  State = "importing"
	Imported   State = "imported"
	Failed     State = "failed" // nothing was imported
)

// Upload is a file that somebody brought, without its bytes.
type Upload struct {
	ID    uuid.UUID
	Kind  Kind
	Name  string
	State State
	Done  int64 // rows so far
	Plan  Outcome
	// Problem says why the file cannot be read.
	Problem string
	By      uuid.UUID
	At      time.Time
}

// Running tells whether somebody works on it.
func (u Upload) Running() bool { return u.State == Checking || u.State == Importing }

// Outcome is what a plan comes to, as an upload remembers it.
type Outcome struct {
	New, Changed, Ended, Unchanged int
	// Bad are the first bad rows, AllBad is how many there are.
	Bad     []Bad
	AllBad  int
	Ignored []string
}

// Desk takes files from people: it keeps each until it is imported, so that what is imported is what was previewed, and works on
// them one by one in the background.
type Desk struct {
	db   *db.DB
	log  *slog.Logger
	now  func() time.Time
	work sync.WaitGroup
	// ctx is of the work, which outlives the request that asked for it, and ends with the desk: what is not done then is as if
	// it was never begun.
	ctx  context.Context
	stop context.CancelFunc
}

// NewDesk is a desk; close it.
func NewDesk(d *db.DB, log *slog.Logger, now func() time.Time) *Desk {
	ctx, stop := context.WithCancel(context.Background())
	return &Desk{db: d, log: log, now: now, ctx: ctx, stop: stop}
}

// Close gives up what is under way, and waits for that.
func (d *Desk) Close() {
	d.stop()
	d.work.Wait()
}

// Take keeps a file and begins to check it. Files that nobody confirmed for a day are forgotten.
func (d *Desk) Take(ctx context.Context, kind Kind, name string, in io.Reader, by uuid.UUID) (uuid.UUID, error) {
	if needed[kind] == nil {
		return uuid.Nil, &retail.Error{Code: retail.Invalid, Key: "import.kind_unknown"}
	}
	data, err := io.ReadAll(io.LimitReader(in, MaxUpload+1))
	if err != nil {
		return uuid.Nil, fmt.Errorf("take the file: %w", err)
	}
	switch {
	case len(data) == 0:
		return uuid.Nil, &retail.Error{Code: retail.Invalid, Key: "import.no_file"}
	case len(data) > MaxUpload:
		return uuid.Nil, &retail.Error{Code: retail.Invalid, Key: "import.too_large"}
	}
	id, err := uuid.NewV7()
	if err != nil {
		return id, fmt.Errorf("name the upload: %w", err)
	}
	at := d.now()
	if _, err := d.db.Exec(ctx, `DELETE FROM importer.upload WHERE at < $1`, at.Add(-kept)); err != nil {
		return id, fmt.Errorf("forget old uploads: %w", err)
	}
	_, err = d.db.Exec(ctx, `
		INSERT INTO importer.upload (id, kind, name, bytes, state, beat_at, by_id, at) VALUES ($1, $2, $3, $4, $5, now(), $6, $7)`,
		id, kind, clean(name), data, Checking, by, at)
	if err != nil {
		return id, fmt.Errorf("keep the file: %w", err)
	}
	d.begin(id, func(ctx context.Context) error { return d.check(ctx, id, kind, data) })
	return id, nil
}

// Upload gives one. Work that nothing is heard of any more has failed.
func (d *Desk) Upload(ctx context.Context, id uuid.UUID) (u Upload, err error) {
	var plan []byte
	var heard bool
	err = d.db.QueryRow(ctx, `
		SELECT id, kind, name, state, done, coalesce(plan, '{}'), problem, by_id, at, beat_at > now() - $2::interval FROM importer.upload
		WHERE id = $1`, id, silent).Scan(&u.ID, &u.Kind, &u.Name, &u.State, &u.Done, &plan, &u.Problem, &u.By, &u.At, &heard)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && u.At.Before(d.now().Add(-kept)) {
		return u, &retail.Error{Code: retail.NotFound, Key: "import.gone"}
	}
	if err == nil {
		err = json.Unmarshal(plan, &u.Plan)
	}
	if err != nil {
		return u, fmt.Errorf("read upload %s: %w", id, err)
	}
	if u.Running() && !heard {
		u.State = Failed
	}
	return u, nil
}

// Confirm begins to import what was previewed, which is recorded as somebody's. A file is imported once, whoever asks for it at
// the same time.
func (d *Desk) Confirm(ctx context.Context, id uuid.UUID, by users.Actor) error {
	u := Upload{ID: id}
	var data []byte
	err := d.db.QueryRow(ctx, `
		UPDATE importer.upload SET state = 'importing', done = 0, beat_at = now()
		WHERE id = $1 AND at >= $2 AND (state IN ('checked', 'failed') OR state = 'importing' AND beat_at <= now() - $3::interval)
			AND plan->'AllBad' = '0'
		RETURNING kind, name, bytes`, id, d.now().Add(-kept), silent).Scan(&u.Kind, &u.Name, &data)
	if errors.Is(err, pgx.ErrNoRows) {
		return &retail.Error{Code: retail.Conflict, Key: "import.not_ready"}
	}
	if err != nil {
		return fmt.Errorf("confirm upload %s: %w", id, err)
	}
	d.begin(id, func(ctx context.Context) error { return d.apply(ctx, u, by, data) })
	return nil
}

func (d *Desk) begin(id uuid.UUID, work func(context.Context) error) {
	d.work.Go(func() {
		err := work(d.ctx)
		if err == nil {
			return
		}
		d.log.Error("import", "upload", id, "error", err)
		after, cancel := context.WithTimeout(context.WithoutCancel(d.ctx), 10*time.Second)
		defer cancel()
		if _, err := d.db.Exec(after, `UPDATE importer.upload SET state = 'failed' WHERE id = $1`, id); err != nil {
			d.log.Error("import", "upload", id, "error", err)
		}
	})
}

// beat says how far the work is, outside of its transaction.
func (d *Desk) beat(ctx context.Context, id uuid.UUID) func(done int) {
	var last time.Time
	return func(done int) {
		if time.Since(last) < time.Second/2 {
			return
		}
		last = time.Now()
		if _, err := d.db.Exec(ctx, `UPDATE importer.upload SET done = $2, beat_at = now() WHERE id = $1`, id, done); err != nil {
			d.log.Warn("import does not say how far it is", "upload", id, "error", err)
		}
	}
}

func (d *Desk) check(ctx context.Context, id uuid.UUID, kind Kind, data []byte) error {
	file, err := Read(bytes.NewReader(data), kind, d.beat(ctx, id))
	if err != nil {
		_, err = d.db.Exec(ctx, `UPDATE importer.upload SET state = 'unreadable', problem = $2, bytes = '' WHERE id = $1`, id, err.Error())
		return err
	}
	plan, err := file.Preview(ctx, d.db)
	if err != nil {
		return err
	}
	_, err = d.db.Exec(ctx, `UPDATE importer.upload SET state = 'checked', plan = $2 WHERE id = $1`, id, outcome(file, plan))
	return err
}

func outcome(f *File, p Plan) Outcome {
	return Outcome{p.New, p.Changed, p.Ended, p.Unchanged, p.Bad[:min(len(p.Bad), shownBad)], len(p.Bad), f.Ignored}
}

func (d *Desk) apply(ctx context.Context, u Upload, by users.Actor, data []byte) error {
	file, err := Read(bytes.NewReader(data), u.Kind, d.beat(ctx, u.ID))
	if err != nil {
		return err
	}
	beat := d.beat(ctx, u.ID)
	file.Progress = func(done, _ int) { beat(done) }
	var plan Plan
	err = d.db.InTx(ctx, func(tx *db.Tx) (err error) {
		if plan, err = file.ApplyIn(ctx, tx, d.now()); err != nil {
			return err
		}
		return users.Record(ctx, tx, by, d.now(), Did(u.Kind, u.Name, plan))
	})
	if errors.Is(err, ErrBadRows) { // something has changed since the preview
		_, err = d.db.Exec(ctx, `UPDATE importer.upload SET state = 'checked', plan = $2 WHERE id = $1`, u.ID, outcome(file, plan))
		return err
	}
	if err != nil {
		return err
	}
	_, err = d.db.Exec(ctx, `UPDATE importer.upload SET state = 'imported', plan = $2, bytes = '' WHERE id = $1`, u.ID, outcome(file, plan))
	return err
}

// Did is what the audit log says of an import.
func Did(kind Kind, name string, p Plan) users.Change {
	return users.Change{
		Kind: users.DidImport, Subject: string(kind), Title: name, After: map[string]any{"kind": kind, "new": p.New, "changed": p.Changed},
	}
}

// CountUploads counts the files that people brought in the last day by where they stand, also where there are none.
func CountUploads(ctx context.Context, q Querier, now time.Time) (map[State]int64, error) {
	counts := map[State]int64{Checking: 0, Checked: 0, Unreadable: 0, Importing: 0, Imported: 0, Failed: 0}
	rows, err := q.Query(ctx, `
		SELECT CASE WHEN state IN ('checking', 'importing') AND beat_at <= now() - $2::interval THEN 'failed' ELSE state END, count(*)
		FROM importer.upload WHERE at >= $1 GROUP BY 1`, now.Add(-kept), silent)
	if err != nil {
		return nil, fmt.Errorf("count uploads: %w", err)
	}
	var state State
	var n int64
	if _, err := pgx.ForEachRow(rows, []any{&state, &n}, func() error { counts[state] = n; return nil }); err != nil {
		return nil, fmt.Errorf("count uploads: %w", err)
	}
	return counts, nil
}

// Querier is what reading needs: the pool or a transaction.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

package printer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"comptant/shared/retail"
	"comptant/terminal/till"
)

// Why a document is not on paper. The journal can print it again.
var (
	ErrFull    = errors.New("too much waits for the printer")
	ErrExpired = errors.New("it waited too long for the printer")
	ErrClosed  = errors.New("the till was closed before it was printed")
)

const (
	// mostWaiting bounds the queue: nobody wants a hundred old receipts at once.
	mostWaiting = 50
	// keepFor is when a document that was not printed is given up: its customer has left.
	keepFor = 10 * time.Minute
	// openWithin is when a drawer that could not be opened stays shut.
	openWithin = 2 * time.Second
	// grace is how long what waits may still be printed when the till is closed.
	grace = 5 * time.Second
)

// press puts documents on paper, one at a time: a printer, or a folder.
type press interface {
	// paper is what documents are laid out for.
	paper() Paper
	// print returns once the document is on paper.
	print(ctx context.Context, j *job, q *Queue) error
	// open opens the drawer at once, or says why not.
	open(ctx context.Context) error
}

// trouble is an error of a printer, and what a person is told of it.
type trouble struct {
	is  till.PrinterTrouble
	err error
}

func (t *trouble) Error() string { return t.err.Error() }
func (t *trouble) Unwrap() error { return t.err }

// job is a document on its way.
type job struct {
	Document
	asked time.Time
	// begun says that a part of it may be on paper already.
	begun   bool
	printed chan error
}

// Queue prints what it is given, one document after the other in the order in which they come, and tries again while the
// printer is off or has no paper. It may be used by several goroutines.
type Queue struct {
	press press
	log   *slog.Logger

	mu      sync.Mutex
	jobs    []*job
	state   till.PrinterState
	closed  bool
	changed []func()

	wake   chan struct{}
	drawer chan time.Time // when it was to be opened
	stop   context.CancelFunc
	done   chan struct{}
}

func newQueue(p press, log *slog.Logger) *Queue {
	ctx, stop := context.WithCancel(context.Background())
	q := &Queue{
		press: p, log: log, wake: make(chan struct{}, 1), drawer: make(chan time.Time, 1), stop: stop, done: make(chan struct{}),
	}
	go func() {
		defer close(q.done)
		q.run(ctx)
	}()
	return q
}

// Print returns when the receipt is on paper, or will never be: then the error says why. When ctx ends it is given up, unless
// it is being printed.
func (q *Queue) Print(ctx context.Context, r retail.Receipt) error {
	return q.put(ctx, Receipt(r, q.press.paper()))
}

// PrintReport prints an X or a Z, as Print does a receipt.
func (q *Queue) PrintReport(ctx context.Context, r retail.Report) error {
	return q.put(ctx, Report(r, q.press.paper()))
}

func (q *Queue) put(ctx context.Context, d Document) error {
	j := &job{Document: d, asked: time.Now(), printed: make(chan error, 1)}
	if err := q.add(j); err != nil {
		return fmt.Errorf("print %s: %w", d.Name, err)
	}
	select {
	case err := <-j.printed:
		return err
	case <-ctx.Done():
		q.finish(j, fmt.Errorf("print %s: %w", d.Name, ctx.Err()))
		return <-j.printed
	}
}

func (q *Queue) add(j *job) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return ErrClosed
	}
	if len(q.jobs) >= mostWaiting {
		return ErrFull
	}
	q.jobs = append(q.jobs, j)
	q.tell()
	q.nudge()
	return nil
}

// nudge has the goroutine look again.
func (q *Queue) nudge() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// finish takes a job out of the queue; the first word on it counts.
func (q *Queue) finish(j *job, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if i := slices.Index(q.jobs, j); i >= 0 {
		q.jobs = slices.Delete(q.jobs, i, i+1)
		j.printed <- err
		q.tell()
		q.nudge()
	}
}

// first is the job to print next; nil when there is none.
func (q *Queue) first() *job {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.jobs) == 0 {
		return nil
	}
	return q.jobs[0]
}

// State is what the till shows.
func (q *Queue) State() till.PrinterState {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := q.state
	if s.Waiting = len(q.jobs); s.Waiting > 0 {
		s.Since = q.jobs[0].asked
	}
	return s
}

// OnChange calls f whenever the state may have changed, from any goroutine. It must not block.
func (q *Queue) OnChange(f func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.changed = append(q.changed, f)
}

// tell is called with the lock held.
func (q *Queue) tell() {
	for _, f := range q.changed {
		f()
	}
}

// is notes how the printer is.
func (q *Queue) is(t till.PrinterTrouble, paperLow bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.state.Trouble == t && q.state.PaperLow == paperLow {
		return
	}
	q.state.Trouble, q.state.PaperLow = t, paperLow
	q.tell()
}

// File is where a document of that name is printed to; empty when that is on paper.
func (q *Queue) File(name string) string {
	if f, ok := q.press.(*Folder); ok {
		return filepath.Join(f.dir, name+".pdf")
	}
	return ""
}

// OpenDrawer opens the cash drawer within two seconds, or never.
func (q *Queue) OpenDrawer() {
	select {
	case q.drawer <- time.Now():
	default: // it is about to be opened
	}
}

// Close prints what it can within a few seconds. What then still waits is given up, and named.
func (q *Queue) Close() (waiting []string) {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.nudge()
	late := time.AfterFunc(grace, q.stop)
	<-q.done
	late.Stop()
	q.stop()
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, j := range q.jobs {
		waiting = append(waiting, j.Name)
		j.printed <- fmt.Errorf("print %s: %w", j.Name, ErrClosed)
	}
	q.jobs = nil
	return waiting
}

func (q *Queue) closing() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.closed
}

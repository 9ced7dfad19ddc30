package lane

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"comptant/shared/retail"
	"comptant/terminal/printer"
	"comptant/terminal/till"
)

var (
	_ till.Printer = (*press)(nil)
	_ till.Machine = (*press)(nil)
)

// press is the lane's own printer. Another may take its place while the till runs: what the old one has begun it ends.
type press struct {
	log *slog.Logger
	dir string

	mu      sync.Mutex
	queue   *printer.Queue
	target  string
	changed []func()
	closing sync.WaitGroup
}

func openPress(dir, target string, log *slog.Logger) (*press, error) {
	p := &press{dir: dir, log: log}
	return p, p.use(target)
}

// placeOf is where a till prints: to files in its folder when nothing is said.
func placeOf(dir, target string) string {
	if target == "" {
		return "folder:" + filepath.Join(dir, "receipts")
	}
	return target
}

// use prints elsewhere from now on. On an error nothing has changed.
func (p *press) use(target string) error {
	place := placeOf(p.dir, target)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.queue != nil && p.target == target {
		return nil
	}
	queue, err := printer.Open(place, p.log)
	if err != nil {
		return err
	}
	old := p.queue
	p.queue, p.target = queue, target
	for _, f := range p.changed {
		queue.OnChange(f)
	}
	if old != nil {
		p.closing.Go(func() { closeQueue(old, p.log) })
	}
	return nil
}

func (p *press) now() *printer.Queue {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.queue
}

func (p *press) Print(ctx context.Context, r retail.Receipt) error { return p.now().Print(ctx, r) }

func (p *press) PrintReport(ctx context.Context, r retail.Report) error {
	return p.now().PrintReport(ctx, r)
}

func (p *press) State() till.PrinterState { return p.now().State() }

func (p *press) OpenDrawer() { p.now().OpenDrawer() }

func (p *press) onChange(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.changed = append(p.changed, f)
	p.queue.OnChange(f)
}

// close prints what can be printed at once, and says what could not: the journal has it.
func (p *press) close() {
	closeQueue(p.now(), p.log)
	p.closing.Wait()
}

func closeQueue(q *printer.Queue, log *slog.Logger) {
	if waiting := q.Close(); len(waiting) > 0 {
		log.Warn("closed before everything was printed; the journal can print it again", "documents", waiting)
	}
}

// testWithin is how long a test page may take.
const testWithin = 15 * time.Second

// test prints a page at a place, which need not be where receipts are printed.
func (p *press) test(ctx context.Context, target, lang string, at time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, testWithin)
	defer cancel()
	p.mu.Lock()
	queue, same := p.queue, p.target == target
	p.mu.Unlock()
	if same {
		return queue.PrintTest(ctx, target, lang, at)
	}
	if err := printer.Reach(ctx, placeOf(p.dir, target)); err != nil {
		return err // and not after it was tried for a while
	}
	other, err := openPress(p.dir, target, p.log)
	if err != nil {
		return err
	}
	defer other.close()
	return other.queue.PrintTest(ctx, target, lang, at)
}

// CheckPrinter says whether receipts can be sent to a place at all; whether somebody answers there shows later.
func CheckPrinter(dir, target string, log *slog.Logger) error {
	p, err := openPress(dir, target, log)
	if err == nil {
		p.close()
	}
	return err
}

// errNoPress says that the lane was given a printer it does not own.
var errNoPress = errors.New("this lane's printer cannot be changed")

// UsePrinter prints elsewhere from now on, as printer.Open understands it; "" for files in the till's folder.
func (l *Lane) UsePrinter(target string) error {
	if l.press == nil {
		return errNoPress
	}
	if err := l.press.use(target); err != nil {
		return &retail.Error{Code: retail.Invalid, Key: till.KeySettingPrinter, Err: err}
	}
	return nil
}

// TestPrinter prints a test page at a place, and returns when it is on paper or cannot be.
func (l *Lane) TestPrinter(ctx context.Context, target string) error {
	if l.press == nil {
		return errNoPress
	}
	return l.press.test(ctx, target, l.Till.Lang(), l.now())
}

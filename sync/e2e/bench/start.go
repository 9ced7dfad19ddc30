package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"comptant/sync/e2e/fleet"
)

// Start is a till's program until somebody can sign in.
var Start = Row{
	Name:  "start",
	Work:  "the till's program from its start until its window shows who can sign in, 100,000 products, 100,000 past sales",
	Limit: "reading the files of its folder once",
	Open:  openStart,
}

// The goals of a start: how long it may take, in seconds, and how much more memory than an empty window, in bytes.
const (
	startWithin = 2.0
	startMemory = 150e6
)

// settled is how long a program that has started is left alone before its memory is looked at.
const settled = 2 * time.Second

// starter starts programs on a display of their own.
type starter struct {
	place               Place
	xvfb                *exec.Cmd
	display             string
	till, blank, folder string // two programs, and the till's folder
	n                   int
}

func openStart(ctx context.Context, place Place) (_ *Stand, err error) {
	s := &starter{place: place, folder: filepath.Join(place.Dir, "till")}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	products, err := goods(place.Data, place.size(catalogueSize, 1000))
	if err != nil {
		return nil, err
	}
	t, err := openCounter(ctx, place.Dir, products, place.size(pastSales, 200))
	if err != nil {
		return nil, err
	}
	if err := t.Close(); err != nil {
		return nil, err
	}
	if s.till, err = fleet.Build(ctx, place.Programs, "comptant/terminal/cmd/till"); err != nil {
		return nil, err
	}
	if s.blank, err = fleet.Build(ctx, place.Programs, "comptant/terminal/cmd/blank"); err != nil {
		return nil, err
	}
	if err := s.show(); err != nil {
		return nil, err
	}
	empty, err := s.memory(ctx, s.blank)
	if err != nil {
		return nil, err
	}
	n := place.size(5, 1)
	return &Stand{
		Parts: []Part{{
			Limit: func(_ context.Context, w *Watch) error {
				return repeat(n, w, func(int) error { return readFolder(s.folder) })
			},
			Product: func(ctx context.Context, w *Watch) error {
				var held float64
				w.Start()
				for range n {
					p, took, err := s.start(ctx, s.till, "run", "--dir", s.folder, "--theme", "light", "--backups", "0", "--ready")
					if err != nil {
						return err
					}
					w.Lap(took)
					time.Sleep(settled)
					grew, err := resident(p.Process.Pid)
					held = max(held, grew-empty)
					if err = errors.Join(err, end(p)); err != nil {
						return err
					}
				}
				w.Stop(n)
				w.Hold(held)
				return nil
			},
			Figure: Median, Unit: TimeP50, Charged: func() time.Duration { return familyTime(os.Getpid()) },
			Also: []Check{
				atMost("p50", Median, startWithin),
				{
					Name: "memory above an empty window", Unit: Bytes,
					Value: func(r Round) float64 { return r.Product.Held }, Most: func(Round) float64 { return startMemory },
				},
			},
		}},
		Note:  fmt.Sprintf("An empty window holds %.0f MB.", empty/1e6),
		Close: s.close,
	}, nil
}

// show opens a display.
func (s *starter) show() error {
	read, write, err := os.Pipe()
	if err != nil {
		return err
	}
	defer read.Close()
	s.xvfb = exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1024x768x24", "-noreset", "-nolisten", "tcp")
	s.xvfb.ExtraFiles = []*os.File{write}
	err = s.xvfb.Start()
	if err = errors.Join(err, write.Close()); err != nil {
		return fmt.Errorf("start Xvfb: %w", err)
	}
	var number int
	if _, err := fmt.Fscan(read, &number); err != nil {
		return fmt.Errorf("start Xvfb: %w", err)
	}
	s.display = fmt.Sprintf("DISPLAY=:%d", number)
	return nil
}

// start runs a program, whose last argument is the file it writes once its window is there, and waits for that.
func (s *starter) start(ctx context.Context, name string, args ...string) (*exec.Cmd, time.Duration, error) {
	s.n++
	ready := filepath.Join(s.place.Dir, fmt.Sprint("ready-", s.n))
	p := exec.CommandContext(ctx, name, append(args, ready)...)
	p.Env = append(os.Environ(), s.display, "LANG=C.UTF-8", "HOME="+s.place.Dir)
	began := time.Now()
	if err := p.Start(); err != nil {
		return nil, 0, err
	}
	for range 30_000 {
		if _, err := os.Stat(ready); err == nil {
			return p, time.Since(began), nil
		}
		time.Sleep(time.Millisecond)
	}
	return nil, 0, errors.Join(fmt.Errorf("%s has no window", filepath.Base(name)), end(p))
}

// memory is what a program holds once its window is there.
func (s *starter) memory(ctx context.Context, name string) (float64, error) {
	p, _, err := s.start(ctx, name)
	if err != nil {
		return 0, err
	}
	time.Sleep(settled)
	held, err := resident(p.Process.Pid)
	return held, errors.Join(err, end(p))
}

// end ends a program that was started here.
func end(p *exec.Cmd) error {
	if err := p.Process.Kill(); err != nil {
		return err
	}
	_ = p.Wait() // killed
	return nil
}

func (s *starter) close() error {
	if s.xvfb == nil || s.xvfb.Process == nil {
		return nil
	}
	return end(s.xvfb)
}

// readFolder reads every file of a folder.
func readFolder(dir string) error {
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		return err
	}
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		if info, failed := f.Stat(); failed == nil && info.Mode().IsRegular() {
			_, err = io.Copy(io.Discard, f)
		}
		if err = errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
	return nil
}

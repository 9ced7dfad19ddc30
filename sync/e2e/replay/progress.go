package replay

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"time"

	"comptant/sync/e2e/fleet"
)

// progress rewrites one line: a bar, the share, the sales so far, the rate, and what waits to be acknowledged.
type progress struct {
	quit, done chan struct{}
}

func newProgress(out io.Writer, total int, sold *atomic.Int64, tills map[int]*fleet.Till) *progress {
	p := &progress{quit: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(p.done)
		if out == nil {
			return
		}
		start := time.Now()
		tick := time.NewTicker(500 * time.Millisecond)
		defer tick.Stop()
		for {
			n := int(sold.Load())
			waiting := 0
			for _, t := range tills {
				if w, err := t.Ledger.Waiting(context.Background()); err == nil {
					waiting += w.Count
				}
			}
			const width = 30
			full := width * n / max(total, 1)
			fmt.Fprintf(out, "\r[%s%s] %3d %%  %d of %d sold, %.0f/s, %d waiting   ", strings.Repeat("#", full), strings.Repeat(".", width-full),
				100*n/max(total, 1), n, total, float64(n)/time.Since(start).Seconds(), waiting)
			select {
			case <-p.quit:
				fmt.Fprintln(out)
				return
			case <-tick.C:
			}
		}
	}()
	return p
}

func (p *progress) stop() {
	close(p.quit)
	<-p.done
}

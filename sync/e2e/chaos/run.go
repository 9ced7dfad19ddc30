package chaos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/sync/errgroup"
)

// Options say what to run.
type Options struct {
	// Seed decides what is sold, hit and killed.
	Seed uint64
	// Lasts is how long things are broken.
	Lasts time.Duration
	// Tills and HQs are how many processes there are of each.
	Tills, HQs int
	// Dir is an empty folder on a disk, which Postgres can enter.
	Dir string
	// Progress gets a line now and then; nil for none.
	Progress io.Writer
}

// Result is what a run did and found.
type Result struct {
	// Kills are by process and phase, Breaks and Strains by fault and message: see the document.
	Kills, Breaks, Strains Tally
	// Harmless are kills that count for nothing.
	Harmless int
	// Sales, Refunds, Counts (lines of them), Closes and Restocks are those in the journals of the tills, Printed the sales and
	// refunds whose receipt a customer holds. Recalled are the sales of tickets that were held.
	Sales, Refunds, Counts, Closes, Restocks, Printed, Recalled int
	// Orders are those that customers placed, Collected those of them that tills handed over; the others were declined, or there was
	// nothing left.
	Orders, Collected int
	// Agreed is how long after the end of the faults the last till showed headquarters' stock.
	Agreed time.Duration
	// Differences are everything that is not as it must be.
	Differences []string
}

// The least share of the kills, in percent.
const (
	leastHQ       = 5
	leastPostgres = 2
)

// Run builds a world, breaks it, mends it and compares.
func Run(ctx context.Context, o Options) (result Result, err error) {
	w := &world{tally: newTallies()}
	defer func() {
		if err != nil && w.log != nil {
			err = fmt.Errorf("%w\nthe log ends: %s", err, w.tail())
		}
		err = errors.Join(err, w.close())
	}()
	k := &killer{world: w, rand: source(o.Seed, "kills", 0)}
	if err := build(ctx, o, k); err != nil {
		return result, err
	}
	if err := w.breakThings(ctx, o, k); err != nil {
		return result, err
	}
	c := &comparison{world: w, result: &result}
	if err := c.heal(ctx); err != nil {
		return result, err
	}
	if err := c.compare(ctx, k); err != nil {
		return result, err
	}
	result.Kills, result.Breaks, result.Strains, result.Harmless = w.tally.kills, w.tally.breaks, w.tally.strains, w.tally.harmless
	c.shares()
	return result, nil
}

// breakThings lets the tills trade while the killer and the toxics work.
func (w *world) breakThings(ctx context.Context, o Options, k *killer) error {
	trading, stopTrading := context.WithCancel(ctx)
	defer stopTrading()
	breaking, stop := context.WithTimeout(ctx, o.Lasts)
	defer stop()
	w.calm.Store(false)
	trade, trading := errgroup.WithContext(trading)
	for _, l := range w.lanes {
		trade.Go(func() error { return l.trade(trading) })
	}
	trade.Go(func() error { return w.shop.trade(trading) })
	faults, faulting := errgroup.WithContext(breaking)
	for i, l := range w.lanes {
		faults.Go(func() error {
			l.killed(faulting, source(o.Seed, "kills", 1+i), len(w.lanes))
			return nil
		})
	}
	faults.Go(func() error { return k.run(faulting) })
	faults.Go(func() error {
		for pause(faulting, 5*time.Second) {
			if o.Progress != nil {
				tills, hq, postgres := k.counted()
				_, _ = fmt.Fprintf(o.Progress, "killed: tills %d, headquarters %d, Postgres %d; %s\n", tills, hq, postgres, w.tally.line())
			}
		}
		return nil
	})
	// A till that fails ends the run.
	faults.Go(func() error {
		select {
		case <-trading.Done():
			stop()
		case <-faulting.Done():
		}
		return nil
	})
	err := faults.Wait()
	w.calm.Store(true)
	stopTrading()
	if err = errors.Join(err, trade.Wait()); err != nil {
		return err
	}
	return ctx.Err()
}

// pause waits; it is false when the context ended first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

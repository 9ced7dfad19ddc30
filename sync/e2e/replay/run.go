package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/sync/e2e/fleet"
	"comptant/terminal/till"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"
)

// Options say how to replay.
type Options struct {
	// HQ is a headquarters to start, with an empty home.
	HQ *fleet.HQ
	// Dir is an empty folder for the tills.
	Dir string
	// Chaos cuts links and kills headquarters at random meanwhile.
	Chaos bool
	// Seed is of the random faults.
	Seed uint64
	// Progress gets a line that is rewritten; nil for none.
	Progress io.Writer
}

// Result is what came of a replay.
type Result struct {
	Sales        int
	Acknowledged int
	// Selling is from the first sale to the last acknowledgement.
	Selling time.Duration
	Units   int
	Revenue money.Amount
	// Kills and Cuts are the faults made.
	Kills, Cuts int
	// Differences name everything that is not as the history says.
	Differences []string
}

// Run replays a history.
func Run(ctx context.Context, h *History, o Options) (Result, error) {
	if err := o.HQ.Start(ctx); err != nil {
		return Result{}, err
	}
	defer func() { _ = o.HQ.Stop() }() // stopped or killed: the result stands
	if err := Import(ctx, h, o.HQ, o.Dir); err != nil {
		return Result{}, err
	}
	tills, err := open(ctx, h, o)
	defer func() {
		for _, t := range tills {
			_ = t.Close()
		}
	}()
	if err != nil {
		return Result{}, err
	}

	result := Result{Sales: h.Count()}
	var sold atomic.Int64
	progress := newProgress(o.Progress, result.Sales, &sold, tills)
	chaos := startChaos(ctx, o, tills)
	start := time.Now()
	group, selling := errgroup.WithContext(ctx)
	for store, t := range tills {
		group.Go(func() error { return sell(selling, t, h.Products, h.Sales[store], &sold) })
	}
	err = group.Wait()
	// Faults go on while what is left drains, except that headquarters must be up in the end.
	faults := chaos.stop()
	if err = errors.Join(err, faults.err); err != nil {
		progress.stop()
		return result, err
	}
	for _, t := range tills {
		if err := t.Drained(ctx); err != nil {
			progress.stop()
			return result, err
		}
	}
	result.Selling = time.Since(start)
	progress.stop()
	result.Kills, result.Cuts = faults.kills, faults.cuts

	for store, t := range tills {
		n, err := acknowledged(ctx, t)
		if err != nil {
			return result, err
		}
		result.Acknowledged += n
		if n != len(h.Sales[store]) {
			result.Differences = append(result.Differences, fmt.Sprintf("store %d: %d sales acknowledged, %d sold", store, n, len(h.Sales[store])))
		}
	}
	return result, compare(ctx, h, o.HQ, &result)
}

// open enrols and opens one till a store, and waits until each has the catalogue.
func open(ctx context.Context, h *History, o Options) (map[int]*fleet.Till, error) {
	tills := map[int]*fleet.Till{}
	var mu sync.Mutex
	log := slog.New(slog.DiscardHandler)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for _, s := range h.Stores {
		group.Go(func() error {
			dir := filepath.Join(o.Dir, StoreCode(s.ID))
			if err := fleet.Enrol(ctx, o.HQ, dir, StoreCode(s.ID), 1); err != nil {
				return err
			}
			t, err := fleet.Open(ctx, dir, log)
			if err != nil {
				return err
			}
			mu.Lock()
			tills[s.ID] = t
			mu.Unlock()
			return t.Loaded(ctx)
		})
	}
	return tills, group.Wait()
}

// sell commits every sale of a store, one transaction each.
func sell(ctx context.Context, t *fleet.Till, products []Product, sales []Sale, sold *atomic.Int64) error {
	stocked := map[int]retail.Product{}
	for _, p := range products {
		found, ok, err := t.Ledger.ByCode(ctx, fmt.Sprint(p.ID))
		if err != nil || !ok {
			return fmt.Errorf("product %d at the till: found %t, %w", p.ID, ok, err)
		}
		stocked[p.ID] = found
	}
	rates, err := t.Ledger.Rates(ctx)
	if err != nil {
		return err
	}
	prices, err := t.Ledger.Prices(ctx)
	if err != nil {
		return err
	}
	cashier := uuid.UUID{}
	shift := uint64(0)
	day := retail.Date(0)
	for _, s := range sales {
		if s.Date != day {
			if shift > 0 {
				if err := closeShift(ctx, t, cashier); err != nil {
					return err
				}
			}
			day, shift = s.Date, shift+1
			if _, err := t.Ledger.Commit(ctx, till.Draft{
				Kind: journal.KindShiftOpen, User: cashier, Shift: shift,
				Body: func(uint64) any { return retail.ShiftOpen{Shift: shift, BusinessDate: day} },
			}); err != nil {
				return err
			}
		}
		line := retail.NewLine(stocked[s.Product], money.Quantity(s.Units)*money.One, "en")
		totals := retail.Total([]retail.Line{line}, rates.On(day))
		sale, err := document(day, prices, line, totals, s.ID%3 == 0)
		if err != nil {
			return fmt.Errorf("sale %d: %w", s.ID, err)
		}
		if _, err := t.Ledger.Commit(ctx, till.Draft{
			Kind: journal.KindSale, User: cashier, Shift: shift, Numbered: true,
			Body: func(number uint64) any {
				sale.Number = number
				return sale
			},
		}); err != nil {
			return fmt.Errorf("sale %d: %w", s.ID, err)
		}
		sold.Add(1)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// closeShift writes the Z of the newest shift, as a cashier who counts exactly what is there.
func closeShift(ctx context.Context, t *fleet.Till, cashier uuid.UUID) error {
	var z retail.ShiftClose
	_, err := t.Ledger.Commit(ctx, till.Draft{
		Kind: journal.KindShiftClose, User: cashier, Final: true,
		Check: func(ctx context.Context) error {
			shift, err := t.Ledger.Shift(ctx)
			if err != nil {
				return err
			}
			before, err := t.Ledger.Perpetual(ctx)
			if err != nil {
				return err
			}
			totals, err := t.Ledger.Totals(ctx, shift)
			drawer := totals.Expect(shift.Float)
			z = retail.ShiftClose{
				Shift: shift.Number, BusinessDate: shift.BusinessDate, Currency: "CAD", Opened: shift.Opened,
				OpenedAt: shift.OpenedAt.UnixMilli(), Float: shift.Float, Totals: totals, Counted: drawer, Expected: drawer,
				Count: []retail.Denomination{{Value: 5, Count: int64(drawer / 5)}}, Perpetual: before + totals.Net(),
			}
			return err
		},
		Body: func(number uint64) any {
			z.Number = number
			return z
		},
	})
	return err
}

// document is the sale as a cashier would have made it: paid by card, or in cash rounded to 5 cents.
func document(day retail.Date, prices uint64, line retail.Line, totals retail.Totals, cash bool) (retail.Sale, error) {
	settled, err := retail.Settle(totals.Total), error(nil)
	if cash {
		due, _ := settled.LeftInCash()
		settled, err = settled.Cash(due)
	} else {
		settled, err = settled.Card(settled.Left(), "000000", "4417")
	}
	return retail.Sale{
		BusinessDate: day, Currency: "CAD", Prices: prices, Lines: []retail.Line{line}, Taxes: totals.Taxes,
		Tenders: settled.Tenders, Total: totals.Total, Rounding: settled.Rounding,
	}, err
}

// acknowledged counts the sales of a till that headquarters has acknowledged, from the till's own journal.
func acknowledged(ctx context.Context, t *fleet.Till) (int, error) {
	epochs, err := t.Ledger.Epochs(ctx)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, e := range epochs {
		for after := e.Floor; after < e.Acked; {
			b, err := t.Ledger.Read(ctx, e.Path(), after, 500, 1<<20)
			if err != nil {
				return 0, err
			}
			for i, raw := range b.Entries {
				entry, err := journal.Decode(raw)
				if err != nil {
					return 0, err
				}
				if entry.Kind == journal.KindSale && b.First+uint64(i) <= e.Acked {
					n++
				}
			}
			after = b.First + uint64(len(b.Entries)) - 1
		}
	}
	return n, nil
}

package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// voidAbove is how far the two readings of the limit may lie apart, as a part of the smaller.
const voidAbove = 0.25

// Round is the limit, the product, and the limit again.
type Round struct{ Before, Product, After Reading }

// limit is the mean of a figure over both readings of the limit.
func (r Round) limit(figure func(Reading) float64) float64 {
	return (figure(r.Before) + figure(r.After)) / 2
}

// ratio is the product's figure over the limit's.
func (r Round) ratio(figure func(Reading) float64) float64 {
	return figure(r.Product) / r.limit(figure)
}

// void says that the machine changed under the round.
func (r Round) void(figure func(Reading) float64) bool {
	a, b := figure(r.Before), figure(r.After)
	return max(a, b) > min(a, b)*(1+voidAbove)
}

// others is the share of the machine that others used, over the whole round.
func (r Round) others() float64 {
	var busy, all float64
	for _, x := range []Reading{r.Before, r.Product, r.After} {
		busy += x.Others * x.Elapsed.Seconds()
		all += x.Elapsed.Seconds()
	}
	return busy / all
}

// Result is what came of one part of a row.
type Result struct {
	Row  Row
	Part Part
	Note string
	// Rounds are those that count; Void is how many did not.
	Rounds []Round
	Void   int
	// Load is the machine's load average of one minute when the part began.
	Load string
}

// median is the middle of a value over the rounds that count; the mean of the two in the middle when there is no one.
func (r Result) median(value func(Round) float64) float64 {
	all := make([]float64, len(r.Rounds))
	for i, x := range r.Rounds {
		all[i] = value(x)
	}
	slices.Sort(all)
	n := len(all)
	return (all[(n-1)/2] + all[n/2]) / 2
}

// Ratio is the median, the least and the greatest ratio.
func (r Result) Ratio() (median, least, greatest float64) {
	ratio := func(x Round) float64 { return x.ratio(r.Part.Figure) }
	low := slices.MinFunc(r.Rounds, func(a, b Round) int { return cmp.Compare(ratio(a), ratio(b)) })
	high := slices.MaxFunc(r.Rounds, func(a, b Round) int { return cmp.Compare(ratio(a), ratio(b)) })
	return r.median(ratio), ratio(low), ratio(high)
}

// Options say how to run rows.
type Options struct {
	// Dir holds the folder of each row while it runs; it must be on a disk, unless Quick.
	Dir string
	// Rounds are run of each part. The first is dropped, and void ones are run again, at most as many times.
	Rounds int
	// Quick runs each part once, small.
	Quick bool
	// Data is the folder of real data sets; empty when there is none.
	Data string
	// Progress gets a line for each round; nil for none.
	Progress io.Writer
}

// Run measures rows one after the other.
func Run(ctx context.Context, rows []Row, o Options) (Report, error) {
	disk, err := diskOf(o.Dir)
	if err != nil {
		return Report{}, err
	}
	if !o.Quick {
		if err := disk.durable(); err != nil {
			return Report{}, err
		}
	}
	if o.Progress == nil {
		o.Progress = io.Discard
	}
	report := Report{Machine: newMachine(ctx, disk)}
	for _, row := range rows {
		if err := run(ctx, row, o, &report); err != nil {
			return report, fmt.Errorf("row %s: %w", row.Name, err)
		}
	}
	return report, nil
}

func run(ctx context.Context, row Row, o Options, report *Report) (err error) {
	dir := filepath.Join(o.Dir, row.Name)
	// Postgres, which refuses to be root, must be able to enter.
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	fmt.Fprintf(o.Progress, "%s: %s\n", row.Name, row.Work)
	stand, err := row.Open(ctx, Place{Dir: dir, Quick: o.Quick, Data: o.Data})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stand.Close()) }()
	if stand.Postgres != "" {
		report.Machine.Postgres = stand.Postgres
	}
	for _, part := range stand.Parts {
		result, err := rounds(ctx, part, o)
		if err != nil {
			return err
		}
		result.Row, result.Note = row, stand.Note
		report.Results = append(report.Results, result)
	}
	return nil
}

func rounds(ctx context.Context, part Part, o Options) (Result, error) {
	result := Result{Part: part, Load: loadAverage()}
	if o.Quick {
		r, err := one(ctx, part)
		result.Rounds = []Round{r}
		return result, err
	}
	for i := 0; len(result.Rounds) < o.Rounds-1 && i < 2*o.Rounds-1; i++ {
		r, err := one(ctx, part)
		if err != nil {
			return result, err
		}
		verdict := ""
		switch {
		case i == 0:
			verdict = "dropped: the first"
		case r.void(part.Figure):
			verdict = "void: the limit moved"
			result.Void++
		default:
			result.Rounds = append(result.Rounds, r)
		}
		fmt.Fprintf(o.Progress, "  %s round %d: limit %s, product %s, limit %s, ratio %.2f  %s\n", part.Name, i+1,
			part.Unit.format(part.Figure(r.Before)), part.Unit.format(part.Figure(r.Product)), part.Unit.format(part.Figure(r.After)),
			r.ratio(part.Figure), verdict)
	}
	return result, nil
}

// one runs a round.
func one(ctx context.Context, part Part) (r Round, err error) {
	for _, half := range []struct {
		work func(context.Context, *Watch) error
		into *Reading
	}{{part.Limit, &r.Before}, {part.Product, &r.Product}, {part.Limit, &r.After}} {
		w := newWatch(part.Charged, part.Beside)
		if err := half.work(ctx, w); err != nil {
			return r, err
		}
		if w.running || w.reading.Ops == 0 {
			return r, errors.New("nothing was measured")
		}
		*half.into = w.reading
	}
	return r, nil
}

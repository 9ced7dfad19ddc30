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

// Round is the limit, the product, the peer where there is one, and the limit again.
type Round struct{ Before, Product, Peer, After Reading }

// limit is the mean of a figure over both readings of the limit.
func (r Round) limit(figure func(Reading) float64) float64 {
	return (figure(r.Before) + figure(r.After)) / 2
}

// ratio is the product's figure over the limit's.
func (r Round) ratio(figure func(Reading) float64) float64 {
	return figure(r.Product) / r.limit(figure)
}

// peerRatio is the peer's figure over the limit's.
func (r Round) peerRatio(figure func(Reading) float64) float64 {
	return figure(r.Peer) / r.limit(figure)
}

// void says that the machine changed under the round.
func (r Round) void(figure func(Reading) float64) bool {
	a, b := figure(r.Before), figure(r.After)
	return max(a, b) > min(a, b)*(1+voidAbove)
}

// others is the share of the machine that others used, over the whole round.
func (r Round) others() float64 {
	var busy, all float64
	for _, x := range []Reading{r.Before, r.Product, r.Peer, r.After} {
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
	return r.spread(func(x Round) float64 { return x.ratio(r.Part.Figure) })
}

// PeerRatio is the same of the peer.
func (r Result) PeerRatio() (median, least, greatest float64) {
	return r.spread(func(x Round) float64 { return x.peerRatio(r.Part.Figure) })
}

func (r Result) spread(ratio func(Round) float64) (median, least, greatest float64) {
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
	// Peer measures the peer too in the rows that have one.
	Peer bool
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
	stand, err := row.Open(ctx, Place{Dir: dir, Programs: filepath.Join(o.Dir, "programs"), Quick: o.Quick, Peer: o.Peer, Data: o.Data, Progress: o.Progress})
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
		peer := ""
		if part.Peer != nil {
			peer = fmt.Sprintf(", peer %s (%.2f)", part.Unit.format(part.Figure(r.Peer)), r.peerRatio(part.Figure))
		}
		fmt.Fprintf(o.Progress, "  %s round %d: limit %s, product %s%s, limit %s, ratio %.2f  %s\n", part.Name, i+1,
			part.Unit.format(part.Figure(r.Before)), part.Unit.format(part.Figure(r.Product)), peer, part.Unit.format(part.Figure(r.After)),
			r.ratio(part.Figure), verdict)
	}
	return result, nil
}

// one runs a round.
func one(ctx context.Context, part Part) (r Round, err error) {
	if r.Before, err = read(ctx, part.Limit, newWatch(part.Charged, part.Beside)); err != nil {
		return r, err
	}
	if r.Product, err = read(ctx, part.Product, newWatch(part.Charged, part.Beside)); err != nil {
		return r, err
	}
	if part.Peer != nil {
		if r.Peer, err = read(ctx, part.Peer.Work, newWatch(part.Peer.Charged, nil)); err != nil {
			return r, fmt.Errorf("peer: %w", err)
		}
	}
	r.After, err = read(ctx, part.Limit, newWatch(part.Charged, part.Beside))
	return r, err
}

// read does some work once.
func read(ctx context.Context, work func(context.Context, *Watch) error, w *Watch) (Reading, error) {
	if err := work(ctx, w); err != nil {
		return Reading{}, err
	}
	if w.running || w.reading.Ops == 0 {
		return Reading{}, errors.New("nothing was measured")
	}
	return w.reading, nil
}

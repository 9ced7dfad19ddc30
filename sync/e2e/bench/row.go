package bench

import (
	"context"
	"io"
	"time"
)

// Row is a line of the table: one kind of work.
type Row struct {
	Name string
	// Work and Limit say what is measured, and against what.
	Work, Limit string
	// Open sets the row up.
	Open func(ctx context.Context, place Place) (*Stand, error)
}

// Place is where a row is set up, and how big.
type Place struct {
	// Dir is an empty folder of the row's own.
	Dir string
	// Programs is the folder of what was built, for all rows.
	Programs string
	// Quick asks for little work, to see that the row works: the figures mean nothing.
	Quick bool
	// Peer asks for the peer where the row has one.
	Peer bool
	// Data is the folder of real data sets; empty when there is none.
	Data string
	// Progress gets what the row has to say before it is measured.
	Progress io.Writer
}

// size is how much work to do.
func (p Place) size(full, quick int) int {
	if p.Quick {
		return quick
	}
	return full
}

// Stand is a row set up to be measured.
type Stand struct {
	Parts []Part
	// Note says what the row's figures were taken with, such as the number of tills.
	Note string
	// Postgres is the version of the one that was used; empty for none.
	Postgres string
	Close    func() error
}

// Part is one figure of a row, read from the limit and from the product in turn.
type Part struct {
	// Name is what is added to the row's; empty for its only or main figure.
	Name string
	// Limit and Product do the work once, under a watch.
	Limit, Product func(ctx context.Context, w *Watch) error
	// Peer is measured too; nil for none.
	Peer *Peer
	// Figure is what is compared, and Unit how it is written.
	Figure func(Reading) float64
	Unit   Unit
	// Goal bounds the ratio of the product's figure to the limit's.
	Goal Goal
	// Also are bounds of other figures of the same rounds.
	Also []Check
	// Charged is the processor time used so far by the processes the work is done in; nil for this process alone.
	// Beside is that of processes that only drive the work; nil for none.
	Charged, Beside func() time.Duration
}

// Peer is another product that does the same work, as far as it can.
type Peer struct {
	Name string
	// Work and Charged are what Product and Charged are of a part.
	Work    func(ctx context.Context, w *Watch) error
	Charged func() time.Duration
}

// Goal is a bound of a ratio. One of the two is set; none where the bounds are of other figures.
type Goal struct{ AtMost, AtLeast float64 }

// Met says whether a ratio keeps the bound.
func (g Goal) Met(ratio float64) bool {
	if g.AtLeast > 0 {
		return ratio >= g.AtLeast
	}
	return ratio <= g.AtMost
}

// Check is a figure that is not the ratio, with its bound. The medians over the rounds are compared.
type Check struct {
	Name  string
	Value func(Round) float64
	// Most is the greatest it may be; nil for a figure that is only shown.
	Most func(Round) float64
	Unit Unit
}

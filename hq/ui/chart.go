package ui

import (
	"context"
	"fmt"
	"strings"
)

// Bars is a bar chart over time with a tick at each bar for the period it is compared with.
// Values are in any one unit; Axis writes the ones beside the grid.
type Bars struct {
	Title    string // read aloud, and the caption of the table
	Now      string // names the bars: "aujourd'hui"
	Before   string // names the ticks: "dimanche précédent"; empty draws none
	Category string // names the labels in the table: "Heure"
	Axis     func(int64) string
	Points   []Point
}

// Point is one label on a chart's time axis with its values, also as texts for the table.
type Point struct {
	Label      string
	Now        int64
	NowText    string
	Before     int64
	BeforeText string
	Href       string // what Now is made of; optional
	Pending    bool   // not over yet: drawn pale, its label bold
	Future     bool   // not begun: only the comparison is drawn
}

// Lines is a line chart: solid with dots for now, dashed for before.
type Lines Bars

// Rank is a row of a ranking: a bar as long as its share of the first.
type Rank struct {
	Label  string
	Href   string // optional
	Text   string
	Note   string
	Value  int64
	Series int // colour of the chart palette, 1 to 6
}

// Meter is a level with the threshold it should not fall below.
type Meter struct {
	Label string // read aloud
	Value int64
	Max   int64
	Mark  int64 // 0 draws none
}

// scale maps values to percent of the plot's height, from the top.
type scale struct{ low, high, step int64 }

// scaleOf chooses two to five round steps that hold all points and zero.
func scaleOf(points []Point) scale {
	var low, high int64
	for _, p := range points {
		low, high = min(low, p.Now, p.Before), max(high, p.Now, p.Before)
	}
	step := int64(1)
	for magnitude := int64(1); ; magnitude *= 10 {
		for _, digit := range []int64{1, 2, 5} {
			step = digit * magnitude
			if high-low <= 4*step {
				s := scale{low: -roundUp(-low, step), high: roundUp(high, step), step: step}
				if s.high == s.low {
					s.high = step
				}
				return s
			}
		}
	}
}

// roundUp is the smallest multiple of step not below n, for n >= 0.
func roundUp(n, step int64) int64 { return (n + step - 1) / step * step }

func (s scale) grid() []int64 {
	var values []int64
	for v := s.high; v >= s.low; v -= s.step {
		values = append(values, v)
	}
	return values
}

// y is where a value stands, in percent from the top.
func (s scale) y(value int64) float64 {
	return 100 * float64(s.high-value) / float64(s.high-s.low)
}

// bar is top and height of a bar that stands on zero, or hangs from it when negative.
func (s scale) bar(value int64) (top, height float64) {
	return min(s.y(value), s.y(0)), max(s.y(value), s.y(0)) - min(s.y(value), s.y(0))
}

// slot is the middle of label i of n, in percent from the left.
func slot(i, n int) float64 { return 100 * (float64(i) + 0.5) / float64(n) }

func percent(v float64) string { return fmt.Sprintf("%.2f%%", v) }

// labelClass thins the labels: at most thirteen, and half of them on a phone.
func labelClass(i, n int, p Point) string {
	every := (n + 12) / 13
	switch {
	case i%every != 0:
		return "unlabelled"
	case p.Pending:
		return "pending"
	case (i/every)%2 == 1:
		return "minor"
	default:
		return ""
	}
}

// path joins values with a line in a box of 1000 by 1000.
func path(s scale, points []Point, value func(Point) (int64, bool)) string {
	var b strings.Builder
	command := "M"
	for i, p := range points {
		v, ok := value(p)
		if !ok {
			continue
		}
		fmt.Fprintf(&b, "%s%.1f %.1f", command, 10*slot(i, len(points)), 10*s.y(v))
		command = "L"
	}
	return b.String()
}

func nowOf(p Point) (int64, bool)    { return p.Now, !p.Future }
func beforeOf(p Point) (int64, bool) { return p.Before, true }

// sparkY spreads a trend over the height, from its lowest to its highest value.
func sparkY(values []int64, value int64) float64 {
	low, high := values[0], values[0]
	for _, v := range values {
		low, high = min(low, v), max(high, v)
	}
	if low == high {
		return 50
	}
	return 6 + 88*float64(high-value)/float64(high-low)
}

func sparkX(i, n int) float64 { return 1 + 96*float64(i)/float64(max(1, n-1)) }

func sparkPath(values []int64) string {
	var b strings.Builder
	for i, v := range values {
		command := "L"
		if i == 0 {
			command = "M"
		}
		fmt.Fprintf(&b, "%s%.1f %.1f", command, 10*sparkX(i, len(values)), 10*sparkY(values, v))
	}
	return b.String()
}

// share is value as a part of whole, in percent, never outside 0 to 100.
func share(value, whole int64) string {
	if whole <= 0 {
		return "0%"
	}
	return percent(100 * float64(min(max(value, 0), whole)) / float64(whole))
}

func series(n int) string { return fmt.Sprintf("series-%d", max(1, min(n, 6))) }

func (b Bars) axis(ctx context.Context, v int64) string {
	if b.Axis == nil {
		return Number(ctx, v)
	}
	return b.Axis(v)
}

func (p Point) title(b Bars) string {
	var parts []string
	if !p.Future {
		parts = append(parts, b.Now+" "+p.NowText)
	}
	if b.Before != "" {
		parts = append(parts, b.Before+" "+p.BeforeText)
	}
	return p.Label + " : " + strings.Join(parts, ", ")
}

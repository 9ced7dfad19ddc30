package bench

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// Report is the table.
type Report struct {
	Machine Machine
	Results []Result
}

var columns = []string{"row", "limit", "product", "ratio (least to greatest)", "goal", "", "CPU an operation: limit, product", "rounds", "load, others"}

// lines are the cells of a result: its ratio, the peer's, then its other bounds.
func (r Result) lines() [][]string {
	name := r.Row.Name
	if r.Part.Name != "" {
		name += ", " + r.Part.Name
	}
	all := len(r.Rounds) + r.Void
	rounds := fmt.Sprintf("%d of %d", len(r.Rounds), all)
	if len(r.Rounds) == 0 {
		return [][]string{{name, "", "", "void", r.Part.Goal.String(), "not measured", "", rounds, r.Load}}
	}
	ratio, least, greatest := r.Ratio()
	lines := [][]string{{
		name,
		r.Part.Unit.format(r.median(func(x Round) float64 { return x.limit(r.Part.Figure) })),
		r.Part.Unit.format(r.median(func(x Round) float64 { return r.Part.Figure(x.Product) })),
		fmt.Sprintf("%.2f (%.2f to %.2f)", ratio, least, greatest),
		r.Part.Goal.String(), r.Part.Goal.verdict(ratio),
		duration(r.median(func(x Round) float64 { return x.limit(Reading.CPUEach) })) + ", " +
			duration(r.median(func(x Round) float64 { return x.Product.CPUEach() })),
		rounds, fmt.Sprintf("%s, %.0f %%", r.Load, 100*r.median(Round.others)),
	}}
	if r.Part.Peer != nil {
		lines = append(lines, r.peerLine(name))
	}
	for _, c := range r.Part.Also {
		value := r.median(c.Value)
		goal, met := "", ""
		if c.Most != nil {
			most := r.median(c.Most)
			goal, met = "≤ "+c.Unit.format(most), verdict(value <= most)
		}
		lines = append(lines, []string{name + ", " + c.Name, "", c.Unit.format(value), "", goal, met, "", "", ""})
	}
	return lines
}

// peerLine has the peer in the product's place: a column of its own would be empty in almost every line.
func (r Result) peerLine(name string) []string {
	ratio, least, greatest := r.PeerRatio()
	return []string{
		name + ", peer: " + r.Part.Peer.Name, "",
		r.Part.Unit.format(r.median(func(x Round) float64 { return r.Part.Figure(x.Peer) })),
		fmt.Sprintf("%.2f (%.2f to %.2f)", ratio, least, greatest), "", "",
		duration(r.median(func(x Round) float64 { return x.limit(Reading.CPUEach) })) + ", " +
			duration(r.median(func(x Round) float64 { return x.Peer.CPUEach() })),
		"", "",
	}
}

func (g Goal) String() string {
	switch {
	case g == Goal{}:
		return ""
	case g.AtLeast > 0:
		return fmt.Sprintf("≥ %g", g.AtLeast)
	}
	return fmt.Sprintf("≤ %g", g.AtMost)
}

// verdict says nothing where there is no goal.
func (g Goal) verdict(ratio float64) string {
	if g == (Goal{}) {
		return ""
	}
	return verdict(g.Met(ratio))
}

func verdict(met bool) string {
	if met {
		return "met"
	}
	return "**not met**"
}

// WriteTable writes the figures as a Markdown table.
func (r Report) WriteTable(w io.Writer) error {
	table := [][]string{columns}
	for _, x := range r.Results {
		table = append(table, x.lines()...)
	}
	widths := make([]int, len(columns))
	for _, line := range table {
		for i, cell := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	for i, line := range table {
		for j, cell := range line {
			fmt.Fprintf(&b, "| %s%s ", cell, strings.Repeat(" ", widths[j]-utf8.RuneCountInString(cell)))
		}
		b.WriteString("|\n")
		if i == 0 {
			for _, width := range widths {
				b.WriteString("|" + strings.Repeat("-", width+2))
			}
			b.WriteString("|\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

const explanation = `Written by ` + "`make bench`" + `; do not edit. One row alone: ` + "`make bench ROW=commit`" + `. With peers: ` + "`make bench PEER=1`" + `.

A figure counts only as a ratio within one run. Each round reads the physical limit, the product, and the limit again, on
the same disk and with the same durability; the first round is dropped, and a round whose two readings of the limit differ
by more than 25 % is void and run again. Where it is asked for, a *peer*, another product that does the same work, is read
between the product and the limit: its line has its figures where the product's are, and the row's note says what it makes
durable. Shown are medians over the rounds that count. *Load* is the machine's load average
of one minute when the figure was begun, *others* the share of the machine used by processes that belong to neither
side. Goals are what the project aims at, not what it has reached.
`

// WriteMarkdown writes the whole page.
func (r Report) WriteMarkdown(w io.Writer) error {
	m := r.Machine
	postgres := m.Postgres
	if postgres == "" {
		postgres = "not used"
	}
	if _, err := fmt.Fprintf(w, "# Benchmarks\n\n%s\n| machine | |\n|---|---|\n| processor | %s, %d cores |\n| memory | %s |\n| kernel | %s |\n"+
		"| disk | %s |\n| Go | %s |\n| Postgres | %s |\n| date | %s |\n| commit | %s |\n\n",
		explanation, m.CPU, m.Cores, m.Memory, m.Kernel, m.Disk, m.Go, postgres, m.At.Format(time.DateTime+" UTC"), m.Commit); err != nil {
		return err
	}
	if err := r.WriteTable(w); err != nil {
		return err
	}
	last := ""
	for _, x := range r.Results {
		if x.Row.Name == last {
			continue
		}
		last = x.Row.Name
		note := x.Note
		if note != "" {
			note = " " + note
		}
		if _, err := fmt.Fprintf(w, "\n**%s**: %s. Limit: %s.%s\n", x.Row.Name, x.Row.Work, x.Row.Limit, note); err != nil {
			return err
		}
	}
	return nil
}

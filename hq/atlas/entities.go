package atlas

import (
	"context"
	"slices"
	"strings"

	"comptant/hq/ui"
)

const (
	headHeight = 30 // of a box's title
	rowHeight  = 20
	textSize   = 12
	titleSize  = 13
)

// box is a table, or a domain, with a line for each column, or table.
type box struct {
	node
	title string
	note  string // shown where a pointer rests
	lines []line
}

// line is a name, what it is and what it names.
type line struct {
	name, kind, to string
	note           string // shown where a pointer rests
	key            bool
}

func newBox(title string, lines []line) *box {
	b := &box{title: title, lines: lines}
	b.w = width(title, titleSize) + 28
	for _, l := range lines {
		w := 24 + width(l.name, textSize) + 24
		if l.kind != "" {
			w += width(l.kind, textSize)
		}
		if l.to != "" {
			w += width(l.to, textSize) + 12
		}
		b.w = max(b.w, w)
	}
	b.h = headHeight + len(lines)*rowHeight + 6
	return b
}

func (b *box) draw(d *drawing) {
	d.add(`<rect class="box" x="%d" y="%d" width="%d" height="%d" rx="8"></rect>`, b.x, b.y, b.w, b.h)
	d.add(`<path class="box-head" d="M%d %d v-%d a8 8 0 0 1 8 -8 h%d a8 8 0 0 1 8 8 v%d z"></path>`, b.x, b.y+headHeight, headHeight-8, b.w-16, headHeight-8)
	d.noted(b.x+12, b.y+20, "box-title", b.title, b.note)
	for i, l := range b.lines {
		y := b.y + headHeight + i*rowHeight + 15
		class := "column"
		if l.key {
			class = "column key"
		}
		d.noted(b.x+12, y, class, l.name, l.note)
		if l.kind != "" {
			d.text(b.x+24+width(l.name, textSize), y, "kind", "start", l.kind)
		}
		if l.to != "" {
			d.text(b.x+b.w-12, y, "names", "end", l.to)
		}
	}
}

// kind is a type in the words of people who write SQL.
func kind(c Column) string {
	short := strings.NewReplacer("timestamp with time zone", "timestamptz", "timestamp without time zone", "timestamp", "character varying", "varchar", "integer", "int").
		Replace(c.Type)
	if c.Null {
		short += "?"
	}
	return short
}

// Entities draws the tables of a domain: keys are bold, a question mark is what may be missing, and what a column names
// stands at its right. References within the domain are lines, dashed when only the code holds to them.
func Entities(ctx context.Context, d Domain) string {
	return entities(d).svg(entitiesTitle(ctx, d), "")
}

func entitiesTitle(ctx context.Context, d Domain) string {
	return ui.T(ctx, "atlas.entities", "Domain", DomainName(ctx, d.Name))
}

// DomainName is what a domain is called.
func DomainName(ctx context.Context, name string) string {
	key := "atlas.domain." + name
	if word := ui.T(ctx, key); word != key {
		return word
	}
	return name
}

func entities(d Domain) *drawing {
	boxes := map[string]*box{}
	for _, t := range d.Tables {
		boxes[t.Name] = newBox(t.Name, columnLines(t))
		boxes[t.Name].note = t.Note
	}
	g, dashed := graph{gap: 24}, map[*edge]bool{}
	joined := map[*box]bool{}
	for _, t := range d.Tables {
		from := boxes[t.Name]
		for _, r := range t.References {
			to := boxes[r.Table]
			if r.Domain != d.Name || to == nil || to == from {
				continue
			}
			e := &edge{from: &to.node, to: &from.node, start: headHeight / 2}
			e.end = headHeight + t.places(r)[len(r.Columns)-1]*rowHeight + 11
			g.edges, dashed[e] = append(g.edges, e), !r.Declared
			joined[from], joined[to] = true, true
		}
	}
	var alone []*box
	for _, t := range d.Tables {
		if b := boxes[t.Name]; joined[b] {
			g.nodes = append(g.nodes, &b.node)
		} else {
			alone = append(alone, b)
		}
	}
	out := &drawing{}
	out.w, out.h = g.arrange()
	stack(alone, out)
	for _, e := range g.edges {
		// The head stands at what is named, on the left.
		e.turned = !e.turned
		class := "edge"
		if dashed[e] {
			class = "edge by-code"
		}
		out.arrow(e, class)
	}
	for _, t := range d.Tables {
		boxes[t.Name].draw(out)
	}
	return out
}

func columnLines(t Table) (lines []line) {
	for i, c := range t.Columns {
		l := line{name: c.Name, kind: kind(c), note: c.Note, key: c.Key}
		for _, r := range t.References {
			if t.places(r)[len(r.Columns)-1] == i {
				l.to = "→ " + r.Table
				if r.Domain != t.Domain {
					l.to = "→ " + r.to()
				}
			}
		}
		lines = append(lines, l)
	}
	return lines
}

// stack puts boxes that nothing joins below the others, in columns of about the same height.
func stack(alone []*box, d *drawing) {
	if len(alone) == 0 {
		return
	}
	const columns, gap = 3, 24
	slices.SortStableFunc(alone, func(a, b *box) int { return b.h - a.h })
	top := max(d.h+gap-margin, margin)
	var tall [columns]int
	var in [columns][]*box
	for _, b := range alone {
		c := 0
		for i := range tall {
			if tall[i] < tall[c] {
				c = i
			}
		}
		in[c] = append(in[c], b)
		b.y = top + tall[c]
		tall[c] += b.h + gap
		d.h = max(d.h, b.y+b.h+margin)
	}
	x := margin
	for _, column := range in {
		widest := 0
		for _, b := range column {
			b.x = x
			widest = max(widest, b.w)
		}
		x += widest + gap
		d.w = max(d.w, x-gap+margin)
	}
}

// Overview draws the domains as boxes with their tables, and which names rows of which.
func Overview(ctx context.Context, domains []Domain) string {
	return overview(ctx, domains).svg(ui.T(ctx, "atlas.overview"), "")
}

func overview(ctx context.Context, domains []Domain) *drawing {
	out, g := &drawing{}, graph{gap: 28}
	boxes := map[string]*box{}
	for _, d := range domains {
		var lines []line
		for _, t := range d.Tables {
			lines = append(lines, line{name: t.Name})
		}
		b := newBox(DomainName(ctx, d.Name), lines)
		boxes[d.Name] = b
		g.nodes = append(g.nodes, &b.node)
	}
	seen := map[[2]string]bool{}
	for _, d := range domains {
		for _, t := range d.Tables {
			for _, r := range t.References {
				pair := [2]string{r.Domain, d.Name}
				if r.Domain == d.Name || seen[pair] || boxes[r.Domain] == nil {
					continue
				}
				seen[pair] = true
				g.edges = append(g.edges, &edge{from: &boxes[r.Domain].node, to: &boxes[d.Name].node})
			}
		}
	}
	out.w, out.h = g.arrange()
	ports(&g, headHeight/2, 14)
	for _, e := range g.edges {
		e.turned = !e.turned
		out.arrow(e, "edge")
	}
	for _, d := range domains {
		boxes[d.Name].draw(out)
	}
	return out
}

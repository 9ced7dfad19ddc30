package atlas

import (
	"cmp"
	"context"
	"slices"

	"comptant/hq/ui"
)

const (
	stateHeight = 40
	portGap     = 32 // between edges that meet one side of a state
	loopHeight  = 46 // above a state that may become itself
)

// Title is what the machine is of.
func (m Machine) Title(ctx context.Context) string { return ui.T(ctx, m.word()) }

// Draw draws the states and the steps between them.
func (m Machine) Draw(ctx context.Context) string { return m.drawing(ctx).svg(m.Title(ctx), "") }

// Rows are the steps in words: from, what is done, to.
func (m Machine) Rows(ctx context.Context) (rows [][3]string) {
	for _, s := range m.Steps {
		from := "–"
		if s.From != "" {
			from = ui.T(ctx, m.stateWord(s.From))
		}
		rows = append(rows, [3]string{from, ui.T(ctx, m.deedWord(s.Deed)), ui.T(ctx, m.stateWord(s.To))})
	}
	return rows
}

func (m Machine) drawing(ctx context.Context) *drawing {
	g := graph{gap: 36}
	states, order, loops := map[string]*node{}, []string{}, map[string]string{}
	node := func(s string) *node {
		if states[s] == nil {
			n := &node{w: 16, h: 16}
			if s != "" {
				n.w, n.h = width(ui.T(ctx, m.stateWord(s)), titleSize)+36, stateHeight
			}
			states[s], order = n, append(order, s)
			g.nodes = append(g.nodes, n)
		}
		return states[s]
	}
	for _, s := range m.Steps {
		from, to, label := node(s.From), node(s.To), ui.T(ctx, m.deedWord(s.Deed))
		if from == to {
			loops[s.To] = label
			continue
		}
		i := slices.IndexFunc(g.edges, func(e *edge) bool { return e.from == from && e.to == to })
		if i < 0 {
			g.edges = append(g.edges, &edge{from: from, to: to})
			i = len(g.edges) - 1
		}
		if g.edges[i].label != "" {
			label = g.edges[i].label + ", " + label
		}
		g.edges[i].label, g.edges[i].width = label, width(label, textSize)
	}
	g.turn()
	for s, n := range states {
		if s != "" {
			n.h = max(n.h, portGap*(max(degree(&g, n, true), degree(&g, n, false))-1)+stateHeight)
		}
	}
	for s := range loops {
		states[s].h += 2 * loopHeight // above, and as much below, so that the middle stays
	}
	out := &drawing{}
	out.w, out.h = g.arrange()
	for s := range loops {
		states[s].y, states[s].h = states[s].y+loopHeight, states[s].h-2*loopHeight
	}
	ports(&g, 0, portGap)
	for _, e := range g.edges {
		out.arrow(e, "edge")
	}
	for _, e := range g.edges {
		label(out, e)
	}
	for _, s := range order {
		n := states[s]
		if s == "" {
			out.add(`<circle class="start" cx="%d" cy="%d" r="8"></circle>`, n.x+n.w/2, n.middle())
			continue
		}
		if text, ok := loops[s]; ok {
			x := n.x + n.w/2
			out.add(`<path class="edge" d="M%d %d c-12 -34 44 -34 32 -6"></path>`, x-16, n.y)
			out.add(`<path class="head" d="M%d %d l1 -10 l-9 5 z"></path>`, x+14, n.y)
			out.text(x, n.y-30, "label", "middle", text)
			out.w = max(out.w, x+width(text, textSize)/2+margin)
		}
		out.add(`<rect class="state" x="%d" y="%d" width="%d" height="%d" rx="%d"></rect>`, n.x, n.y, n.w, n.h, min(n.h/2, stateHeight/2))
		out.text(n.x+n.w/2, n.middle()+5, "state-name", "middle", ui.T(ctx, m.stateWord(s)))
	}
	return out
}

// degree is how many edges meet the right side of a node, or the left.
func degree(g *graph, n *node, right bool) (count int) {
	for _, e := range g.edges {
		if right && e.left() == n || !right && e.right() == n {
			count++
		}
	}
	return count
}

// ports spreads the edges along the sides of the nodes they meet, so that none hides another.
func ports(g *graph, top, gap int) {
	for _, n := range g.nodes {
		for _, right := range []bool{true, false} {
			var met []*edge
			for _, e := range g.edges {
				if right && e.way[0] == n || !right && e.way[len(e.way)-1] == n {
					met = append(met, e)
				}
			}
			other := func(e *edge) int {
				if right {
					return e.way[1].middle()
				}
				return e.way[len(e.way)-2].middle()
			}
			slices.SortStableFunc(met, func(a, b *edge) int { return cmp.Compare(other(a), other(b)) })
			for i, e := range met {
				at := n.h/2 + (2*i-len(met)+1)*gap/2
				switch {
				case top > 0:
					at = top + i*gap
				case n.h < stateHeight: // where it all begins
					at = n.h / 2
				}
				if right {
					e.start = at
				} else {
					e.end = at
				}
			}
		}
	}
}

// label writes what is done in the middle of the first part of an edge: above a line that is level, else on it.
func label(d *drawing, e *edge) {
	first, next := e.way[0], e.way[1]
	from, to := first.y+e.leave(), next.middle()
	if len(e.way) == 2 {
		to = next.y + e.arrive()
	}
	x, y := (first.x+first.w+next.x)/2, (from+to)/2-6
	if max(from-to, to-from) > 4 {
		y += 10
		d.add(`<rect class="ground" x="%d" y="%d" width="%d" height="18"></rect>`, x-e.width/2, y-13, e.width)
	}
	d.text(x, y, "label", "middle", e.label)
}

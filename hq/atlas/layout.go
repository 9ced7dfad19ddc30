package atlas

import (
	"cmp"
	"slices"
)

// graph is laid out in layers from left to right: every edge leads to the right, through the layers between, and the nodes
// of a layer are ordered so that few edges cross (Sugiyama's way, in its simplest form).
type graph struct {
	nodes []*node
	edges []*edge
	gap   int // between nodes of a layer
}

type node struct {
	w, h int
	x, y int // top left, once it is laid out
	rank int
	at   float64 // where its layer is sorted by
	in   []*node
	out  []*node
	bend bool // no node: where a long edge passes a layer
}

// edge leads from a node to another. Turned is against the layers: it was drawn from its end.
type edge struct {
	from, to *node
	label    string
	width    int // of the label
	turned   bool
	way      []*node // all it passes, with both ends, from left to right
	start    int     // where it leaves and ends, from the nodes' tops; the middle when 0
	end      int
}

// arrange gives every node its place, and returns the size of it all.
func (g *graph) arrange() (w, h int) {
	g.turn()
	layers := g.layer()
	for pass := range 8 {
		sortLayers(layers, pass%2 == 0)
	}
	for pass := range 6 {
		place(layers, g.gap, pass%2 == 0)
	}
	return g.shift(layers)
}

// turn has every edge lead away from where the walk began, so that there is no circle.
func (g *graph) turn() {
	const walking, done = 1, 2
	seen := map[*node]int{}
	var walk func(n *node)
	walk = func(n *node) {
		seen[n] = walking
		for _, e := range g.edges {
			switch {
			case e.turned || e.from != n || e.to == n:
			case seen[e.to] == walking:
				e.turned = true
			case seen[e.to] == 0:
				walk(e.to)
			}
		}
		seen[n] = done
	}
	for _, n := range g.nodes {
		if seen[n] == 0 {
			walk(n)
		}
	}
}

// left and right are the ends of an edge by layer.
func (e *edge) left() *node {
	if e.turned {
		return e.to
	}
	return e.from
}

func (e *edge) right() *node {
	if e.turned {
		return e.from
	}
	return e.to
}

// layer gives every node the first layer behind all that lead to it, and long edges a bend in each layer between.
func (g *graph) layer() (layers [][]*node) {
	for range g.nodes { // no way is longer
		for _, e := range g.edges {
			if e.from != e.to {
				e.right().rank = max(e.right().rank, e.left().rank+1)
			}
		}
	}
	for _, n := range g.nodes {
		for len(layers) <= n.rank {
			layers = append(layers, nil)
		}
		layers[n.rank] = append(layers[n.rank], n)
	}
	for _, e := range g.edges {
		if e.from == e.to {
			continue
		}
		e.way = []*node{e.left()}
		for rank := e.left().rank + 1; rank < e.right().rank; rank++ {
			bend := &node{rank: rank, h: 12, bend: true}
			layers[rank] = append(layers[rank], bend)
			e.way = append(e.way, bend)
		}
		e.way = append(e.way, e.right())
		for i := 1; i < len(e.way); i++ {
			e.way[i-1].out = append(e.way[i-1].out, e.way[i])
			e.way[i].in = append(e.way[i].in, e.way[i-1])
		}
	}
	return layers
}

// sortLayers orders each layer by the middle of its neighbours in the layer before, or behind.
func sortLayers(layers [][]*node, forth bool) {
	for i := range layers {
		layer := layers[i]
		if !forth {
			layer = layers[len(layers)-1-i]
		}
		for at, n := range layer {
			n.at = float64(at)
			if near := n.near(forth); len(near) > 0 {
				n.at = 0
				for _, m := range near {
					n.at += m.at / float64(len(near))
				}
			}
		}
		slices.SortStableFunc(layer, func(a, b *node) int { return cmp.Compare(a.at, b.at) })
		for at, n := range layer {
			n.at = float64(at)
		}
	}
}

func (n *node) near(forth bool) []*node {
	if forth {
		return n.in
	}
	return n.out
}

func (n *node) middle() int { return n.y + n.h/2 }

// place moves each node beside the middle of its neighbours, as far as the order lets it.
func place(layers [][]*node, gap int, forth bool) {
	for i := range layers {
		layer := layers[i]
		if !forth {
			layer = layers[len(layers)-1-i]
		}
		next, off, wishes := -1<<30, 0, 0
		for _, n := range layer {
			wish := n.y
			if near := n.near(forth); len(near) > 0 {
				sum := 0
				for _, m := range near {
					sum += m.middle()
				}
				wish = sum/len(near) - n.h/2
				wishes++
			}
			n.y = max(wish, next)
			if len(n.near(forth)) > 0 {
				off += n.y - wish
			}
			next = n.y + n.h + gap
		}
		for _, n := range layer {
			if wishes > 0 {
				n.y -= off / wishes
			}
		}
	}
}

// margin is around a drawing.
const margin = 12

// shift puts the layers side by side, with room for their labels, and everything to the right of and below the margin.
func (g *graph) shift(layers [][]*node) (w, h int) {
	room := make([]int, len(layers))
	for _, e := range g.edges {
		if e.from != e.to {
			r := e.left().rank
			room[r] = max(room[r], 56, e.width+36)
		}
	}
	top := 1 << 30
	for _, layer := range layers {
		for _, n := range layer {
			top = min(top, n.y)
		}
	}
	x := margin
	for rank, layer := range layers {
		widest := 0
		for _, n := range layer {
			widest = max(widest, n.w)
		}
		for _, n := range layer {
			n.x, n.y = x, n.y-top+margin
			if n.bend {
				n.w = widest
			}
			w, h = max(w, n.x+n.w+margin), max(h, n.y+n.h+margin)
		}
		x += widest + room[rank]
	}
	return w, h
}

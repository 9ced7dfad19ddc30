package ui

import (
	"fmt"
	"slices"
	"strings"
)

// PathKind is how a station of a path looks.
type PathKind string

// The kinds. What was left out is a station that the way passed by.
const (
	PathDone    PathKind = "done"
	PathNow     PathKind = "now"
	PathTrouble PathKind = "trouble" // now, and it does not go on
	PathToCome  PathKind = "to-come"
	PathLeftOut PathKind = "left-out"
	PathBack    PathKind = "back" // beside the way: where it went back, or ended badly
)

// Path is a way through stations. Those of the way stand in a line; others beside it, across from one of them, and are dashed.
type Path struct {
	Title    string // read aloud
	Stations []Station
	Legs     []Leg
}

// Station is a place on a path.
type Station struct {
	Name, Note string
	Icon       Icon
	Kind       PathKind
	// At is its place along the way; Beside stands across from the station of that place.
	At     int
	Beside bool
}

// Leg leads from a station to another, by their places in Path.Stations. Taken is whether anybody went there.
type Leg struct {
	From, To int
	Taken    bool
	Label    string
}

// pathLook is a path laid out in one direction. Along and across are those of the way: x and y when it lies, y and x when it stands.
type pathLook struct {
	Path
	standing             bool
	along, across        int // size of a station
	gap, between, margin int
	letters              int // of a line of a name
}

// lying is for a wide page, standing for a phone.
func (p Path) lying() pathLook {
	return pathLook{Path: p, along: 113, across: 72, gap: 16, between: 56, margin: 2, letters: 11}
}

func (p Path) standing() pathLook {
	return pathLook{Path: p, standing: true, along: 54, across: 150, gap: 20, between: 28, margin: 2, letters: 16}
}

// point is a place in the drawing.
func (l pathLook) point(along, across int) (x, y int) {
	if l.standing {
		return across, along
	}
	return along, across
}

// start is the corner of a station.
func (l pathLook) start(s Station) (along, across int) {
	along, across = l.margin+s.At*(l.along+l.gap), l.margin
	if s.Beside {
		across += l.across + l.between
	}
	return along, across
}

func (l pathLook) corner(s Station) (x, y int) { return l.point(l.start(s)) }

// box is the width and the height of a station.
func (l pathLook) box() (w, h int) { return l.point(l.along, l.across) }

// size is that of the drawing.
func (l pathLook) size() (w, h int) {
	across := l.across
	if slices.ContainsFunc(l.Stations, func(s Station) bool { return s.Beside }) {
		across += l.between + l.across
	}
	return l.point(2*l.margin+l.last()*(l.along+l.gap)+l.along, 2*l.margin+across)
}

// last is the place at the end of the way.
func (l pathLook) last() (at int) {
	for _, s := range l.Stations {
		at = max(at, s.At)
	}
	return at
}

func (l pathLook) viewBox() string {
	w, h := l.size()
	return fmt.Sprintf("0 0 %d %d", w, h)
}

// arrow is how long the head of a leg is.
const arrow = 9

// line is the way of a leg, and head the triangle at its end.
func (l pathLook) line(g Leg) (line, head string) {
	from, to := l.Stations[g.From], l.Stations[g.To]
	a, b := l.start(from)
	c, d := l.start(to)
	var points [][2]int
	var end [2]int // the direction it arrives in, along and across
	switch {
	case from.Beside == to.Beside && a < c:
		points, end = [][2]int{{a + l.along, b + l.across/2}, {c, d + l.across/2}}, [2]int{1, 0}
	case from.Beside == to.Beside:
		points, end = [][2]int{{a, b + l.across/2}, {c + l.along, d + l.across/2}}, [2]int{-1, 0}
	case to.Beside:
		points, end = l.over(a, c, b+l.across, d, 0), [2]int{0, 1}
	default: // back to the way
		points, end = l.over(a, c, b, d+l.across, l.along/4), [2]int{0, -1}
	}
	var text strings.Builder
	for i, p := range points {
		along, across := p[0], p[1]
		if i == len(points)-1 { // the head covers the end
			along, across = along-end[0]*(arrow-1), across-end[1]*(arrow-1)
		}
		x, y := l.point(along, across)
		fmt.Fprintf(&text, "%c%d %d", "ML"[min(i, 1)], x, y)
	}
	tip := points[len(points)-1]
	corner := func(back, side int) string {
		x, y := l.point(tip[0]-end[0]*back+end[1]*side, tip[1]-end[1]*back+end[0]*side)
		return fmt.Sprintf("%d %d", x, y)
	}
	return text.String(), "M" + corner(0, 0) + "L" + corner(arrow, 5) + "L" + corner(arrow, -5) + "Z"
}

// over leads between the way and what stands beside it: straight across, or along the middle between them. Aside keeps a leg back
// from lying on one there.
func (l pathLook) over(from, to, across, end, aside int) [][2]int {
	middle := (across + end) / 2
	start, stop := from+l.along/2+aside, to+l.along/2+aside
	if start == stop {
		return [][2]int{{start, across}, {stop, end}}
	}
	if aside == 0 {
		start += l.along / 4 // not where a leg arrives
	}
	return [][2]int{{start, across}, {start, middle}, {stop, middle}, {stop, end}}
}

// labelAt is where the words of a leg of a way that lies begin: beside it. Those at the last station have no room there, and end on its other side.
func (l pathLook) labelAt(g Leg) (x, y int, anchor string) {
	from := l.Stations[g.From]
	a, b := l.start(from)
	x, y = a+l.along/2, b+l.across+l.between/2-6 // above what goes to its side there
	if from.At == l.last() {
		return x - 6, y, "end"
	}
	return x + 6, y, "start"
}

// lines are a name in the lines it needs: one or two.
func (l pathLook) lines(name string) []string {
	if len([]rune(name)) <= l.letters {
		return []string{name}
	}
	first, rest, found := strings.Cut(name, " ")
	for found {
		word, more, another := strings.Cut(rest, " ")
		if len([]rune(first+" "+word)) > l.letters {
			break
		}
		first, rest, found = first+" "+word, more, another
	}
	if rest == "" {
		return []string{first}
	}
	return []string{first, rest}
}

// textAt is where a line of a station's text begins: name and note stand in the middle of its height together.
func (l pathLook) textAt(s Station, line, lines int) (x, y int) {
	const lineHeight = 16
	x, y = l.corner(s)
	_, h := l.box()
	return x + 31, y + (h-lines*lineHeight)/2 + line*lineHeight + 12
}

func (l pathLook) iconAt(s Station) (x, y int) {
	x, y = l.corner(s)
	_, h := l.box()
	return x + 8, y + h/2 - 9
}

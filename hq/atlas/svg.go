package atlas

import (
	"fmt"
	"html"
	"strings"
)

// drawing is an SVG that is being written. Its colours are classes of the dashboard's style sheet.
type drawing struct {
	body strings.Builder
	w, h int
}

func (d *drawing) add(format string, args ...any) { fmt.Fprintf(&d.body, format+"\n", args...) }

// text writes one line of text; anchor is start, middle or end.
func (d *drawing) text(x, y int, class, anchor, text string) {
	d.add(`<text x="%d" y="%d" class="%s" text-anchor="%s">%s</text>`, x, y, class, anchor, html.EscapeString(text))
}

// noted is a text from its start on, with a note for whoever rests the pointer on it.
func (d *drawing) noted(x, y int, class, text, note string) {
	if note == "" {
		d.text(x, y, class, "start", text)
		return
	}
	d.add("<g><title>%s</title>", html.EscapeString(note))
	d.text(x, y, class, "start", text)
	d.add("</g>")
}

// arrow is a curve along an edge, its head where the edge ends.
func (d *drawing) arrow(e *edge, class string) {
	first, last := e.way[0], e.way[len(e.way)-1]
	x, y := first.x+first.w, first.y+e.leave()
	var b strings.Builder
	fmt.Fprintf(&b, "M%d %d", x, y)
	head := [2]int{x, y}
	for _, n := range e.way[1:] {
		y2 := n.middle()
		if n == last {
			y2 = n.y + e.arrive()
		}
		half := (n.x - x) / 2
		fmt.Fprintf(&b, " C%d %d %d %d %d %d", x+half, y, n.x-half, y2, n.x, y2)
		x, y = n.x, y2
		if n.bend {
			x += n.w
			fmt.Fprintf(&b, " H%d", x)
		}
	}
	d.add(`<path class="%s" d="%s"></path>`, class, b.String())
	if e.turned {
		d.add(`<path class="head" d="M%d %d l9 -5 v10 z"></path>`, head[0], head[1])
		return
	}
	d.add(`<path class="head" d="M%d %d l-9 -5 v10 z"></path>`, x, y)
}

// leave and arrive are where an edge meets its left and its right node, from their tops.
func (e *edge) leave() int {
	if e.start == 0 {
		return e.way[0].h / 2
	}
	return e.start
}

func (e *edge) arrive() int {
	if e.end == 0 {
		return e.way[len(e.way)-1].h / 2
	}
	return e.end
}

// svg is the whole drawing; style, when there is one, makes it a file of its own.
func (d *drawing) svg(title, style string) string {
	head := fmt.Sprintf(`<svg class="drawing" xmlns="http://www.w3.org/2000/svg" role="img" aria-label="%s" width="%d" height="%d" viewBox="0 0 %d %d">`,
		html.EscapeString(title), d.w, d.h, d.w, d.h)
	if style != "" {
		style = "<style>\n" + style + "</style>\n" + `<rect class="ground" width="100%" height="100%"></rect>` + "\n"
	}
	return head + "\n<title>" + html.EscapeString(title) + "</title>\n" + style + d.body.String() + "</svg>\n"
}

// width is how wide a text is at most, in pixels: the sizes of Noto Sans, a little rounded up.
func width(text string, size int) int {
	sum := 0
	for _, r := range text {
		switch {
		case strings.ContainsRune("iljtfrI.,:;'()[]|! ", r):
			sum += 36
		case strings.ContainsRune("mwMWÉ%@→", r):
			sum += 92
		case r >= 'A' && r <= 'Z':
			sum += 68
		default:
			sum += 60
		}
	}
	return (sum*size + 99) / 100
}

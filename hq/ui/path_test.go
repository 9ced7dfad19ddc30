package ui

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// samplePath has a leg in every direction that there is.
func samplePath() Path {
	p := Path{Title: "Way"}
	for i := range 9 {
		p.Stations = append(p.Stations, Station{Name: "Payment authorised", Note: "14:32:08", Icon: IconOK, Kind: PathDone, At: i})
	}
	for _, at := range []int{1, 3, 8} {
		p.Stations = append(p.Stations, Station{Name: "Being undone", Icon: IconUndo, Kind: PathBack, At: at, Beside: true})
	}
	p.Legs = []Leg{
		{From: 0, To: 1, Taken: true},
		{From: 1, To: 9},
		{From: 7, To: 10, Taken: true},
		{From: 0, To: 10},
		{From: 10, To: 9, Taken: true},
		{From: 10, To: 4, Taken: true},
		{From: 8, To: 11, Label: "brought back"},
	}
	return p
}

// Whatever a path is, nothing of it lies outside its drawing, and a leg ends at the edge of the station it leads to.
func TestPathsStayInTheirDrawing(t *testing.T) {
	pairs := regexp.MustCompile(`(-?\d+) (-?\d+)`)
	p := samplePath()
	for name, l := range map[string]pathLook{"lying": p.lying(), "standing": p.standing()} {
		w, h := l.size()
		boxW, boxH := l.box()
		for _, s := range p.Stations {
			x, y := l.corner(s)
			require.True(t, x >= 0 && y >= 0 && x+boxW <= w && y+boxH <= h, "%s: %+v", name, s)
		}
		for _, g := range p.Legs {
			line, head := l.line(g)
			for _, pair := range pairs.FindAllStringSubmatch(line+" "+head, -1) {
				x, _ := strconv.Atoi(pair[1])
				y, _ := strconv.Atoi(pair[2])
				require.True(t, x >= 0 && y >= 0 && x <= w && y <= h, "%s: %+v: %s", name, g, pair[0])
			}
			tip := pairs.FindStringSubmatch(head)
			x, _ := strconv.Atoi(tip[1])
			y, _ := strconv.Atoi(tip[2])
			toX, toY := l.corner(p.Stations[g.To])
			onX, onY := x >= toX && x <= toX+boxW, y >= toY && y <= toY+boxH
			atEdge := x == toX || x == toX+boxW || y == toY || y == toY+boxH
			require.True(t, onX && onY && atEdge, "%s: %+v ends at %d %d", name, g, x, y)
		}
	}
	require.LessOrEqual(t, first(p.lying().size()), 1152, "as wide as a card on a wide page")
	require.LessOrEqual(t, first(p.standing().size()), 332, "as wide as a card on a phone")
}

// What is written beside a leg of a way that lies has room on its side: no letter is wider than 8.
func TestWordsOfLegsAreNotCut(t *testing.T) {
	l := samplePath().lying()
	w, _ := l.size()
	for _, g := range append(l.Legs, Leg{From: 0, To: 9, Label: "no stock"}) {
		x, _, anchor := l.labelAt(g)
		wide := 8 * len(g.Label)
		if anchor == "end" {
			x -= wide
		}
		require.True(t, x >= 0 && x+wide <= w, "%s from %d to %d", g.Label, x, x+wide)
	}
}

func first(a, _ int) int { return a }

func TestNamesOfStationsAreWrapped(t *testing.T) {
	l := samplePath().lying()
	for name, want := range map[string]string{
		"Placed": "Placed", "Payment authorised": "Payment|authorised", "Il en manque": "Il en|manque", "Annulation en cours": "Annulation|en cours",
		"Unteilbarlanges": "Unteilbarlanges",
	} {
		require.Equal(t, want, strings.Join(l.lines(name), "|"))
	}
	require.Equal(t, []string{"Goods missing"}, samplePath().standing().lines("Goods missing"), "a phone has room for longer lines")
}

func TestPathIsDrawnForWideAndNarrowPages(t *testing.T) {
	var b strings.Builder
	require.NoError(t, PathDrawing(samplePath()).Render(t.Context(), &b))
	page := b.String()
	require.Equal(t, 2, strings.Count(page, "<title>Way</title>"))
	require.Equal(t, 24, strings.Count(page, `class="station `))
	require.Equal(t, 1, strings.Count(page, "brought back"))
}

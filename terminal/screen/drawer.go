package screen

import (
	"fmt"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"comptant/shared/money"
	"comptant/shared/retail"
)

// drawer counts what is in one: notes, coins and rolls beside each other, one denomination after the other.
type drawer struct {
	words *Words
	kinds []retail.Denomination
	// groups are where notes, coins and rolls begin in kinds, and where the last ends.
	groups []int
	typed  []Entry
	at     int

	rows []*drawerRow
	sums []*Label
}

// newDrawer is a drawer nobody has counted; changed is called when a digit was typed.
func newDrawer(c retail.Currency, kinds []retail.Denomination, changed func()) drawer {
	d := drawer{kinds: kinds, groups: []int{0, len(c.Notes), len(c.Notes) + len(c.Coins)}}
	if last := len(kinds); last > d.groups[2] {
		d.groups = append(d.groups, last)
	}
	d.typed = make([]Entry, len(kinds))
	for i := range d.typed {
		d.typed[i] = Entry{Max: 4, Digits: true, Changed: func(string) { changed() }}
	}
	return d
}

// fill takes over what was counted before.
func (d *drawer) fill(count []retail.Denomination) {
	for i, kind := range d.kinds {
		for _, c := range count {
			if c.Value == kind.Value && c.Roll == kind.Roll && c.Count > 0 {
				d.typed[i].Set(strconv.FormatInt(c.Count, 10))
			}
		}
	}
}

const (
	drawerRowHeight  = 56
	leastDrawerRow   = 40
	mostDrawerHeight = 330
)

// largest is how many denominations the largest group has.
func (d *drawer) largest() int {
	most := 0
	for g := range len(d.groups) - 1 {
		most = max(most, d.groups[g+1]-d.groups[g])
	}
	return most
}

// pitch is how far apart rows are: what a thumb likes, or what fits.
func (d *drawer) pitch() float32 {
	return max(min(drawerRowHeight, (mostDrawerHeight-42)/float32(d.largest())), leastDrawerRow)
}

// height is what build needs.
func (d *drawer) height() float32 { return 50 + d.pitch()*float32(d.largest()) }

func (d *drawer) build(w *Words) fyne.CanvasObject {
	d.words, d.rows, d.sums = w, nil, nil
	var groups []fyne.CanvasObject
	for g, name := range []string{"count.bills", "count.coins", "count.rolls"}[:len(d.groups)-1] {
		ground := NewBox(Surface, Separator, border, radius)
		head := NewName(w.T(name), SizeBody, Foreground).Bold()
		sum := NewLabel("", SizeBody, Foreground, fyne.TextAlignTrailing).Bold()
		d.sums = append(d.sums, sum)
		objects := []fyne.CanvasObject{ground, head, sum}
		for n := d.groups[g]; n < d.groups[g+1]; n++ {
			row := newDrawerRow(d.name(d.kinds[n]), func() { d.step(n) })
			d.rows = append(d.rows, row)
			objects = append(objects, row)
		}
		rows := d.rows[d.groups[g]:]
		pitch := d.pitch()
		groups = append(groups, placed(fyne.Size{}, objects, func(size fyne.Size) {
			put(ground, 0, 0, size.Width, size.Height)
			put(head, 14, 8, size.Width/2, 32)
			put(sum, size.Width/2, 8, size.Width/2-14, 32)
			for i, r := range rows {
				put(r, 14, 42+float32(i)*pitch, size.Width-28, pitch-4)
			}
		}))
	}
	return NewGrid(len(groups), gap, groups...)
}

// name is a note, a coin or a roll.
func (d *drawer) name(kind retail.Denomination) string {
	text := pieceValue(d.words, kind.Value)
	if kind.Roll > 0 {
		text += fmt.Sprintf(" × %d", kind.Roll)
	}
	return text
}

// show writes the rows and their sums; it says how many denominations were counted.
func (d *drawer) show() (counted int) {
	for i, row := range d.rows {
		if d.typed[i].Text() != "" {
			counted++
		}
		row.set(d.typed[i].Text(), d.words.plain(d.pieces(i).Amount()), i == d.at)
	}
	for g, label := range d.sums {
		label.SetText(d.words.money(retail.Counted(d.count()[d.groups[g]:d.groups[g+1]])))
	}
	return counted
}

// pieces is what is typed of one denomination.
func (d *drawer) pieces(i int) retail.Denomination {
	kind := d.kinds[i]
	kind.Count, _ = strconv.ParseInt(d.typed[i].Text(), 10, 64) // nothing typed is none
	return kind
}

func (d *drawer) count() []retail.Denomination {
	all := make([]retail.Denomination, len(d.kinds))
	for i := range all {
		all[i] = d.pieces(i)
	}
	return all
}

func (d *drawer) sum() money.Amount { return retail.Counted(d.count()) }

// some says that something was typed.
func (d *drawer) some() bool {
	for i := range d.typed {
		if d.typed[i].Text() != "" {
			return true
		}
	}
	return false
}

// step goes to a denomination.
func (d *drawer) step(i int) {
	d.at = min(max(i, 0), len(d.kinds)-1)
	d.typed[d.at].changed()
}

// aside goes to the same place of the next group, or of the one before.
func (d *drawer) aside(by int) {
	for g := range len(d.groups) - 1 {
		to := g + by
		if d.at < d.groups[g] || d.at >= d.groups[g+1] || to < 0 || to >= len(d.groups)-1 {
			continue
		}
		d.step(min(d.groups[to]+d.at-d.groups[g], d.groups[to+1]-1))
		return
	}
}

func (d *drawer) Typed(r rune) { d.typed[d.at].Typed(r) }

// Pressed takes the keys that move among the denominations.
func (d *drawer) Pressed(key fyne.KeyName) {
	switch key {
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeyDown, fyne.KeyTab:
		d.step(d.at + 1)
	case fyne.KeyUp:
		d.step(d.at - 1)
	case fyne.KeyRight:
		d.aside(1)
	case fyne.KeyLeft:
		d.aside(-1)
	case fyne.KeyBackspace:
		d.typed[d.at].Erase()
	case fyne.KeyDelete:
		d.typed[d.at].Clear()
	}
}

func (*drawer) Scanned(string) {}

// buildPad is the keypad, and Enter for the next denomination; keys is who has the keyboard.
func (d *drawer) buildPad(keys Target) fyne.CanvasObject {
	spec := KeypadSpec{Height: HeightMain, Target: keys}
	spec.Left = NewBackspace(spec, Outlined)
	spec.Right = NewButton(ButtonSpec{Icon: IconEnter, Size: 28, Style: Quiet, Pressed: func() { d.step(d.at + 1) }})
	pad := NewKeypad(spec)
	ground := NewBox(Surface, Separator, border, radius)
	return placed(fyne.Size{}, []fyne.CanvasObject{ground, pad}, func(size fyne.Size) {
		put(ground, 0, 0, size.Width, size.Height)
		put(pad, 10, 10, size.Width-20, size.Height-20)
	})
}

// drawerRow is one denomination: its name, how many, and what they are worth.
type drawerRow struct {
	widget.BaseWidget
	name, worth *Label
	box         *NumberBox
}

func newDrawerRow(name string, pressed func()) *drawerRow {
	r := &drawerRow{
		name:  NewLabel(name, SizeAmount, Foreground, fyne.TextAlignLeading).Bold(),
		worth: NewLabel("", SizeBody, Muted, fyne.TextAlignTrailing),
		box:   NewNumberBox("", SizeHeading, leastDrawerRow-4, pressed),
	}
	r.ExtendBaseWidget(r)
	return r
}

func (r *drawerRow) set(count, worth string, active bool) {
	r.box.Set(count, active)
	r.worth.SetText(worth)
}

func (r *drawerRow) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(placed(fyne.NewSize(0, leastDrawerRow-4), []fyne.CanvasObject{r.name, r.box, r.worth}, func(size fyne.Size) {
		put(r.name, 0, 0, 110, size.Height)
		put(r.box, 110, 0, 84, size.Height)
		put(r.worth, 200, 0, size.Width-200, size.Height)
	}))
}

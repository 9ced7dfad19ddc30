package screen

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// Place is one of those the rail leads to.
type Place int

const (
	PlaceSell Place = iota
	PlaceStock
	PlaceOrders
	PlaceJournal
	PlaceShift
	PlaceSettings
	placeCount
)

// RailActions is what the rail does.
type RailActions struct {
	Go   func(Place)
	Lock func()
}

// Rail is the strip at the left: the places, and the lock at its foot.
type Rail struct {
	widget.BaseWidget
	ground, line *Box
	places       [placeCount]*railItem
	place        Place // the till is at
	lock         *railItem
}

// NewRail returns a rail at Sell.
func NewRail(words *Words, do RailActions) *Rail {
	r := &Rail{ground: NewBox(Surface, Transparent, 0, 0), line: NewBox(Separator, Transparent, 0, 0)}
	for p, icon := range []Icon{IconSell, IconStock, IconOrders, IconJournal, IconClock, IconSettings} {
		r.places[p] = newRailItem(icon, func() { do.Go(Place(p)) })
	}
	r.lock = newRailItem(IconLock, do.Lock)
	r.ExtendBaseWidget(r)
	r.Speak(words)
	return r
}

// Speak writes the rail in the language of words.
func (r *Rail) Speak(words *Words) {
	for p, key := range []string{"place.sell", "place.stock", "place.orders", "place.journal", "place.shift", "place.settings"} {
		r.places[p].text.SetText(words.T(key))
	}
	r.lock.text.SetText(words.T("place.lock"))
	r.At(r.place)
}

// At marks the place the till is at.
func (r *Rail) At(place Place) {
	r.place = place
	for p, item := range r.places {
		item.choose(Place(p) == place)
	}
}

// Remind marks the shift: it was left open.
func (r *Rail) Remind(on bool) {
	item := r.places[PlaceShift]
	if item.reminds != on {
		item.reminds = on
		item.choose(item.ground.Visible())
	}
}

// Count says at a place how much waits there; 0 for nothing.
func (r *Rail) Count(place Place, waits int) { r.places[place].count(waits) }

func (r *Rail) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{r.ground, r.line}
	for _, p := range r.places {
		objects = append(objects, p)
	}
	objects = append(objects, r.lock)
	return widget.NewSimpleRenderer(placed(fyne.NewSize(RailWidth, 0), objects, func(size fyne.Size) {
		put(r.ground, 0, 0, size.Width, size.Height)
		put(r.line, size.Width-1, 0, 1, size.Height)
		for i, p := range r.places[:PlaceSettings] {
			put(p, 0, 8+float32(i)*80, size.Width-1, 72)
		}
		put(r.places[PlaceSettings], 0, size.Height-140, size.Width-1, 64)
		put(r.lock, 0, size.Height-68, size.Width-1, 64)
	}))
}

// railItem is a place of the rail.
type railItem struct {
	widget.BaseWidget
	pressed     func()
	reminds     bool
	ground, bar *Box
	icon        *Glyph
	glyph       Icon
	text        *Label
	badge       *Box
	waits       *Label
}

func newRailItem(icon Icon, pressed func()) *railItem {
	i := &railItem{
		pressed: pressed,
		ground:  NewBox(Tint, Transparent, 0, radius),
		bar:     NewBox(Primary, Transparent, 0, 2),
		icon:    NewGlyph(icon, 26, Muted),
		glyph:   icon,
		text:    NewLabel("", 12, Muted, fyne.TextAlignCenter),
		badge:   NewBox(Primary, Transparent, 0, 10),
		waits:   NewLabel("", 12, OnPrimary, fyne.TextAlignCenter).Bold(),
	}
	i.count(0)
	i.ExtendBaseWidget(i)
	i.choose(false)
	return i
}

func (i *railItem) choose(on bool) {
	show(i.ground, on)
	show(i.bar, on)
	colour := Muted
	if on {
		colour = OnTint
	}
	if i.reminds {
		colour = Warn
	}
	i.icon.Set(i.glyph, colour)
	i.text.SetColour(colour)
	if i.text.SetBold(on); i.text.Width() > RailWidth-12 {
		i.text.SetBold(false) // a long word says enough by its colour
	}
}

// mostCounted is what a badge has room for.
const mostCounted = 99

func (i *railItem) count(waits int) {
	show(i.badge, waits > 0)
	show(i.waits, waits > 0)
	text := strconv.Itoa(waits)
	if waits > mostCounted {
		text = strconv.Itoa(mostCounted) + "+"
	}
	i.waits.SetText(text)
}

func (i *railItem) Tapped(*fyne.PointEvent) {
	if i.pressed != nil {
		i.pressed()
	}
}

func (i *railItem) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{i.ground, i.bar, i.icon, i.text, i.badge, i.waits}
	return widget.NewSimpleRenderer(placed(fyne.NewSize(RailWidth-1, 64), objects, func(size fyne.Size) {
		put(i.ground, 6, 0, size.Width-12, size.Height)
		put(i.bar, 0, 12, 4, size.Height-24)
		top := (size.Height - 48) / 2
		put(i.icon, (size.Width-26)/2, top, 26, 26)
		put(i.text, 0, top+30, size.Width, 18)
		const badge = 26
		put(i.badge, size.Width/2+6, top-6, badge, 20)
		put(i.waits, size.Width/2+6, top-6, badge, 20)
	}))
}

package screen

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// FeedbackRow is the strip above the ticket: what the last scan did. Its place never changes.
type FeedbackRow struct {
	widget.BaseWidget
	ground, line *Box
	icon         *Glyph
	text, note   *Label
}

// feedbackHeight is the height of the strip above the ticket.
const feedbackHeight = 40

// NewFeedbackRow returns an empty strip.
func NewFeedbackRow() *FeedbackRow {
	f := &FeedbackRow{
		ground: NewBox(Surface, Transparent, 0, 0),
		line:   NewBox(Separator, Transparent, 0, 0),
		icon:   NewGlyph("", 20, Muted),
		text:   NewName("", 14, Foreground),
		note:   NewLabel("", 14, Muted, fyne.TextAlignTrailing),
	}
	f.ExtendBaseWidget(f)
	return f
}

// Say writes what the strip is about, with a note at its end: "7 lines · 17 items".
func (f *FeedbackRow) Say(icon Icon, colour fyne.ThemeColorName, text, note string) {
	f.dress(Surface, colour, Foreground, icon, text, note)
	f.note.SetColour(Muted)
	f.text.SetBold(false)
}

// Added says that a scan is on the ticket.
func (f *FeedbackRow) Added(name, note string) { f.Say(IconOK, OK, name, note) }

// Refused says in red that a scan did nothing.
func (f *FeedbackRow) Refused(text string) {
	f.dress(Alarm, White, White, IconError, text, "")
	f.text.SetBold(true)
}

func (f *FeedbackRow) dress(ground, mark, words fyne.ThemeColorName, icon Icon, text, note string) {
	f.ground.Paint(ground, Transparent, 0)
	f.icon.Set(icon, mark)
	f.text.SetText(text)
	f.text.SetColour(words)
	f.note.SetText(note)
	f.Refresh()
}

func (f *FeedbackRow) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{f.ground, f.line, f.icon, f.text, f.note}
	return widget.NewSimpleRenderer(placed(fyne.NewSize(0, feedbackHeight), objects, func(size fyne.Size) {
		put(f.ground, 0, 0, size.Width, size.Height)
		put(f.line, 0, size.Height-1, size.Width, 1)
		note := f.note.Width()
		put(f.icon, 14, (size.Height-20)/2, 20, 20)
		put(f.text, 43, 0, size.Width-43-14-note-gap, size.Height)
		put(f.note, size.Width-14-note, 0, note, size.Height)
	}))
}

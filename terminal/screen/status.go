package screen

import (
	"time"

	"fyne.io/fyne/v2"

	"comptant/shared/money"
	"comptant/terminal/till"
)

// slowAfter is how long an entry may be on its way before the chip counts it: a sale that is sent at once is no news.
const slowAfter = 10 * time.Second

// chip is the state of the line in a few words, and that the disk is full; online it also says what is wrong with the printer,
// or counts what is long on its way.
func (a *App) chip(s till.Status) string {
	w := a.words
	if s.Full {
		line := "status.offline"
		if s.Online {
			line = "status.online"
		}
		return w.T(line) + " · " + w.T("status.full")
	}
	if note := w.printerNote(s); s.Online && note != "" {
		return w.T("status.online") + " · " + note
	}
	switch {
	case s.Online && (s.Count == 0 || s.OldestAge < slowAfter):
		return w.T("status.online")
	case s.Online:
		return w.T("status.online") + " · " + w.N("status.sending", s.Count)
	case s.Since.IsZero() && s.Count == 0:
		return w.T("status.offline")
	}
	text := w.T("status.offline")
	if !s.Since.IsZero() {
		text = w.T("status.offline_since", "Since", a.when(s.Since))
	}
	if s.Count > 0 {
		text += " · " + w.N("status.waiting", s.Count)
	}
	return text
}

// when is an hour of today, or a day and an hour.
func (a *App) when(t time.Time) string {
	now := a.Till.Now()
	t = t.In(now.Location())
	if t.YearDay() == now.YearDay() && t.Year() == now.Year() {
		return t.Format("15:04")
	}
	return a.words.moment(t)
}

// statusPanel is what the chip tells when it is touched. It never opens by itself.
type statusPanel struct {
	app    *App
	dialog *Dialog
	facts  []*fact
	holder *fyne.Container
}

func (a *App) showStatus() {
	if a.busy || a.stage.Modal() {
		return
	}
	p := &statusPanel{app: a}
	var rows []fyne.CanvasObject
	for range p.lines() {
		f := newFact()
		p.facts, rows = append(p.facts, f), append(rows, f)
	}
	p.holder = NewGrid(1, 0, rows...)
	p.dialog = a.ask(DialogSpec{
		Title: a.words.T("status.title"), Text: a.words.T("status.text"), Body: p.holder,
		Cancel: a.words.T("dialog.close"), Accept: a.words.T("printer.reprint"),
		Done: func(reprint bool) {
			a.panel = nil
			a.stage.Close()
			if reprint {
				a.reprintMissing()
			}
		},
	})
	p.refresh()
	a.panel = p
}

func (p *statusPanel) refresh() {
	a, w := p.app, p.app.words
	for i, l := range p.lines() {
		if i < len(p.facts) {
			p.facts[i].set(l[0], l[1])
		}
	}
	s, err := a.Till.Status(a.ctx)
	if err != nil {
		return // lines said so
	}
	p.dialog.Offer(s.Missing > 0)
	warning := w.clockWarning(s)
	switch {
	case s.Full:
		warning = w.T("status.full_text")
	case s.DiskLow():
		warning = w.T("status.disk_low", "Free", w.room(s.Free))
	}
	if warning != "" {
		p.dialog.Say(warning, Bad)
	} else {
		p.dialog.Say(w.T("status.text"), Muted)
	}
}

// lines are what the panel says: captions and values. How many there are does not change while the till runs.
func (p *statusPanel) lines() [][2]string {
	a, w := p.app, p.app.words
	s, err := a.Till.Status(a.ctx)
	if err != nil {
		a.Log.Error("read status", "err", err)
		return nil
	}
	line := w.T("status.offline")
	if s.Online {
		line = w.T("status.online")
	}
	if !s.Since.IsZero() {
		line += " · " + w.T("status.since", "Since", a.when(s.Since))
	}
	waiting, oldest := w.T("status.nothing"), w.T("status.none")
	if s.Count > 0 {
		waiting, oldest = w.N("status.entries", s.Count), w.span(s.OldestAge)
	}
	prices := w.T("status.no_prices")
	if s.Prices > 0 {
		prices = version(s.Prices)
	}
	if s.NextPrices.Version > 0 {
		prices += " · " + w.T("status.next_prices", "Version", version(s.NextPrices.Version), "From", a.when(s.NextPrices.From))
	}
	app := s.App
	if s.TooOld {
		app += " · " + w.T("status.too_old")
	}
	missing := w.T("printer.none")
	if s.Missing > 0 {
		missing = w.N("printer.receipts", s.Missing)
	}
	all := [][2]string{
		{w.T("status.line"), line},
		{w.T("status.waits"), waiting},
		{w.T("status.oldest"), oldest},
		{w.T("status.acked"), a.past(s.LastAck)},
		{w.T("status.prices"), prices},
		{w.T("status.clock"), w.offset(s.Offset, s.Error)},
		{w.T("status.lane"), a.lane()},
		{w.T("status.app"), app},
		{w.T("printer.title"), a.printer(s)},
		{w.T("printer.unprinted"), missing},
	}
	if s.DiskKnown {
		all = append(all, [2]string{w.T("status.disk"), w.room(s.Free)})
	}
	if s.BackupKnown {
		all = append(all, [2]string{w.T("status.backup"), a.past(s.Backup)})
	}
	return all
}

// past is how long ago something was, and when; never when it was not.
func (a *App) past(t time.Time) string {
	if t.IsZero() {
		return a.words.T("status.never")
	}
	return a.words.ago(max(a.Till.Now().Sub(t), 0)) + " · " + a.when(t)
}

// room is a number of bytes, to a tenth of a gigabyte, or to a megabyte when there is less than one.
func (w *Words) room(bytes int64) string {
	if bytes < 1_000_000_000 {
		return w.T("status.megabytes", "Megabytes", w.number(uint64(max(bytes, 0)/1_000_000)))
	}
	return w.T("status.gigabytes", "Gigabytes", w.rate(money.Quantity(bytes/100_000_000*100)))
}

// clockWarning says what is wrong with the clock of this machine; nothing where all is well.
func (w *Words) clockWarning(s till.Status) string {
	switch {
	case !s.Certain:
		return w.T("status.clock_uncertain")
	case s.ClockWrong() && s.Offset < 0:
		return w.T("status.clock_ahead", "Span", w.span(-s.Offset))
	case s.ClockWrong():
		return w.T("status.clock_behind", "Span", w.span(s.Offset))
	}
	return ""
}

// lane is the till as receipts name it: CV-01.
func (a *App) lane() string {
	id := a.Till.Identity()
	return id.Store.Code + "-" + twoDigits(id.Number)
}

// offset is headquarters' time minus the till's, with how well it is known.
func (w *Words) offset(offset, bound time.Duration) string {
	if bound == 0 {
		return w.T("status.never_measured")
	}
	offset = offset.Round(time.Millisecond)
	sign := ""
	switch {
	case offset > 0:
		sign = "+"
	case offset < 0:
		sign, offset = "–", -offset
	}
	return sign + w.brief(offset) + " ± " + w.brief(bound)
}

// brief is a span to the millisecond, in seconds when it has any, and roughly when it is long.
func (w *Words) brief(d time.Duration) string {
	switch {
	case d < time.Second:
		return w.T("time.milliseconds", "Milliseconds", d.Milliseconds())
	case d >= 2*time.Minute:
		return w.span(d)
	}
	return w.T("time.seconds", "Seconds", w.rate(money.Quantity(d.Milliseconds())))
}

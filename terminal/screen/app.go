package screen

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"

	"comptant/shared/retail"
	"comptant/terminal/till"
)

// Config is what the screens work with. All of it is needed, except Settings and LockAfter.
type Config struct {
	Till    *till.Till
	Clock   Clock
	Scanner ScannerConfig
	Log     *slog.Logger
	// Paper says in which file the receipt was printed; "" when it is on paper.
	Paper func(retail.Receipt) string
	// Background does work that takes long away from Fyne's goroutine, and then what follows on it.
	Background func(work, then func())
	// Export writes entries to a file.
	Export Export
	// Settings are changed by a supervisor; without Keep they cannot be.
	Settings Settings
	// LockAfter is how long nobody touches the till before it locks; 0 for never.
	LockAfter time.Duration
}

// InBackground is the Background of a running till.
func InBackground(work, then func()) {
	go func() {
		work()
		fyne.Do(then)
	}()
}

// App is the window's content: the screens, and the way from one to the other. It is the goroutine's only user of the
// till, except while a PIN is checked: then it leaves the till alone.
type App struct {
	Config
	ctx   context.Context // ends when the window closes; events of a window bring none of their own
	words *Words
	stage *Stage
	shell *Shell
	page  page
	// busy says that the till belongs to work in the background.
	busy bool
	// changed says that a refresh is on its way.
	changed atomic.Bool
	// watching says that the bar will be written again soon: an acknowledgement is awaited.
	watching bool
	panel    *statusPanel
	left     left
	idle     idle
}

// page is a screen. It keeps what a person has typed and chosen, so that it can be built again in another language.
type page interface {
	Target
	// build makes the two sides in the language of the words; right may be nil.
	build() (left, right fyne.CanvasObject)
	// refresh shows the till as it is now.
	refresh()
}

// refreshDelay is how long changes are gathered before the window shows them.
const refreshDelay = 150 * time.Millisecond

// watchEvery is how often the bar is written while something is on its way to headquarters.
const watchEvery = 2 * time.Second

// NewApp returns the screens of a till, at the sign-in. The caller attaches its Stage to a window.
func NewApp(ctx context.Context, config Config) *App {
	a := &App{Config: config, ctx: ctx, words: wordsOf(config.Till)}
	a.stage = NewStage(config.Scanner, config.Clock)
	a.stage.Used = a.used
	rail := NewRail(a.words, RailActions{Go: a.visit, Lock: a.lock})
	top := NewTopBar(a.words.Language, TopActions{Status: a.showStatus, Speak: a.speak})
	a.shell = NewShell(rail, top)
	a.open(newSignIn(a))
	a.tick()
	a.awaitIdle()
	return a
}

// Stage is what to attach to the window.
func (a *App) Stage() *Stage { return a.stage }

// Changed says that something shown may have changed: the line, the catalogue, the journal. It may be called from any
// goroutine and does not wait.
func (a *App) Changed() {
	if a.changed.CompareAndSwap(false, true) {
		a.Clock.After(refreshDelay, func() {
			a.changed.Store(false)
			if !a.busy {
				a.recheck()
			}
			a.refresh()
		})
	}
}

// leaver is a page that has something to put right when another takes its place.
type leaver interface{ gone() }

func (a *App) leave() {
	if l, ok := a.page.(leaver); ok {
		l.gone()
	}
}

// open goes to a screen.
func (a *App) open(p page) {
	a.leave()
	a.page, a.panel = p, nil
	a.build()
	_, signedIn := a.Till.User()
	a.shell.ShowRail(signedIn)
	a.stage.Present(a.shell, p)
}

// build writes everything in the language of the words.
func (a *App) build() {
	a.shell.Rail.Speak(a.words)
	a.shell.Top.SetLanguage(a.words.Language)
	left, right := a.page.build()
	a.shell.Sides(left, right)
	a.refresh()
}

// refresh shows the till as it is now, unless it is lent out.
func (a *App) refresh() {
	if a.busy {
		return
	}
	a.refreshTop()
	a.remind()
	a.page.refresh()
}

// remind marks the places of the rail at which something waits.
func (a *App) remind() {
	a.shell.Rail.Remind(a.Till.LeftOpen())
	waits, err := a.Till.OrdersToDo(a.ctx)
	if err != nil {
		a.Log.Error("count orders", "err", err)
	}
	a.shell.Rail.Count(PlaceOrders, waits)
}

// showTop writes the bar: where, how, when and who.
func (a *App) showTop() {
	id := a.Till.Identity()
	top := a.shell.Top
	practice := ""
	if a.Till.Training() {
		practice = a.words.T("training.banner")
	}
	a.shell.Practise(practice)
	top.SetPlace(id.Store.Name, a.words.T("top.till", "Number", id.Number))
	top.SetClock(a.Till.Now().Format("15:04"))
	user, _ := a.Till.User()
	top.SetCashier(user.Name)
	status, err := a.Till.Status(a.ctx)
	if err != nil {
		a.Log.Error("read status", "err", err)
		return
	}
	top.Chip.Warn(status.Full)
	top.SetStatus(status.Online, a.chip(status), a.words.printerNote(status) != "")
	if status.Online && status.Count > 0 && !a.watching {
		a.watching = true
		a.Clock.After(watchEvery, func() {
			a.watching = false
			a.refreshTop()
		})
	}
}

// refreshTop writes the bar, and the panel behind its chip, unless the till is lent out.
func (a *App) refreshTop() {
	if a.busy {
		return
	}
	a.showTop()
	if a.panel != nil {
		a.panel.refresh()
	}
}

// tick keeps the clock and the ages of the window right, once a minute and on the minute.
func (a *App) tick() {
	now := a.Clock.Now()
	a.Clock.After(now.Truncate(time.Minute).Add(time.Minute).Sub(now), func() {
		a.refresh()
		a.tick()
	})
}

// speak changes the language at once.
func (a *App) speak(l Language) {
	if a.busy || l == a.words.Language {
		return
	}
	a.Till.SetLang(string(l))
	a.useTillLanguage()
	a.closeDialogs()
	a.build()
}

func (a *App) useTillLanguage() {
	if l := Language(a.Till.Lang()); l != a.words.Language {
		a.words = wordsOf(a.Till)
	}
}

// wordsOf are those of a till's language, with its currency.
func wordsOf(t *till.Till) *Words {
	w := NewWords(Language(t.Lang()))
	w.currency = t.Currency()
	return w
}

// visit goes to a place of the rail.
func (a *App) visit(p Place) {
	if p == PlaceSettings {
		a.openSettings()
		return
	}
	a.shell.Rail.At(p)
	switch p {
	case PlaceStock:
		a.open(newStock(a))
	case PlaceOrders:
		a.open(newOrders(a))
	case PlaceJournal:
		a.open(newJournal(a))
	case PlaceShift:
		a.open(newShift(a))
	default:
		a.sell()
	}
}

// sell goes to the open sale, or to its payment when that has begun; without a shift, to where one is opened.
func (a *App) sell() {
	if !a.Till.Shift().Open() {
		a.visit(PlaceShift)
		return
	}
	a.shell.Rail.At(PlaceSell)
	if _, paying := a.Till.Payment(); paying {
		a.open(newPay(a))
		return
	}
	a.open(newSell(a))
}

// fail tells a person what went wrong and what to do: in the feedback row when something else can be tried at once, in
// a dialog when the machine could not.
func (a *App) fail(row *FeedbackRow, err error) {
	var seen *retail.Error
	if errors.As(err, &seen) && seen.Code != retail.Failed && row != nil {
		row.Refused(a.words.Error(err))
		return
	}
	if seen != nil {
		a.Log.Error("shown to the cashier", "what", seen.Key, "err", seen.Err) // its words may name somebody
	} else {
		a.Log.Error("shown to the cashier", "err", err)
	}
	a.ask(DialogSpec{
		Icon: IconError, Colour: Bad, Title: a.words.T("dialog.failed"), Text: a.words.Error(err),
		Cancel: a.words.T("dialog.close"), Done: func(bool) { a.stage.Close() },
	})
}

// ask opens a dialog with the names of the keys on its buttons.
func (a *App) ask(spec DialogSpec) *Dialog {
	spec.KeyEsc, spec.KeyEnter = a.words.T("key.escape"), a.words.T("key.enter")
	d := NewDialog(spec)
	a.stage.Open(d, d)
	return d
}

func (a *App) closeDialogs() {
	for a.stage.Modal() {
		a.stage.Close()
	}
	a.panel = nil
}

func isEnter(key fyne.KeyName) bool { return key == fyne.KeyReturn || key == fyne.KeyEnter }

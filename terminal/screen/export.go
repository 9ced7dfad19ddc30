package screen

import (
	"context"
	"path/filepath"

	"fyne.io/fyne/v2"
)

// Export writes what headquarters does not have to a file that somebody carries there.
type Export struct {
	// Sticks are the folders of the removable disks that are plugged in.
	Sticks func() []string
	// Write writes the file into one of them, "" for the till's own folder. entries is 0, and there is no file, when nothing waits.
	Write func(ctx context.Context, dir string) (file string, entries int, err error)
}

// export asks where the file goes.
type export struct {
	app    *App
	sticks []string
	chosen int
	places *chips
	dialog *Dialog
}

// startExport offers the sticks that are plugged in, or else the till's own folder.
func (j *journalPage) startExport() {
	a, w := j.app, j.app.words
	status, err := a.Till.Status(a.ctx)
	if err != nil {
		a.fail(nil, err)
		return
	}
	if a.busy || status.Count == 0 {
		return
	}
	e := &export{app: a, sticks: a.Export.Sticks()}
	e.places = newChips(func(i int) { e.chosen = i; e.show() })
	text := w.N("export.text", status.Count)
	if len(e.sticks) == 0 {
		text = w.T("export.no_stick")
	}
	e.dialog = a.ask(DialogSpec{
		Icon: IconOffline, Title: w.T("export.title"), Text: text, Body: e.places, Keys: e,
		Cancel: w.T("approve.cancel"), Accept: w.T("export.yes"), Done: e.answer,
	})
	e.show()
}

func (e *export) show() {
	names := []string{e.app.words.T("export.here")}
	for i, dir := range e.sticks {
		if i == 0 {
			names = nil
		}
		names = append(names, filepath.Base(dir))
	}
	e.places.set(names, e.chosen)
	e.dialog.Allow(!e.app.busy)
}

// answer writes the file in the background: a stick is slow.
func (e *export) answer(accepted bool) {
	a := e.app
	if a.busy {
		return
	}
	if !accepted {
		a.stage.Close()
		return
	}
	dir := ""
	if len(e.sticks) > 0 {
		dir = e.sticks[e.chosen]
	}
	a.busy = true
	e.show()
	e.dialog.Say(a.words.T("export.writing"), Muted)
	var file string
	var entries int
	var err error
	a.Background(func() { file, entries, err = a.Export.Write(a.ctx, dir) }, func() {
		a.busy = false
		a.stage.Close()
		if err != nil {
			a.Log.Error("export", "dir", dir, "err", err)
			a.ask(DialogSpec{
				Icon: IconError, Colour: Bad, Title: a.words.T("dialog.failed"), Text: a.words.T("export.failed"),
				Cancel: a.words.T("dialog.close"), Done: func(bool) { a.stage.Close() },
			})
			return
		}
		text := a.words.T("status.nothing")
		if entries > 0 {
			text = a.words.N("export.done", entries, "File", filepath.Base(file), "Folder", filepath.Dir(file))
		}
		a.ask(DialogSpec{
			Icon: IconCheck, Colour: OK, Title: a.words.T("export.title"), Text: text,
			Cancel: a.words.T("dialog.close"), Done: func(bool) { a.stage.Close() },
		})
		a.refresh()
	})
}

func (*export) Scanned(string) {}

func (*export) Typed(rune) {}

func (e *export) Pressed(key fyne.KeyName) {
	if by := map[fyne.KeyName]int{fyne.KeyLeft: -1, fyne.KeyUp: -1, fyne.KeyRight: 1, fyne.KeyDown: 1}[key]; by != 0 {
		e.chosen = min(max(e.chosen+by, 0), max(len(e.sticks)-1, 0))
		e.show()
	}
}

package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"

	"comptant/terminal/lane"
	"comptant/terminal/screen"
	"comptant/terminal/till"
)

type runCmd struct {
	folder
	URL        string `env:"COMPTANT_URL" help:"Address of headquarters, when it has moved since the till was enrolled."`
	Theme      string `enum:",light,dark,system" default:"" env:"COMPTANT_THEME" placeholder:"LOOK" help:"light, dark, or system for as the desktop is. Without it, as the Settings screen says."`
	Scale      int    `env:"COMPTANT_SCALE" placeholder:"PERCENT" help:"Size of everything on screen, 75 to 200. Without it, as the Settings screen says."`
	Size       size   `default:"1024x768" help:"Size of the window (${default})."`
	Fullscreen bool   `help:"Fill the screen."`
	Printer    string `env:"COMPTANT_PRINTER" placeholder:"WHERE" help:"Where receipts are printed: tcp://HOST:9100, usb:/dev/usb/lp0 (both with ?paper=58&page=cp858&logo=FILE), or folder:PATH for PDF files. Without it, as the Settings screen says, or else the folder receipts in the till's."`
	LockAfter  *int   `env:"COMPTANT_LOCK_AFTER" placeholder:"MINUTES" help:"Lock when nobody touches the till for so long; 0 for never. Without it, as the Settings screen says."`
	Backup     string `type:"path" placeholder:"DIR" env:"COMPTANT_BACKUP" help:"Where the journal is copied to each night; best on another disk. Default: backup/NAME beside the till's folder. till restored --from FILE puts one back."`
	Backups    int    `default:"7" env:"COMPTANT_BACKUPS" help:"How many of these copies are kept; 0 makes none (${default})."`
	Ready      string `type:"path" help:"File to write once the window shows the catalogue, or after 20 s without one."`
}

// over lays what was said when the till was started over its settings, and tells which that were.
func (c *runCmd) over(s till.Settings) (till.Settings, map[screen.Setting]bool) {
	fixed := map[screen.Setting]bool{
		screen.SettingPrinter: c.Printer != "", screen.SettingTheme: c.Theme != "", screen.SettingScale: c.Scale != 0, screen.SettingLock: c.LockAfter != nil,
	}
	if c.Printer != "" {
		s.Printer = c.Printer
	}
	if c.Theme != "" {
		s.Theme = c.Theme
	}
	if c.Scale != 0 {
		s.Scale = c.Scale
	}
	if c.LockAfter != nil {
		s.LockAfter = *c.LockAfter
	}
	return s, fixed
}

func (c *runCmd) Run(ctx context.Context) (err error) {
	file := lane.OpenLog(c.Dir)
	defer func() { _ = file.Close() }()
	// The file first, which takes everything: nobody may listen to the other.
	log := slog.New(slog.NewTextHandler(io.MultiWriter(file, os.Stderr), nil))
	kept, err := lane.ReadSettings(c.Dir)
	if err != nil {
		log.Error("the till is set as a new one", "err", err)
	}
	inForce, _ := c.over(kept)
	if err := inForce.Check(); err != nil {
		return err
	}
	if c.Printer == "" {
		// A setting must not keep the till from opening, as a flag may.
		if err := lane.CheckPrinter(c.Dir, kept.Printer, log); err != nil {
			log.Error("receipts are printed to files: the printer that was set cannot be", "err", err)
			inForce.Printer = ""
		}
	}
	l, err := lane.Open(ctx, lane.Config{
		Dir: c.Dir, URL: c.URL, App: version, Log: log, PrintTo: inForce.Printer, Uptime: lane.MachineUptime(), Built: built(),
		Upkeep: lane.Upkeep{Ballast: ballast, BackupDir: c.backupDir(), Backups: c.Backups},
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()

	// The window and the line end together, whichever way the till is stopped.
	ctx, stop := context.WithCancel(ctx)
	line := make(chan error, 1)
	go func() { line <- l.Run(ctx) }()
	defer func() {
		stop()
		err = errors.Join(err, <-line)
	}()
	c.show(ctx, l, kept, log)
	return nil
}

// ballast is room for some hundreds of entries, however little of the WAL can be copied back meanwhile.
const ballast = 16 << 20

// backupDir is where the nightly copies go.
func (c *runCmd) backupDir() string {
	if c.Backup != "" {
		return c.Backup
	}
	return filepath.Join(filepath.Dir(c.Dir), "backup", filepath.Base(c.Dir))
}

// built is when the source was committed, which is before now whatever the machine's clock says; zero when it was built
// outside a repository.
func built() time.Time {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return time.Time{}
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.time" {
			at, _ := time.Parse(time.RFC3339, s.Value) // zero when it is not a time
			return at
		}
	}
	return time.Time{}
}

// show opens the window and returns when it has closed.
func (c *runCmd) show(ctx context.Context, l *lane.Lane, kept till.Settings, log *slog.Logger) {
	inForce, fixed := c.over(kept)
	if os.Getenv(fyneScale) == "" && inForce.Scale != 100 {
		_ = os.Setenv(fyneScale, strconv.FormatFloat(float64(inForce.Scale)/100, 'f', 2, 64)) // the name is right
	}
	a := app.NewWithID("comptant.till")
	l.Till.SetLang(inForce.Lang)
	screens := screen.NewApp(ctx, screen.Config{
		Till: l.Till, Clock: screen.SystemClock{}, Scanner: screen.DefaultScanner, Log: log,
		Paper: l.Paper, Background: screen.InBackground,
		Settings: screen.Settings{
			Fixed: fixed, Headquarters: l.Ledger.Enrolment().URL, Folder: c.Dir, Test: l.TestPrinter,
			Keep: func(s till.Settings) error { return c.keep(l, kept, s) },
		},
		Export: screen.Export{Sticks: lane.Sticks, Write: func(ctx context.Context, dir string) (string, int, error) {
			done, err := l.Export(ctx, dir, false)
			return done.File, done.Entries, err
		}},
	})
	screens.UseSettings(inForce)
	w := a.NewWindow("Comptant")
	screens.Stage().Attach(w)
	w.Resize(fyne.NewSize(c.Size.width, c.Size.height))
	w.SetFullScreen(c.Fullscreen)
	w.SetMaster()
	w.Show()
	l.OnChange(screens.Changed)
	screens.Changed() // what came before the line above

	a.Lifecycle().SetOnStarted(func() {
		if c.Ready != "" {
			go c.tellReady(ctx, l, log)
		}
	})
	go func() {
		<-ctx.Done()
		fyne.Do(a.Quit)
	}()
	log.Info("window open", "dir", c.Dir, "till", l.Till.Identity().Number, "store", l.Till.Identity().Store.Code)
	a.Run()
}

// fyneScale is the environment's name for the size of everything, which Fyne reads when it starts.
const fyneScale = "FYNE_SCALE"

// keep writes settings down and uses the printer. What was said at the start stays out of the file.
func (c *runCmd) keep(l *lane.Lane, kept, s till.Settings) error {
	if err := l.UsePrinter(s.Printer); err != nil {
		return err
	}
	if c.Printer != "" {
		s.Printer = kept.Printer
	}
	if c.Theme != "" {
		s.Theme = kept.Theme
	}
	if c.Scale != 0 {
		s.Scale = kept.Scale
	}
	if c.LockAfter != nil {
		s.LockAfter = kept.LockAfter
	}
	return lane.KeepSettings(c.Dir, s)
}

// firstLoad bounds how long a new till waits for its catalogue before it counts as ready.
const firstLoad = 20 * time.Second

// tellReady writes the file once the catalogue is there and the window has been drawn since: two rounds of the window's own
// queue are behind it then.
func (c *runCmd) tellReady(ctx context.Context, l *lane.Lane, log *slog.Logger) {
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	for began := time.Now(); time.Since(began) < firstLoad && ctx.Err() == nil; <-look.C {
		prices, err := l.Ledger.Prices(ctx)
		staff, err2 := l.Ledger.Staff(ctx)
		if err == nil && err2 == nil && prices > 0 && len(staff) > 0 {
			break
		}
	}
	for range 2 {
		fyne.DoAndWait(func() {})
		<-look.C
	}
	if err := os.WriteFile(c.Ready, []byte("ready\n"), 0o644); err != nil {
		log.Error("write the ready file", "err", err)
	}
}

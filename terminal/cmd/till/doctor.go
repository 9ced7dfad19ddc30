package main

import (
	"context"
	"log/slog"
	"os"

	"comptant/shared/health"
	"comptant/terminal/lane"
)

type doctorCmd struct {
	folder
	URL     string `env:"COMPTANT_URL" help:"Address of headquarters, when it has moved since the till was enrolled."`
	Printer string `env:"COMPTANT_PRINTER" placeholder:"WHERE" help:"Where receipts are printed, as in till run. Without it, as the Settings screen says."`
	JSON    bool   `name:"json" help:"Print JSON."`
}

// Help is what --help adds.
func (*doctorCmd) Help() string {
	return "Looks at the folder and its permissions, the disk, the enrolment, the journal and its chain, the catalogue, what waits for headquarters, " +
		"the printer, headquarters, its certificate and the clock, and says what to do about what is wrong. It changes nothing, and may run while the till does.\n\n" +
		"Exit code 0: all is well. 1: it could not be looked at. 2: wrong usage. 3: something is wrong. 4: it works, and somebody should look at something."
}

func (c *doctorCmd) Run(ctx context.Context, log *slog.Logger) error {
	target := c.Printer
	if target == "" {
		kept, err := lane.ReadSettings(c.Dir)
		if err != nil {
			log.Error("the settings cannot be read", "err", err)
		}
		target = kept.Printer
	}
	found := lane.Examine(ctx, lane.Config{Dir: c.Dir, URL: c.URL, PrintTo: target, App: version, Log: log})
	write := health.Print
	if c.JSON {
		write = health.PrintJSON
	}
	if err := write(os.Stdout, found); err != nil {
		return err
	}
	switch health.Worst(found) {
	case health.Bad:
		return errWrong
	case health.Soon:
		return errSoon
	}
	return nil
}

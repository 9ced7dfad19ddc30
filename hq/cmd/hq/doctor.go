package main

import (
	"context"
	"errors"
	"os"

	"comptant/hq/server"
	"comptant/shared/health"
)

type doctorCmd struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// Help is what --help adds.
func (doctorCmd) Help() string {
	return "Looks at the disk, the clock, whether headquarters answers, the database, the tills and their journals, and says what to do about what is wrong. " +
		"It changes nothing, and may run while headquarters does.\n\n" +
		"Exit code 0: all is well. 3: something is wrong. 4: it works, and somebody should look at something."
}

// errSoon ends a command that found what somebody should look at.
var errSoon = errors.New("something should be looked at")

func (d doctorCmd) Run(ctx context.Context, c *cli) error {
	found := server.Examine(ctx, server.Config{Database: c.database(), Listen: c.Listen, TLSCert: c.TLSCert, Log: c.quiet()})
	write := health.Print
	if d.JSON {
		write = health.PrintJSON
	}
	if err := write(os.Stdout, found); err != nil {
		return err
	}
	switch health.Worst(found) {
	case health.Bad:
		return errFound
	case health.Soon:
		return errSoon
	}
	return nil
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"comptant/hq/server"
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
	if err := d.print(os.Stdout, found); err != nil {
		return err
	}
	var worst error
	for _, f := range found {
		switch {
		case f.Is == server.Bad:
			return errFound
		case f.Is == server.Soon:
			worst = errSoon
		}
	}
	return worst
}

func (d doctorCmd) print(to io.Writer, found []server.Finding) error {
	if d.JSON {
		out := json.NewEncoder(to)
		out.SetEscapeHTML(false)
		return out.Encode(found)
	}
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	for _, f := range found {
		fmt.Fprintf(w, "%s\t%s\t%s\n", f.Is, f.Check, f.Says)
		if f.Do != "" {
			fmt.Fprintf(w, "\t\t-> %s\n", f.Do)
		}
	}
	return w.Flush()
}

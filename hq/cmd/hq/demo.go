package main

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"comptant/hq/demo"
	"comptant/shared/retail"
)

type demoCmd struct {
	Days    int  `default:"90" help:"Days of history up to now."`
	SignIns bool `help:"Only print who signs in, and how."`
	output
}

func (d demoCmd) Run(ctx context.Context, c *cli) error {
	if d.SignIns {
		return d.signIns()
	}
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	start, shown := time.Now(), newProgress()
	created, err := demo.Create(ctx, s.DB, demo.Options{
		Now: start, Days: d.Days, Log: c.quiet(),
		Progress: func(done, of int) { shown.say("Making the demo: %d of %d journal entries", done, of) },
	})
	shown.end()
	if err != nil {
		return err
	}
	said := "The demo is there already."
	if created {
		said = fmt.Sprintf("The demo is made, in %s.", time.Since(start).Round(time.Second))
	}
	return d.say(map[string]bool{"made": created}, "%s", said)
}

// signInRow is a person of the demo as scripts read it.
type signInRow struct {
	Name     string      `json:"name"`
	Role     retail.Role `json:"role"`
	Stores   []string    `json:"stores"`
	PIN      string      `json:"pin,omitempty"`
	Email    string      `json:"email,omitempty"`
	Password string      `json:"password,omitempty"`
}

func (d demoCmd) signIns() error {
	if d.JSON {
		var rows []signInRow
		for _, s := range demo.SignIns() {
			rows = append(rows, signInRow(s))
		}
		return printJSON(rows)
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tROLE\tTILL PIN\tDASHBOARD\tPASSWORD")
	for _, s := range demo.SignIns() {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", s.Name, s.Role, s.PIN, s.Email, s.Password)
	}
	return w.Flush()
}

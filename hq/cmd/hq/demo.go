package main

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"comptant/hq/demo"
)

type demoCmd struct {
	Days    int  `default:"90" help:"Days of history up to now."`
	SignIns bool `help:"Only print who signs in, and how."`
}

func (d demoCmd) Run(ctx context.Context, c *cli) error {
	if d.SignIns {
		return printSignIns()
	}
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	start := time.Now()
	created, err := demo.Create(ctx, s.DB, demo.Options{
		Now: start, Days: d.Days, Log: c.quiet(),
		Progress: func(done, of int) { fmt.Fprintf(os.Stderr, "\rMaking the demo: %d of %d journal entries ", done, of) },
	})
	if err != nil {
		return err
	}
	if !created {
		fmt.Println("The demo is there already.")
		return nil
	}
	fmt.Fprintln(os.Stderr)
	fmt.Printf("The demo is made, in %s.\n", time.Since(start).Round(time.Second))
	return nil
}

func printSignIns() error {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tROLE\tTILL PIN\tDASHBOARD\tPASSWORD")
	for _, s := range demo.SignIns() {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", s.Name, s.Role, s.PIN, s.Email, s.Password)
	}
	return w.Flush()
}

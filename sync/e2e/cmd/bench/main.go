// Command bench measures the product against the machine's own limits, prints the table and, when it ran all of it,
// writes it to docs/benchmarks.md.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"comptant/sync/e2e/bench"

	"github.com/alecthomas/kong"
)

type cli struct {
	Row    string `help:"Measure only this row, and write nothing."`
	Quick  bool   `help:"Run each row once, small, only to see that it works; write nothing."`
	Peer   bool   `help:"Measure PouchDB with pouchdb-server too, in the row backlog. Needs node and npm, which installs both into the user's cache folder the first time."`
	Rounds int    `default:"5" help:"Rounds of each figure. The first is dropped."`
	Dir    string `default:"/var/tmp" type:"existingdir" help:"Folder on the disk to measure on."`
	Data   string `env:"COMPTANT_DATA" help:"Folder of real data sets."`
	Out    string `default:"docs/benchmarks.md" help:"Where the whole table is written."`
}

func main() {
	var c cli
	k := kong.Parse(&c, kong.Description("Measures the product against the machine's own limits."))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	k.FatalIfErrorf(run(ctx, c))
}

func run(ctx context.Context, c cli) (err error) {
	if c.Rounds < 2 {
		return errors.New("--rounds must be at least 2: the first is dropped")
	}
	rows := bench.Rows()
	if c.Row != "" {
		row, err := bench.Named(c.Row)
		if err != nil {
			return err
		}
		rows = []bench.Row{row}
	}
	dir, err := os.MkdirTemp(c.Dir, "comptant-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := os.Chmod(dir, 0o755); err != nil { // for Postgres, which refuses to be root
		return err
	}
	report, err := bench.Run(ctx, rows, bench.Options{Dir: dir, Rounds: c.Rounds, Quick: c.Quick, Peer: c.Peer, Data: c.Data, Progress: os.Stderr})
	if err != nil {
		return err
	}
	if err := report.WriteTable(os.Stdout); err != nil {
		return err
	}
	if c.Row != "" || c.Quick {
		return nil
	}
	out, err := os.Create(c.Out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if err := report.WriteMarkdown(out); err != nil {
		return err
	}
	fmt.Println("\nWritten to", c.Out)
	return nil
}

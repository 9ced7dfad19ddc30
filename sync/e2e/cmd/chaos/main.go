// Command chaos runs headquarters, Postgres and tills as processes, kills them and breaks their lines for some minutes,
// and checks that nothing was lost, doubled or changed.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"comptant/sync/e2e/chaos"
	"comptant/sync/e2e/fleet"

	"github.com/alecthomas/kong"
)

type cli struct {
	Minutes float64 `default:"15" help:"How long things are broken."`
	Seed    uint64  `help:"Seed of what is sold, hit and killed; chosen and printed when 0."`
	Tills   int     `default:"48" help:"Tills, each a process."`
	HQ      int     `name:"hq" default:"1" help:"Processes of headquarters, on one Postgres."`
	Proof   string  `type:"existingfile" placeholder:"docs/proof.md" help:"Add a line to this page."`
	Keep    string  `type:"path" placeholder:"DIR" help:"Work in this new folder and keep it, to look into. Without it the folder is kept only when something is wrong."`
}

func main() {
	var c cli
	kong.Parse(&c, kong.Name("chaos"), kong.Description("Kills processes and breaks lines, and checks what is left."))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, c); err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, c cli) (err error) {
	if c.Seed == 0 {
		c.Seed = uint64(time.Now().UnixNano()) % 1_000_000
	}
	dir, err := c.folder()
	if err != nil {
		return err
	}
	defer func() {
		switch {
		case c.Keep != "":
		case err != nil && ctx.Err() == nil:
			err = fmt.Errorf("%w\neverything is in %s", err, dir)
		default:
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	commit, began := fleet.Commit(ctx), time.Now()
	fmt.Printf("commit %s, seed %d, %g minutes, %d tills, %d headquarters\n", commit, c.Seed, c.Minutes, c.Tills, c.HQ)
	options := chaos.Options{
		Seed: c.Seed, Lasts: time.Duration(c.Minutes * float64(time.Minute)), Tills: c.Tills, HQs: c.HQ, Dir: dir, Progress: os.Stderr,
	}
	result, err := chaos.Run(ctx, options)
	if err != nil {
		return err
	}
	report(result)
	if c.Proof != "" {
		if err := chaos.AddProof(c.Proof, chaos.NewProof(began, commit, options, result)); err != nil {
			return err
		}
	}
	if n := len(result.Differences); n > 0 {
		return fmt.Errorf("%d differences", n)
	}
	return nil
}

// folder is where everything lives. Not /tmp, which may be memory: kills must leave what is on a disk.
func (c cli) folder() (dir string, err error) {
	if c.Keep != "" {
		return c.Keep, os.Mkdir(c.Keep, 0o755)
	}
	if dir, err = os.MkdirTemp("/var/tmp", "comptant-chaos-"); err != nil {
		return "", err
	}
	return dir, os.Chmod(dir, 0o755) // Postgres, which refuses to be root, must be able to enter
}

func report(r chaos.Result) {
	fmt.Printf("kills     %d: %s (and %d that hit nobody with anything to lose)\n", r.Kills.Total(), r.Kills, r.Harmless)
	fmt.Printf("breaks    %d: %s\n", r.Breaks.Total(), r.Breaks)
	fmt.Printf("strains   %d: %s\n", r.Strains.Total(), r.Strains)
	fmt.Printf("in deeds  %s\n", r.Kills.InDeeds())
	fmt.Printf("written   %d sales (%d of them held before), %d refunds, %d lines of counts, %d Zs, %d requests; %d receipts printed\n",
		r.Sales, r.Recalled, r.Refunds, r.Counts, r.Closes, r.Restocks, r.Printed)
	fmt.Printf("ordered   %d orders of the shop, %d of them handed over\n", r.Orders, r.Collected)
	fmt.Printf("agreed    %s after the last fault\n", r.Agreed.Round(time.Millisecond))
	for i, d := range r.Differences {
		if i == 20 {
			fmt.Printf("and %d more\n", len(r.Differences)-i)
			break
		}
		fmt.Println("DIFFERENCE", d)
	}
	if len(r.Differences) == 0 {
		fmt.Println("Exact: every receipt is at headquarters once, bytes and chains agree, stock agrees on both sides.")
	}
}

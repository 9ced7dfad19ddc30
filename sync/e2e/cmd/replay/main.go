// Command replay sends a chain's whole history through tills and headquarters and compares the result, to the unit and
// to the cent.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"comptant/shared/retail"
	"comptant/sync/e2e/fleet"
	"comptant/sync/e2e/replay"

	"github.com/alecthomas/kong"
)

type cli struct {
	Data  string `type:"existingdir" help:"Folder with stores.csv, products.csv, inventory.csv and sales.csv.gz. Without it a history of the same shape is generated."`
	Until string `placeholder:"2017-02-01" help:"Replay only the sales before this day."`
	Chaos bool   `help:"Cut links and kill headquarters at random meanwhile."`
	Seed  uint64 `help:"Seed of the faults; chosen and printed when 0."`
	Keep  string `type:"path" placeholder:"DIR" help:"Work in this empty folder and keep it, to look into."`
}

func main() {
	var c cli
	kong.Parse(&c, kong.Name("replay"), kong.Description("Replays a chain's history through tills and headquarters."))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, c); err != nil {
		fmt.Fprintln(os.Stderr, "replay:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, c cli) error {
	history, err := c.history()
	if err != nil {
		return err
	}
	dir, done, err := c.folder()
	if err != nil {
		return err
	}
	defer done()
	if c.Seed == 0 {
		c.Seed = uint64(time.Now().UnixNano())
	}
	fmt.Printf("%d sales of %d stores, one transaction a sale\n", history.Count(), len(history.Stores))
	if c.Chaos {
		fmt.Printf("with faults, seed %d\n", c.Seed)
	}

	bin, err := fleet.Build(ctx, dir, "comptant/hq/cmd/hq")
	if err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(dir, "hq.log"))
	if err != nil {
		return err
	}
	defer log.Close()
	const sample = 1000
	limit, err := replay.Limit(ctx, history, filepath.Join(dir, "limit-before"), sample)
	if err != nil {
		return err
	}
	result, err := replay.Run(ctx, history, replay.Options{
		HQ:  &fleet.HQ{Bin: bin, Home: filepath.Join(dir, "hq-home"), Log: log},
		Dir: dir, Chaos: c.Chaos, Seed: c.Seed, Progress: os.Stderr,
	})
	if err != nil {
		return fmt.Errorf("%w\nheadquarters' log is %s; --keep keeps it", err, log.Name())
	}
	after, err := replay.Limit(ctx, history, filepath.Join(dir, "limit-after"), sample)
	if err != nil {
		return err
	}
	report(result, limit, after)
	if n := len(result.Differences); n > 0 {
		return fmt.Errorf("%d differences", n)
	}
	return nil
}

func (c cli) history() (*replay.History, error) {
	if c.Data == "" {
		return replay.Generate(50, 60, 26), nil
	}
	h, err := replay.Load(c.Data)
	if err != nil {
		return nil, err
	}
	differences, known, err := replay.CheckFacts(h, c.Data)
	if err != nil {
		return nil, err
	}
	if len(differences) > 0 {
		return nil, fmt.Errorf("the history is not what facts.json says: %v", differences)
	}
	if known {
		fmt.Println("The history agrees with facts.json.")
	}
	if c.Until != "" {
		day, err := retail.ParseDate(c.Until)
		if err != nil {
			return nil, err
		}
		h.Until(day)
	}
	return h, nil
}

// folder is where the replay works. Postgres, which refuses to be root, must be able to enter it.
func (c cli) folder() (dir string, done func(), err error) {
	if c.Keep != "" {
		if err := os.MkdirAll(c.Keep, 0o755); err != nil {
			return "", nil, err
		}
		entries, err := os.ReadDir(c.Keep)
		if err == nil && len(entries) > 0 {
			err = fmt.Errorf("%s is not empty", c.Keep)
		}
		return c.Keep, func() {}, err
	}
	// Not /tmp, which may be memory: a till is never measured on that.
	dir, err = os.MkdirTemp("/var/tmp", "comptant-replay-")
	if err != nil {
		return "", nil, err
	}
	return dir, func() { _ = os.RemoveAll(dir) }, errors.Join(os.Chmod(dir, 0o755))
}

func report(r replay.Result, before, after float64) {
	rate := float64(r.Sales) / r.Selling.Seconds()
	limit := (before + after) / 2
	fmt.Printf("sold          %d\n", r.Sales)
	fmt.Printf("acknowledged  %d\n", r.Acknowledged)
	fmt.Printf("revenue       %s\n", r.Revenue.Plain("en"))
	fmt.Printf("units left    %d\n", r.Units)
	if r.Kills+r.Cuts > 0 {
		fmt.Printf("faults        %d kills of headquarters, %d links cut\n", r.Kills, r.Cuts)
	}
	fmt.Printf("time          %s, %.0f sales/s\n", r.Selling.Round(time.Second), rate)
	fmt.Printf("limit         %.0f sales/s (raw SQLite commits, no headquarters; %.0f before, %.0f after): %.2f of it\n", limit, before, after, rate/limit)
	for i, d := range r.Differences {
		if i == 20 {
			fmt.Printf("and %d more\n", len(r.Differences)-i)
			break
		}
		fmt.Println("DIFFERENCE", d)
	}
	if len(r.Differences) == 0 {
		fmt.Println("Exact: every sale acknowledged once, stock and revenue as the history says, every chain verified.")
	}
}

// Command mutants plants each known bug in a checkout of its own and says which checks find it. It exits with 1 when one
// does not apply any more or is not found.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"comptant/sync/e2e/mutants"

	"github.com/alecthomas/kong"
)

type cli struct {
	Names []string `arg:"" optional:"" help:"Only mutants whose name begins like this, for example 07."`
	Dir   string   `default:"sync/e2e/mutants" type:"existingdir" help:"Folder of the patches."`
}

func main() {
	var c cli
	k := kong.Parse(&c, kong.Description("Plants known bugs, one at a time, and says which checks find each."))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	k.FatalIfErrorf(run(ctx, c))
}

func run(ctx context.Context, c cli) (err error) {
	all, err := mutants.Read(c.Dir, c.Names...)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "comptant-mutants-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	tree, err := mutants.NewTree(ctx, ".", dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tree.Close(ctx)) }()
	lived := 0
	for _, m := range all {
		began := time.Now()
		failed, err := tree.Plant(ctx, m)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		fmt.Printf("%s: %s\n", m.Name, m.What)
		switch {
		case err != nil:
			lived++
			fmt.Printf("  FAULT %v\n", err)
		case len(failed) == 0:
			lived++
			fmt.Printf("  NOT FOUND by %s\n", strings.Join(m.Packages, " "))
		default:
			for _, test := range failed {
				fmt.Printf("  found by %s\n", test)
			}
		}
		fmt.Printf("  %s\n", time.Since(began).Round(time.Second))
	}
	fmt.Printf("%d mutants, %d found\n", len(all), len(all)-lived)
	if lived > 0 {
		return fmt.Errorf("%d mutants were not found", lived)
	}
	return nil
}

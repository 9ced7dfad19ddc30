package main

import (
	"context"
	"fmt"
	"log/slog"

	"comptant/terminal/lane"
)

type restoredCmd struct{ folder }

// Help is what --help adds.
func (*restoredCmd) Help() string {
	return "For after an image of the whole disk, or of the till's folder, was put back: nothing in it shows that, and the next " +
		"receipts would repeat numbers that were printed since. It begins a new series of receipt numbers, needs no " +
		"network, and what the folder holds stays. Stop the till first. Run it once: each time begins another series.\n\n" +
		"Exit code 0: done. 1: not done, for example because the till runs, or the folder belongs to none. 2: wrong usage."
}

func (c *restoredCmd) Run(ctx context.Context, log *slog.Logger) error {
	begun, err := lane.BeginAgain(ctx, lane.Config{Dir: c.Dir, App: version, Log: log})
	if err != nil {
		return err
	}
	if begun.Again {
		fmt.Printf("Warning: nothing was sold since this was last done; it was done again all the same.\n")
	}
	fmt.Printf("Receipts go on in series %d, from number 1 (before: series %d). Headquarters sends back what the image lacks.\n",
		begun.Epoch, begun.Before)
	return nil
}

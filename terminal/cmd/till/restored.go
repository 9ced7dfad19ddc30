package main

import (
	"context"
	"fmt"
	"log/slog"

	"comptant/terminal/lane"
)

type restoredCmd struct {
	folder
	From string `type:"existingfile" placeholder:"FILE" help:"A backup of the journal to put in the place of the folder's, which is kept beside it."`
}

// Help is what --help adds.
func (*restoredCmd) Help() string {
	return "For after an image of the whole disk, or of the till's folder, was put back: nothing in it shows that, and the next " +
		"receipts would repeat numbers that were printed since. It begins a new series of receipt numbers, needs no " +
		"network, and what the folder holds stays. Stop the till first. Run it once: each time begins another series.\n\n" +
		"Without an image, --from takes one of the backups that a till makes each night (see till run --help), also into an " +
		"empty folder on a new disk. What was sold since then comes from the folder's sentinel, when it is still there, and " +
		"from headquarters.\n\n" +
		"Exit code 0: done. 1: not done, for example because the till runs, or the folder belongs to none. 2: wrong usage."
}

func (c *restoredCmd) Run(ctx context.Context, log *slog.Logger) error {
	cfg := lane.Config{Dir: c.Dir, App: version, Log: log}
	if c.From != "" {
		if err := lane.PutBack(ctx, cfg, c.From); err != nil {
			return err
		}
	}
	begun, err := lane.BeginAgain(ctx, cfg)
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

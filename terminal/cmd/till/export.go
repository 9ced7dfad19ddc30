package main

import (
	"context"
	"fmt"
	"log/slog"

	"comptant/terminal/lane"
)

type exportCmd struct {
	folder
	To  string `type:"path" placeholder:"FOLDER" help:"Where the file goes, for example a USB stick. Default: the folder exports in the till's."`
	All bool   `help:"All that the till still has, for a headquarters that was put back from a backup."`
}

// Help is what --help adds.
func (*exportCmd) Help() string {
	return "Writes what headquarters has not acknowledged to a file that the till's key signs. Headquarters takes it with: hq journal import FILE. " +
		"Nothing counts as sent because of it, and nothing counts twice when the till sends it too. While the till runs, the Journal screen " +
		"does the same.\n\n" +
		"Exit code 0: done, or nothing waits. 1: not done, for example because the till runs, or the folder belongs to none. 2: wrong usage."
}

func (c *exportCmd) Run(ctx context.Context, log *slog.Logger) error {
	done, err := lane.Export(ctx, lane.Config{Dir: c.Dir, App: version, Log: log}, c.To, c.All)
	if err != nil {
		return err
	}
	if done.Entries == 0 {
		fmt.Println("Nothing waits: headquarters has everything.")
		return nil
	}
	fmt.Printf("%d entries in %s\n", done.Entries, done.File)
	return nil
}

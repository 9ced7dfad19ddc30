package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"comptant/hq/db"
	"comptant/hq/db/backup"
	"comptant/hq/server"
)

type backupCmd struct {
	To string `required:"" type:"path" placeholder:"PATH" help:"A folder, or the new file's name. Keep it on another machine."`
	output
}

// Help is what --help adds.
func (backupCmd) Help() string {
	return "The file holds headquarters' key and everybody's data: whoever has it is headquarters. Run this from cron; nothing stops meanwhile. " +
		"It needs the programs of Postgres' client (the package postgresql-client)."
}

func (b backupCmd) Run(ctx context.Context, c *cli) error {
	if !c.database().Exists() {
		return fmt.Errorf("back up: there is no headquarters in %s: choose its folder with --home", c.Home)
	}
	s, address, err := c.database().Start(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	file := b.To
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		file = filepath.Join(file, "comptant-hq-"+time.Now().UTC().Format("20060102T150405Z")+".backup")
	}
	var bytes int64
	err = newProgress().during("Copying", func() (err error) {
		bytes, err = backup.Write(ctx, address, file)
		return err
	})
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	return b.say(map[string]any{"file": file, "bytes": bytes}, "%s: %.1f MB", file, float64(bytes)/1e6)
}

type restoreCmd struct {
	File  string `arg:"" type:"existingfile" help:"What hq backup wrote."`
	Apply bool   `help:"Put it in place. Without this, only say what is in it and what is in place."`
	output
}

// Help is what --help adds.
func (restoreCmd) Help() string {
	return "Stop headquarters first. What is in place is kept as another database of the same Postgres. " +
		"Tills that were told of more than the backup has send it again at their next session; run hq journal verify after that."
}

func (r restoreCmd) Run(ctx context.Context, c *cli) (err error) {
	s, address, err := c.database().Start(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	var candidate *backup.Candidate
	err = newProgress().during("Reading the backup", func() (err error) {
		candidate, err = backup.Prepare(ctx, address, r.File, func(ctx context.Context, address string) error {
			d, err := db.Open(ctx, address, c.quiet(), db.Options{})
			if err != nil {
				return err
			}
			defer d.Close()
			return d.Migrate(ctx)
		})
		return err
	})
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	defer func() {
		if closing := candidate.Close(ctx); err == nil {
			err = closing
		}
	}()
	found := restoreRow{File: contentsRow(candidate.File), InPlace: contentsRow(candidate.InPlace)}
	if !r.JSON {
		fmt.Printf("In the backup: %s.\nIn place:      %s.\n", contents(candidate.File), contents(candidate.InPlace))
	}
	if !r.Apply {
		return r.say(found, "This was a preview: add --apply to put the backup in place.")
	}
	if found.Kept, err = candidate.Place(ctx, time.Now()); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	return r.say(found, "Restored. What was in place is kept as the database %s.", found.Kept)
}

// restoreRow is a restore as scripts read it.
type restoreRow struct {
	File    contentsRow `json:"in_the_backup"`
	InPlace contentsRow `json:"in_place"`
	// Kept is the database that what was in place is kept as; empty for a preview.
	Kept string `json:"kept_as,omitempty"`
}

type contentsRow struct {
	Tills   int64      `json:"tills"`
	Entries int64      `json:"entries"`
	Newest  *time.Time `json:"newest_arrived_at"`
}

func contents(c backup.Contents) string {
	text := fmt.Sprintf("%d tills, %d entries of their journals", c.Tills, c.Entries)
	if c.Newest != nil {
		text += ", the newest arrived " + c.Newest.Local().Format(time.DateTime)
	}
	return text
}

// database is where this headquarters keeps its data.
func (c *cli) database() server.Database {
	return server.Database{URL: c.DatabaseURL, Home: c.Home, Log: c.quiet()}
}

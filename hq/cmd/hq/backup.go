package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"comptant/hq/db"
	"comptant/hq/db/backup"
	"comptant/hq/server"
)

type backupCmd struct {
	To   string `required:"" type:"path" placeholder:"PATH" help:"A folder, or the new file's name. Keep it on another machine."`
	JSON bool   `name:"json" help:"Print JSON."`
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
	bytes, err := backup.Write(ctx, address, file)
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	if b.JSON {
		return json.NewEncoder(os.Stdout).Encode(struct {
			File  string `json:"file"`
			Bytes int64  `json:"bytes"`
		}{file, bytes})
	}
	fmt.Printf("%s: %.1f MB\n", file, float64(bytes)/1e6)
	return nil
}

type restoreCmd struct {
	File  string `arg:"" type:"existingfile" help:"What hq backup wrote."`
	Apply bool   `help:"Put it in place. Without this, only say what is in it and what is in place."`
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
	candidate, err := backup.Prepare(ctx, address, r.File, func(ctx context.Context, address string) error {
		d, err := db.Open(ctx, address, c.quiet(), db.Options{})
		if err != nil {
			return err
		}
		defer d.Close()
		return d.Migrate(ctx)
	})
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	defer func() {
		if closing := candidate.Close(ctx); err == nil {
			err = closing
		}
	}()
	fmt.Printf("In the backup: %s.\nIn place:      %s.\n", contents(candidate.File), contents(candidate.InPlace))
	if !r.Apply {
		fmt.Println("This was a preview: add --apply to put the backup in place.")
		return nil
	}
	kept, err := candidate.Place(ctx, time.Now())
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	fmt.Printf("Restored. What was in place is kept as the database %s.\n", kept)
	return nil
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

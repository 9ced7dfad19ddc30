package main

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"comptant/hq/intake"

	"github.com/google/uuid"
)

type journalExportCmd struct {
	From time.Time `required:"" format:"2006-01-02" placeholder:"2026-11-01" help:"The first day, in this machine's time zone."`
	Last time.Time `name:"to" required:"" format:"2006-01-02" placeholder:"2026-11-30" help:"The last day."`
	Out  string    `default:"." type:"path" placeholder:"PATH" help:"A folder, or the new file's name."`
	Till uuid.UUID `placeholder:"ID" help:"Only this till."`
	output
}

// Help is what --help adds.
func (journalExportCmd) Help() string {
	return "The file has every entry as the till wrote it, the ends of the chains that the tills signed, and their public keys. An entry is of the days " +
		"by its till's clock."
}

func (j journalExportCmd) Run(ctx context.Context, c *cli) error {
	from, until := local(j.From), local(j.Last).AddDate(0, 0, 1)
	if !from.Before(until) {
		return fmt.Errorf("--to %s is before --from %s", j.Last.Format(time.DateOnly), j.From.Format(time.DateOnly))
	}
	path := j.Out
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, fmt.Sprintf("comptant-%s-%s.audit.gz", from.Format("20060102"), j.Last.Format("20060102")))
	}
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	packed := gzip.NewWriter(file)
	end, err := intake.New(s.DB, c.quiet(), time.Now).Audit(ctx, packed, intake.Scope{Till: j.Till}, from, until, time.Now())
	if err = errors.Join(err, packed.Close(), file.Sync(), file.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return j.say(map[string]any{"file": path, "tills": end.Tills, "entries": end.Entries},
		"%s: %d tills, %d entries. Check it with: audit %[1]s", path, end.Tills, end.Entries)
}

// local is midnight of a day here.
func local(day time.Time) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, time.Local)
}

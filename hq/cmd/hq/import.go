package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"comptant/hq/db"
	"comptant/hq/importer"
	"comptant/hq/users"
)

type importCmd struct {
	File     importFileCmd     `cmd:"" default:"withargs" help:"Import a CSV file; the word file may be left out."`
	Pictures importPicturesCmd `cmd:"" help:"Import pictures of products from a folder."`
}

type importFileCmd struct {
	Kind  importer.Kind `arg:"" enum:"stores,charges,taxes,products,prices,barcodes,adjustments,stock,customers,sales" help:"What the file lists: ${enum}."`
	File  string        `arg:"" type:"existingfile" help:"CSV file: comma, semicolon or tab; UTF-8, UTF-16 or Latin-1; headings in French or English."`
	Apply bool          `help:"Import it. Without this, only say what would change."`
	output
}

// importRow is what came of a file as scripts read it.
type importRow struct {
	New       int      `json:"new"`
	Changed   int      `json:"changed"`
	Ended     int      `json:"ended"` // of those changed, a store's own prices
	Unchanged int      `json:"unchanged"`
	Bad       []badRow `json:"bad"`
	Ignored   []string `json:"ignored_columns"`
	Imported  bool     `json:"imported"`
}

type badRow struct {
	Line   int    `json:"line"`
	Column string `json:"column,omitempty"`
	Value  string `json:"value,omitempty"`
	Reason string `json:"reason"`
}

func (i importFileCmd) Run(ctx context.Context, c *cli) error {
	in, err := os.Open(i.File)
	if err != nil {
		return err
	}
	defer in.Close()
	shown := newProgress()
	file, err := importer.Read(in, i.Kind, func(rows int) { shown.say("%d rows read", rows) })
	shown.end()
	if err != nil {
		return fmt.Errorf("read %s: %w", i.File, err)
	}
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	var plan importer.Plan
	if i.Apply {
		file.Progress = func(done, of int) { shown.say("%d of %d written", done, of) }
		err = change(ctx, s, func(tx *db.Tx) (c users.Change, err error) {
			plan, err = file.ApplyIn(ctx, tx, time.Now())
			return importer.Did(i.Kind, filepath.Base(i.File), plan), err
		})
		shown.end()
	} else {
		plan, err = file.Preview(ctx, s.DB)
	}
	if err != nil && !errors.Is(err, importer.ErrBadRows) {
		return err
	}
	if err := i.print(plan, file.Ignored, i.Apply && err == nil); err != nil {
		return err
	}
	if err == nil && len(plan.Bad) > 0 {
		return errFound
	}
	return err
}

func (i importFileCmd) print(plan importer.Plan, ignored []string, imported bool) error {
	if i.JSON {
		row := importRow{plan.New, plan.Changed, plan.Ended, plan.Unchanged, make([]badRow, len(plan.Bad)), append([]string{}, ignored...), imported}
		for n, b := range plan.Bad {
			row.Bad[n] = badRow{b.Line, b.Column(), b.Value(), b.Reason}
		}
		return printJSON(row)
	}
	if len(ignored) > 0 {
		fmt.Printf("Columns that mean nothing here: %s\n", strings.Join(ignored, ", "))
	}
	for _, b := range plan.Bad {
		fmt.Println(b)
	}
	if i.Apply && !imported { // the error says how many there are
		return nil
	}
	fmt.Printf("%d new, %d changed, %d unchanged, %d bad\n", plan.New, plan.Changed, plan.Unchanged, len(plan.Bad))
	if plan.Ended > 0 {
		fmt.Printf("Of those changed, %d end a store's own price.\n", plan.Ended)
	}
	said := "This was a preview: add --apply to import it."
	switch {
	case imported:
		said = "Imported."
	case len(plan.Bad) > 0:
		said = "Nothing can be imported until the bad rows are mended."
	}
	fmt.Println(said)
	return nil
}

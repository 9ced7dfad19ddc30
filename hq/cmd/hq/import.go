package main

import (
	"context"
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
}

func (i importFileCmd) Run(ctx context.Context, c *cli) error {
	in, err := os.Open(i.File)
	if err != nil {
		return err
	}
	defer in.Close()
	file, err := importer.Read(in, i.Kind, func(rows int) { fmt.Fprintf(os.Stderr, "\r%d rows read ", rows) })
	fmt.Fprintln(os.Stderr)
	if err != nil {
		return fmt.Errorf("read %s: %w", i.File, err)
	}
	if len(file.Ignored) > 0 {
		fmt.Printf("Columns that mean nothing here: %s\n", strings.Join(file.Ignored, ", "))
	}
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	var plan importer.Plan
	if i.Apply {
		file.Progress = func(done, of int) { fmt.Fprintf(os.Stderr, "\r%d of %d written ", done, of) }
		err = change(ctx, s, func(tx *db.Tx) (c users.Change, err error) {
			plan, err = file.ApplyIn(ctx, tx, time.Now())
			return importer.Did(i.Kind, filepath.Base(i.File), plan), err
		})
	} else {
		plan, err = file.Preview(ctx, s.DB)
	}
	for _, b := range plan.Bad {
		fmt.Println(b)
	}
	if err != nil {
		return err
	}
	fmt.Printf("%d new, %d changed, %d unchanged, %d bad\n", plan.New, plan.Changed, plan.Unchanged, len(plan.Bad))
	if plan.Ended > 0 {
		fmt.Printf("Of those changed, %d end a store's own price.\n", plan.Ended)
	}
	switch {
	case i.Apply:
		fmt.Println("Imported.")
	case len(plan.Bad) > 0:
		fmt.Println("Nothing can be imported until the bad rows are mended.")
		return errFound
	default:
		fmt.Println("This was a preview: add --apply to import it.")
	}
	return nil
}

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"comptant/hq/db"
	"comptant/hq/intake"
	"comptant/hq/users"

	"github.com/google/uuid"
)

type journalCmd struct {
	Import journalImportCmd `cmd:"" help:"Take in what a till exported to a file (till export, or its Journal screen). Exit 3 when a person must look at something."`
	Export journalExportCmd `cmd:"" help:"Write what the tills wrote in a period to a file for an auditor, who checks it with the program audit alone."`
	Verify journalVerifyCmd `cmd:"" help:"Recompute every chain, and every figure that follows from the entries. Exit 3 when something does not agree."`
}

type journalImportCmd struct {
	File string `arg:"" type:"existingfile" help:"The file, for example comptant-CV-01-20261129T084512Z.export."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// Help is what --help adds.
func (journalImportCmd) Help() string {
	return "The file is taken whole or not at all. It may be imported twice, and the till may send the same entries before, meanwhile or later: " +
		"nothing counts twice."
}

// carriedRow is what came of a file, as scripts read it.
type carriedRow struct {
	Store   uuid.UUID `json:"store"`
	Till    uuid.UUID `json:"till"`
	Made    time.Time `json:"made"`
	Entries int       `json:"entries"`
	New     int       `json:"new"`
	Flagged int       `json:"flagged"`
	Forked  bool      `json:"forked"`
	Aside   bool      `json:"aside"`
}

func (j journalImportCmd) Run(ctx context.Context, c *cli) error {
	file, err := os.Open(j.File)
	if err != nil {
		return err
	}
	defer file.Close()
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	done, err := intake.New(s.DB, c.quiet(), time.Now).Import(ctx, file)
	if err != nil {
		return fmt.Errorf("import %s: %w", j.File, err)
	}
	err = change(ctx, s, func(*db.Tx) (users.Change, error) {
		return users.Change{
			Kind: users.DidTakeJournal, Subject: done.Till.String(), Title: filepath.Base(j.File),
			After: map[string]any{"entries": done.Entries, "new": done.New},
		}, nil
	})
	if err != nil {
		return err
	}
	if j.JSON {
		err = json.NewEncoder(os.Stdout).Encode(carriedRow(done))
	} else {
		err = printCarried(os.Stdout, done)
	}
	if err == nil && (done.Flagged > 0 || done.Forked || done.Aside) {
		err = errFound
	}
	return err
}

func printCarried(w io.Writer, done intake.Carried) error {
	text := fmt.Sprintf("Till %s, made %s: %d entries, %d new.\n", done.Till, done.Made.Local().Format(time.DateTime), done.Entries, done.New)
	switch {
	case done.Aside:
		text = fmt.Sprintf("Till %s: the key was revoked or replaced; %d entries are kept aside. See Journals on the dashboard.\n", done.Till, done.Entries)
	case done.Entries > 0 && done.New == 0:
		text += "Headquarters had all of it already.\n"
	}
	if done.Flagged > 0 {
		text += fmt.Sprintf("%d entries are flagged: see Journals on the dashboard.\n", done.Flagged)
	}
	if done.Forked {
		text += "The till's journal goes on in two ways: a copy of its disk was used. See Journals on the dashboard.\n"
	}
	_, err := io.WriteString(w, text)
	return err
}

type journalVerifyCmd struct {
	Till uuid.UUID `placeholder:"ID" help:"Only this till's chains."`
	JSON bool      `name:"json" help:"Print JSON."`
}

// faultRow is a fault as scripts read it. Till is empty when figures, not entries, are wrong.
type faultRow struct {
	Store uuid.UUID `json:"store"`
	Till  uuid.UUID `json:"till"`
	Epoch uint64    `json:"epoch"`
	Seq   uint64    `json:"seq"`
	Error string    `json:"error"`
}

func (j journalVerifyCmd) Run(ctx context.Context, c *cli) error {
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	shown := newProgress()
	faults, err := intake.New(s.DB, c.quiet(), time.Now).VerifyScope(ctx, intake.Scope{Till: j.Till}, func(read int64) { shown.say("%d entries", read) })
	shown.end()
	if err != nil {
		return err
	}
	if j.JSON {
		rows := make([]faultRow, len(faults))
		for i, f := range faults {
			rows[i] = faultRow{Store: f.Store, Till: f.Till, Epoch: f.Epoch, Seq: f.Seq, Error: f.Err.Error()}
		}
		if err := json.NewEncoder(os.Stdout).Encode(rows); err != nil {
			return err
		}
	} else {
		for _, f := range faults {
			fmt.Println(f.Error())
		}
	}
	if len(faults) > 0 {
		return errFound
	}
	if !j.JSON {
		fmt.Println("Every chain verifies, and every figure equals the entries.")
	}
	return nil
}

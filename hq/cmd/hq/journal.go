package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"comptant/hq/intake"

	"github.com/google/uuid"
)

type journalCmd struct {
	Verify journalVerifyCmd `cmd:"" help:"Recompute every chain, and every figure that follows from the entries. Exit 3 when something does not agree."`
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
	faults, err := intake.New(s.DB, c.quiet(), time.Now).Verify(ctx, j.Till)
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

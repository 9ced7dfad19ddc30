package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"text/tabwriter"

	"comptant/hq/sales"
	"comptant/hq/stock"
	"comptant/shared/money"
	"comptant/shared/retail"

	"github.com/google/uuid"
)

type reportDeedsCmd struct {
	period
	JSON bool `name:"json" help:"Print JSON; money in cents."`
}

// deedRow is a count as scripts read it.
type deedRow struct {
	Store    string       `json:"store"`
	Deed     retail.Deed  `json:"deed"`
	Reason   string       `json:"reason"`
	Count    int64        `json:"count"`
	Approved int64        `json:"approved"`
	Amount   money.Amount `json:"amount_cents"`
}

func (r reportDeedsCmd) Run(ctx context.Context, c *cli) error {
	from, to, err := r.dates()
	if err != nil {
		return err
	}
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	stores, err := stock.Stores(ctx, s)
	if err != nil {
		return err
	}
	ids, codes := make([]uuid.UUID, len(stores)), map[uuid.UUID]string{}
	for i, st := range stores {
		ids[i], codes[st.ID] = st.ID, st.Code
	}
	counts, err := sales.Deeds(ctx, s, ids, sales.Period{From: from, To: to})
	if err != nil {
		return err
	}
	rows := make([]deedRow, len(counts))
	for i, d := range counts {
		rows[i] = deedRow{codes[d.Store], d.Deed, d.Reason, d.Count, d.Approved, d.Amount}
	}
	if r.JSON {
		return json.NewEncoder(os.Stdout).Encode(rows)
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "STORE\tDEED\tREASON\tCOUNT\tAPPROVED\tAMOUNT")
	for _, d := range rows {
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%d\t%s\n", d.Store, d.Deed, d.Reason, d.Count, d.Approved, d.Amount.Plain("en"))
	}
	return w.Flush()
}

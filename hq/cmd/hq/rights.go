package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"comptant/hq/db"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
)

type userRightsCmd struct {
	Role     string   `enum:",administrator,manager,supervisor,employee,cashier" default:"" help:"Whose rights to set; none: show those of all."`
	Discount int      `default:"10" help:"The most of a price that may be taken off, in percent."`
	Refund   string   `default:"100" help:"The most that one refund gives back."`
	Alone    []string `placeholder:"DEED" help:"What else is done without an approval: drawer, refund-unheld, price, accuracy, void-sale."`
	output
}

// rightsRow is what a role does without an approval as scripts read it.
type rightsRow struct {
	Role     retail.Role   `json:"role"`
	Discount float64       `json:"discount_percent"`
	Refund   money.Amount  `json:"refund_cents"`
	Alone    []retail.Deed `json:"alone"`
}

func (u userRightsCmd) Run(ctx context.Context, c *cli) error {
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	if u.Role != "" {
		most, err := money.Parse(u.Refund)
		if err != nil {
			return fmt.Errorf("refund: %w", err)
		}
		r := retail.Rights{Role: retail.Role(u.Role), Discount: money.Rate(u.Discount) * money.Whole / 100, Refund: most}
		for _, d := range u.Alone {
			r.Alone = append(r.Alone, retail.Deed(d))
		}
		err = change(ctx, s, func(tx *db.Tx) (c users.Change, err error) {
			before, err := users.Rights(ctx, tx)
			if err != nil {
				return c, err
			}
			c = users.Change{Kind: users.DidSetRights, Subject: u.Role, Title: u.Role, Before: before.Of(r.Role), After: r}
			return c, users.SetRights(ctx, tx, r)
		})
		if err != nil {
			return err
		}
	}
	table, err := users.Rights(ctx, s)
	if err != nil {
		return err
	}
	if u.JSON {
		rows := make([]rightsRow, len(table))
		for i, r := range table {
			rows[i] = rightsRow{r.Role, 100 * float64(r.Discount) / float64(money.Whole), r.Refund, append([]retail.Deed{}, r.Alone...)}
		}
		return printJSON(rows)
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ROLE\tDISCOUNT\tREFUND\tALONE")
	for _, r := range table {
		alone := make([]string, len(r.Alone))
		for i, d := range r.Alone {
			alone[i] = string(d)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.Role, r.Discount.Format("en"), r.Refund.Plain("en"), strings.Join(alone, ", "))
	}
	return w.Flush()
}

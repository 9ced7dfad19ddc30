package main

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"comptant/hq/db"
	"comptant/hq/shop"
	"comptant/hq/users"

	"github.com/google/uuid"
)

type userCustomersCmd struct {
	Text string `arg:"" help:"A part of a name, a phone number or an e-mail address; or an id."`
}

// mostListed is how many customers are worth printing: who looks for one person types more.
const mostListed = 50

func (u userCustomersCmd) Run(ctx context.Context, c *cli) error {
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	found, err := users.FindCustomers(ctx, s, u.Text, mostListed)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tPHONE\tE-MAIL\tSTATE\tID")
	for _, p := range found {
		state := "known"
		if p.Erased {
			state = "erased"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", p.Name, p.Phone, p.Email, state, p.ID)
	}
	return w.Flush()
}

type userEraseCustomerCmd struct {
	ID uuid.UUID `arg:"" help:"The customer's id, from hq user customers."`
}

func (u userEraseCustomerCmd) Run(ctx context.Context, c *cli) error {
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	return change(ctx, s, func(tx *db.Tx) (users.Change, error) {
		return users.Change{Kind: users.DidEraseCustomer, Subject: u.ID.String()}, shop.EraseCustomer(ctx, tx, u.ID, time.Now())
	})
}

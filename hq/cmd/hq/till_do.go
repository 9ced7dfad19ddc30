package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"comptant/hq/db"
	"comptant/hq/tills"
	"comptant/hq/users"

	"github.com/google/uuid"
)

// tillArg names the till that something is done to.
type tillArg struct {
	ID uuid.UUID `arg:"" help:"The till's id, from hq till list."`
}

// do does something to the till, with its record.
func (t tillArg) do(ctx context.Context, c *cli, did users.Change, do func(ctx context.Context, r *tills.Registry, tx *db.Tx) (after any, err error)) error {
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	did.Subject = t.ID.String()
	return change(ctx, s, func(tx *db.Tx) (users.Change, error) {
		var err error
		did.After, err = do(ctx, tills.New(s.DB, time.Now), tx)
		return did, err
	})
}

type tillLockCmd struct {
	tillArg
	Reason string `required:"" help:"Why; the till shows it."`
	Call   string `help:"Whom the till says to call."`
	output
}

func (t tillLockCmd) Run(ctx context.Context, c *cli) error {
	err := t.do(ctx, c, users.Change{Kind: users.DidLockTill}, func(ctx context.Context, r *tills.Registry, tx *db.Tx) (any, error) {
		return map[string]string{"why": t.Reason}, r.LockOut(ctx, tx, t.ID, t.Reason, t.Call)
	})
	if err != nil {
		return err
	}
	return t.say(toldRow{Till: t.ID, Done: "locked"}, "Locked. The till keeps everybody out as soon as it hears of it: see hq till list.")
}

// toldRow is what was done to a till as scripts read it.
type toldRow struct {
	Till uuid.UUID `json:"till"`
	Done string    `json:"done"`
	// PINsReset are the people who lost theirs.
	PINsReset []string `json:"pins_reset,omitempty"`
}

type tillUnlockCmd struct {
	tillArg
	output
}

func (t tillUnlockCmd) Run(ctx context.Context, c *cli) error {
	err := t.do(ctx, c, users.Change{Kind: users.DidUnlockTill}, func(ctx context.Context, r *tills.Registry, tx *db.Tx) (any, error) {
		return nil, r.LetIn(ctx, tx, t.ID)
	})
	if err != nil {
		return err
	}
	return t.say(toldRow{Till: t.ID, Done: "unlocked"}, "Unlocked.")
}

type tillLogCmd struct {
	tillArg
	Ask bool `help:"Ask the till to send its log, as soon as it hears of it."`
}

func (t tillLogCmd) Run(ctx context.Context, c *cli) error {
	if t.Ask {
		return t.do(ctx, c, users.Change{Kind: users.DidAskLog}, func(ctx context.Context, r *tills.Registry, tx *db.Tx) (any, error) {
			return nil, r.AskLog(ctx, tx, t.ID)
		})
	}
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	text, err := tills.New(s.DB, time.Now).Log(ctx, t.ID)
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(text)
	return err
}

type tillRevokeCmd struct {
	tillArg
	output
	Stolen bool `help:"Also take away the PINs of everybody who works at its store: they sign in at no till until they are given new ones."`
}

func (t tillRevokeCmd) Run(ctx context.Context, c *cli) error {
	var reset []string
	err := t.do(ctx, c, users.Change{Kind: users.DidRevokeTill}, func(ctx context.Context, r *tills.Registry, tx *db.Tx) (any, error) {
		if err := r.RevokeTx(ctx, tx, t.ID); err != nil || !t.Stolen {
			return nil, err
		}
		till, err := tills.ByID(ctx, tx, t.ID)
		if err != nil {
			return nil, err
		}
		reset, err = users.ResetPINs(ctx, tx, till.Store)
		return map[string]any{"pins_reset": reset}, err
	})
	if err != nil {
		return err
	}
	said := "Revoked. What the till still sends is kept aside: see Journals on the dashboard."
	if t.Stolen {
		said += fmt.Sprintf("\nPINs reset: %s. Give them new ones: see People on the dashboard.", strings.Join(reset, ", "))
	}
	return t.say(toldRow{t.ID, "revoked", reset}, "%s", said)
}

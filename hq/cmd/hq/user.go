package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"comptant/hq/db"
	"comptant/hq/server"
	"comptant/hq/users"
	"comptant/shared/retail"

	"github.com/google/uuid"
)

type userCmd struct {
	Add     userAddCmd     `cmd:"" help:"Add a person. The password is read from standard input."`
	List    userListCmd    `cmd:"" help:"List the staff."`
	Badge   userBadgeCmd   `cmd:"" help:"Give a person the badge that is scanned, or take it away. It stands for the name at a till; the PIN is still asked for."`
	Rights  userRightsCmd  `cmd:"" help:"Show or set what a role does at the tills without an approval."`
	Disable userDisableCmd `cmd:"" help:"Keep a person out, at headquarters and at every till."`
	Enable  userEnableCmd  `cmd:"" help:"Let a person in again."`

	Password userPasswordCmd `cmd:"" help:"Give a person a new password, read from standard input. It ends their sessions."`

	Customers     userCustomersCmd     `cmd:"" help:"Find customers by a part of a name, phone number or e-mail address."`
	EraseCustomer userEraseCustomerCmd `cmd:"" help:"Erase a customer everywhere, as the law lets them ask. Journals keep the id alone."`
}

type userAddCmd struct {
	Name   string   `required:"" help:"Name, as tills show it."`
	Role   string   `required:"" enum:"administrator,manager,supervisor,employee,cashier,warehouse" help:"One of ${enum}."`
	Email  string   `help:"Address to sign in at headquarters with; a password is asked for."`
	Stores []string `name:"store" placeholder:"CODE" help:"A store whose tills the person may use, with the PIN, and which the dashboard shows them. May be repeated; none: all stores on the dashboard."`
	PIN    string   `name:"pin" help:"4 to 6 digits for the tills."`
	Lang   string   `default:"fr" enum:"fr,en" help:"Language: ${enum}."`
}

func (u userAddCmd) Run(ctx context.Context, c *cli) error {
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	staff := users.Staff{ID: id, Name: u.Name, Email: u.Email, Role: retail.Role(u.Role), Lang: u.Lang}
	var password users.Password
	if u.Email != "" {
		if password, err = readPassword(); err != nil {
			return err
		}
	}
	var pin users.PIN
	if u.PIN != "" {
		if pin, err = users.NewPIN(u.PIN); err != nil {
			return err
		}
	}
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	for _, code := range u.Stores {
		store, err := storeByCode(ctx, s, code)
		if err != nil {
			return err
		}
		staff.Stores = append(staff.Stores, store)
	}
	err = change(ctx, s, func(tx *db.Tx) (c users.Change, err error) {
		if err := users.Put(ctx, tx, staff, password, pin); err != nil {
			return c, err
		}
		now, err := users.Get(ctx, tx, id)
		return users.Change{Kind: users.DidAddStaff, Subject: id.String(), Title: now.Name, After: now}, err
	})
	if err != nil {
		return err
	}
	fmt.Println(id)
	return nil
}

// readPassword takes a line from standard input, so that the password is in no process list and no shell history.
func readPassword() (users.Password, error) {
	line, err := readLine("Password: ")
	if err != nil {
		return users.Password{}, fmt.Errorf("read the password from standard input: %w", err)
	}
	return users.NewPassword(line)
}

// readLine asks for a line of standard input.
func readLine(prompt string) (string, error) {
	fmt.Fprint(os.Stderr, prompt)
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if line == "" {
		return "", err
	}
	return strings.TrimRight(line, "\r\n"), nil
}

type userBadgeCmd struct {
	ID     uuid.UUID `arg:"" help:"The person's id, from hq user list."`
	Remove bool      `help:"Take the badge away."`
}

// Help is what --help adds.
func (userBadgeCmd) Help() string {
	return "The code is read from standard input: scan the badge, or type its code and Enter. Only a hash of it is kept, and sent to the tills."
}

func (u userBadgeCmd) Run(ctx context.Context, c *cli) error {
	var badge users.Badge
	if !u.Remove {
		code, err := readLine("Scan the badge: ")
		if err != nil {
			return fmt.Errorf("read the badge from standard input: %w", err)
		}
		if badge, err = users.NewBadge(code); err != nil {
			return err
		}
	}
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	return changeStaff(ctx, s, users.DidSetBadge, u.ID, func(tx *db.Tx) error { return users.SetBadge(ctx, tx, u.ID, badge) })
}

type userListCmd struct{ output }

// staffRow is a person as scripts read it.
type staffRow struct {
	ID     uuid.UUID   `json:"id"`
	Name   string      `json:"name"`
	Role   retail.Role `json:"role"`
	Email  string      `json:"email"`
	Lang   string      `json:"lang"`
	Stores []uuid.UUID `json:"stores"`
	PIN    bool        `json:"has_pin"`
	Badge  bool        `json:"has_badge"`
	State  string      `json:"state"` // active or disabled
}

func (u userListCmd) Run(ctx context.Context, c *cli) error {
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	list, err := users.List(ctx, s)
	if err != nil {
		return err
	}
	rows := make([]staffRow, len(list))
	for i, p := range list {
		rows[i] = staffRow{p.ID, p.Name, p.Role, p.Email, p.Lang, append([]uuid.UUID{}, p.Stores...), p.HasPIN, p.HasBadge, "active"}
		if p.DisabledAt != nil {
			rows[i].State = "disabled"
		}
	}
	if u.JSON {
		return printJSON(rows)
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tROLE\tE-MAIL\tSTORES\tBADGE\tSTATE\tID")
	for _, r := range rows {
		badge := "no"
		if r.Badge {
			badge = "yes"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\t%s\t%s\n", r.Name, r.Role, r.Email, len(r.Stores), badge, r.State, r.ID)
	}
	return w.Flush()
}

type userDisableCmd struct {
	ID uuid.UUID `arg:"" help:"The person's id, from hq user list."`
}

func (u userDisableCmd) Run(ctx context.Context, c *cli) error {
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	return changeStaff(ctx, s, users.DidBlock, u.ID, func(tx *db.Tx) error { return users.Disable(ctx, tx, u.ID, time.Now()) })
}

type userEnableCmd struct {
	ID uuid.UUID `arg:"" help:"The person's id, from hq user list."`
}

func (u userEnableCmd) Run(ctx context.Context, c *cli) error {
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	return changeStaff(ctx, s, users.DidUnblock, u.ID, func(tx *db.Tx) error { return users.Enable(ctx, tx, u.ID) })
}

type userPasswordCmd struct {
	ID uuid.UUID `arg:"" help:"The person's id, from hq user list."`
}

func (u userPasswordCmd) Run(ctx context.Context, c *cli) error {
	password, err := readPassword()
	if err != nil {
		return err
	}
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	return changeStaff(ctx, s, users.DidSetPassword, u.ID, func(tx *db.Tx) error { return users.SetPassword(ctx, tx, u.ID, password, "") })
}

// changeStaff does one thing about a person.
func changeStaff(ctx context.Context, s *server.Store, kind users.ChangeKind, id uuid.UUID, do func(tx *db.Tx) error) error {
	return change(ctx, s, func(tx *db.Tx) (c users.Change, err error) {
		staff, err := users.Get(ctx, tx, id)
		if err != nil {
			return c, err
		}
		return users.Change{Kind: kind, Subject: id.String(), Title: staff.Name}, do(tx)
	})
}

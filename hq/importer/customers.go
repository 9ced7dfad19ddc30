package importer

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"comptant/hq/db"
	"comptant/hq/users"
	"comptant/shared/retail"
)

// customerRow is a row of a customers file. What is empty leaves what is known as it is.
type customerRow struct {
	line int
	// key is what the other system calls the person; their address or number where it has no name for them.
	key, name, phone, email, store string
}

func (p *parser) customer(r row) (err error) {
	v := customerRow{line: r.line}
	key, err := r.text(colCode, maxSKU, false)
	if err != nil {
		return err
	}
	name, err := r.text(colName, maxName, false)
	if err != nil {
		return err
	}
	first, _ := r.get(colFirstName)
	if name = strings.TrimSpace(first + " " + name); name == "" {
		return errors.New("no name")
	}
	phone, _ := r.get(colPhone)
	email, _ := r.get(colEmail)
	if v.store, err = r.text(colStore, maxName, false); err != nil {
		return err
	}
	c, err := retail.Customer{Name: name, Phone: phone, Email: email}.Tidy()
	var refused *retail.Error
	if errors.As(err, &refused) {
		switch refused.Key {
		case retail.KeyCustomerName:
			return errors.New("name: 60 characters at most")
		case retail.KeyCustomerPhone:
			return fmt.Errorf("phone: %q is not a number with its area code", phone)
		default:
			return fmt.Errorf("e-mail: %q is not an address", email)
		}
	}
	v.name, v.phone, v.email = c.Name, c.Phone, c.Email
	switch {
	case key != "":
		v.key = key
	case v.email != "":
		v.key = "email " + v.email
	case v.phone != "":
		v.key = "phone " + retail.Digits(v.phone)
	default:
		return errors.New("no number, e-mail or phone to know the customer by")
	}
	if err := p.first("customer", v.key, r.line); err != nil {
		return err
	}
	if v.email != "" {
		if err := p.first("e-mail", v.email, r.line); err != nil {
			return err
		}
	}
	p.file.customers = append(p.file.customers, v)
	return nil
}

func (f *File) compareCustomers(ctx context.Context, tx *db.Tx, plan *Plan) error {
	stores, err := storesByName(ctx, tx)
	if err != nil {
		return err
	}
	ids, emails := make([]uuid.UUID, len(f.customers)), make([]string, len(f.customers))
	for i, r := range f.customers {
		ids[i], emails[i] = newID("customer", r.key), r.email
	}
	found, err := users.Customers(ctx, tx, ids, emails)
	if err != nil {
		return err
	}
	byID, byEmail := map[uuid.UUID]users.Customer{}, map[string]users.Customer{}
	for _, c := range found {
		byID[c.ID], byEmail[c.Email] = c, c
	}
	var changed []users.Newcomer
	for i, r := range f.customers {
		var store uuid.UUID
		if r.store != "" {
			l, known := stores[fold(r.store)]
			if code, err := storeCode(r.store); !known && err == nil {
				l, known = stores[fold(code)]
			}
			if !known || l.Kind != retail.LocationStore {
				plan.bad(r.line, "there is no store %q", r.store)
				continue
			}
			store = l.ID
		}
		before, there := byID[ids[i]]
		if !there && r.email != "" {
			before, there = byEmail[r.email] // a till has written them down
		}
		c := before.Customer
		if !there {
			c.ID = ids[i]
		}
		r.change(&c)
		same := there && (before.Erased || c == before.Customer) // who was erased stays erased
		plan.count(there, same)
		if !same {
			changed = append(changed, users.Newcomer{Customer: c, Store: store})
		}
	}
	plan.write = func(ctx context.Context, tx *db.Tx, at time.Time) error {
		for i := range changed {
			changed[i].At = at.UnixMilli()
		}
		return users.PutCustomers(ctx, tx, changed)
	}
	return nil
}

func (r customerRow) change(c *retail.Customer) {
	c.Name = r.name
	if r.phone != "" {
		c.Phone = r.phone
	}
	if r.email != "" {
		c.Email = r.email
	}
}

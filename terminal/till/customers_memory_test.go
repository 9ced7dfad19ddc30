package till_test

import (
	"context"
	"slices"
	"strings"

	"comptant/shared/retail"

	"github.com/google/uuid"
)

// memoryCustomers are the people a till knows.
type memoryCustomers struct{ all []retail.Customer }

func (m *memoryCustomers) KeepCustomer(_ context.Context, c retail.Customer) error {
	m.all = append(slices.DeleteFunc(m.all, func(o retail.Customer) bool { return o.ID == c.ID }), c)
	return nil
}

func (m *memoryCustomers) FindCustomers(_ context.Context, query string, limit int) ([]retail.Customer, error) {
	var found []retail.Customer
	for _, c := range m.all {
		digits := retail.Digits(query)
		if strings.Contains(strings.ToLower(c.Name+" "+c.Email), strings.ToLower(query)) || digits != "" && strings.Contains(retail.Digits(c.Phone), digits) {
			found = append(found, c)
		}
	}
	return found[:min(limit, len(found))], nil
}

func (m *memoryCustomers) Customer(_ context.Context, id uuid.UUID) (retail.Customer, bool, error) {
	i := slices.IndexFunc(m.all, func(c retail.Customer) bool { return c.ID == id && !c.Erased })
	if i < 0 {
		return retail.Customer{}, false, nil
	}
	return m.all[i], true, nil
}

package atlas

import (
	"fmt"

	"comptant/hq/catalog"
	"comptant/hq/payments"
	"comptant/hq/stock"
	"comptant/hq/tills"
	"comptant/shared/retail"
)

// Machine is what may become of one kind of thing that a domain keeps.
type Machine struct {
	Domain, Name string
	Steps        retail.Steps[string] // "" is before there was anything
}

// machines are the tables of steps that the domains use.
var machines = []Machine{
	machine("catalog", "book", catalog.BookSteps),
	machine("orders", "order", retail.OrderSteps),
	machine("payments", "payment", payments.Steps),
	machine("sales", "hold", retail.HoldSteps),
	machine("stock", "restock", retail.RestockSteps),
	machine("stock", "shipment", stock.ShipmentSteps),
	machine("tills", "till", tills.Steps),
}

// Machines gives those of a domain.
func Machines(domain string) (found []Machine) {
	for _, m := range machines {
		if m.Domain == domain {
			found = append(found, m)
		}
	}
	return found
}

func machine[S comparable](domain, name string, steps retail.Steps[S]) Machine {
	m := Machine{Domain: domain, Name: name}
	var none S
	text := func(s S) string {
		if s == none {
			return ""
		}
		return fmt.Sprint(s)
	}
	for _, s := range steps {
		m.Steps = append(m.Steps, retail.Step[string]{From: text(s.From), To: text(s.To), Deed: s.Deed})
	}
	return m
}

// words are the keys of what a person reads: of the machine, of a state, of a deed.
func (m Machine) word() string              { return "machine." + m.Name }
func (m Machine) stateWord(s string) string { return m.word() + "." + s }
func (m Machine) deedWord(d string) string  { return m.word() + ".do." + d }

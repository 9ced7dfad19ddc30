package atlas

import "slices"

// named are the references that rows of tills and stores make without a foreign key: what they name may come later, in
// whatever order journals arrive, and is of another domain. A column of this name names a row of that table wherever it
// stands, unless a foreign key has it.
var named = map[string][2]string{
	"store_id": {"stock", "location"}, "location_id": {"stock", "location"}, "from_id": {"stock", "location"}, "by_store": {"stock", "location"},
	"product_id": {"catalog", "product"}, "customer_id": {"users", "customer"},
	"till_id": {"tills", "till"}, "for_till": {"tills", "till"}, "by_till": {"tills", "till"}, "of_till": {"tills", "till"},
	"user_id": {"users", "staff"}, "approver_id": {"users", "staff"}, "resolved_by": {"users", "staff"}, "counted_by": {"users", "staff"},
	"requested_by": {"users", "staff"}, "decided_by": {"users", "staff"}, "shipped_by": {"users", "staff"}, "received_by": {"users", "staff"},
	"made_by": {"users", "staff"}, "staff_id": {"users", "staff"}, "by_id": {"users", "staff"}, "token_id": {"users", "token"},
	"sold_till": {"tills", "till"}, "answered_by": {"users", "staff"}, "order_id": {"orders", "placed"}, "of_order": {"orders", "placed"},
	"cart_id": {"shop", "cart"}, "hold_id": {"sales", "hold"}, "restock_id": {"stock", "restock"},
}

// written is where a row's entry stands in the journals.
var written = []string{"store_id", "till_id", "epoch", "seq"}

// parts are the tables whose rows belong to a row of another, by several columns and without a foreign key.
var parts = []struct {
	from    string
	columns []string
	to      [2]string
}{
	{"sales.line", append(slices.Clone(written), "branch"), [2]string{"sales", "document"}},
	{"sales.refund", append(slices.Clone(written), "hash"), [2]string{"journal", "entry"}},
	{"sales.document", append(slices.Clone(written), "branch"), [2]string{"journal", "entry"}},
	{"journal.deferred", append(slices.Clone(written), "hash"), [2]string{"journal", "entry"}},
	{"journal.flag", append(slices.Clone(written), "hash"), [2]string{"journal", "entry"}},
}

// undeclared gives the references of a table that the database does not hold to, and the code does.
func undeclared(t Table) (found []Reference) {
	for _, p := range parts {
		if p.from == t.name() {
			found = append(found, Reference{Columns: p.columns, Domain: p.to[0], Table: p.to[1]})
		}
	}
	for _, c := range t.Columns {
		to, ok := named[c.Name]
		held := slices.ContainsFunc(t.References, func(r Reference) bool { return slices.Contains(r.Columns, c.Name) })
		if ok && !held {
			found = append(found, Reference{Columns: []string{c.Name}, Domain: to[0], Table: to[1]})
		}
	}
	return found
}

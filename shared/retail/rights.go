package retail

import (
	"slices"

	"comptant/shared/money"
)

// Deed is what not everybody may do alone. The words are written to disk and never get another meaning.
type Deed string

// The deeds. DeedUnheld is to refund without the word of the till that sold, or with that of one which lacks entries, and
// DeedTender otherwise than the receipt was paid, DeedNoReceipt without one: who may do the first may do these. A line or a ticket
// is voided after its total was told: that is journaled, and asks nobody. The settings of a
// till are a supervisor's, whatever a retailer decides.
const (
	DeedDrawer     Deed = "drawer"
	DeedRefund     Deed = "refund"
	DeedUnheld     Deed = "refund-unheld"
	DeedTender     Deed = "refund-tender"
	DeedNoReceipt  Deed = "refund-no-receipt"
	DeedDiscount   Deed = "discount"
	DeedPrice      Deed = "price"
	DeedAccuracy   Deed = "accuracy"
	DeedVoidLine   Deed = "void-line"
	DeedVoidTicket Deed = "void-ticket"
	DeedVoidSale   Deed = "void-sale"
	DeedTraining   Deed = "training"
	// DeedCount is to count the stock on the shelf.
	DeedCount Deed = "count"
	// DeedTransfer is to send goods to another store.
	DeedTransfer Deed = "transfer"
	// DeedOrder is to prepare orders of the shop: everybody's but a cashier's, whatever a retailer decides. Everybody hands over.
	DeedOrder    Deed = "order"
	DeedSettings Deed = "settings"
)

// Need is a deed and how much of it: an amount refunded, or taken off a whole.
type Need struct {
	Deed       Deed
	Amount, Of money.Amount
}

// Rights are what people of one role do without somebody's approval.
type Rights struct {
	Role Role `cbor:"1,keyasint"`
	// Alone are the deeds that have no limit.
	Alone []Deed `cbor:"2,keyasint"`
	// Discount is the largest part of a price that may be taken off, Refund the most that one refund gives back.
	Discount money.Rate   `cbor:"3,keyasint"`
	Refund   money.Amount `cbor:"4,keyasint"`
}

// May says whether the rights are enough.
func (r Rights) May(n Need) bool {
	switch n.Deed {
	case DeedDiscount:
		return n.Amount <= r.Discount.Of(n.Of)
	case DeedRefund:
		return n.Amount <= r.Refund
	case DeedUnheld, DeedTender, DeedNoReceipt:
		return n.Amount <= r.Refund && slices.Contains(r.Alone, DeedUnheld)
	case DeedOrder:
		return r.Role == RoleEmployee || r.May(Need{Deed: DeedSettings})
	case DeedSettings:
		return r.Role == RoleSupervisor || r.Role == RoleManager || r.Role == RoleAdministrator
	}
	return slices.Contains(r.Alone, n.Deed)
}

// RightsTable is the rights of every role; a role that is not in it has none.
type RightsTable []Rights

// Of gives the rights of a role.
func (t RightsTable) Of(role Role) Rights {
	for _, r := range t {
		if r.Role == role {
			return r
		}
	}
	return Rights{Role: role}
}

// With gives the table with the rights that a retailer has decided, role by role.
func (t RightsTable) With(decided []Rights) RightsTable {
	out := slices.Clone(t)
	for _, d := range decided {
		if i := slices.IndexFunc(out, func(r Rights) bool { return r.Role == d.Role }); i >= 0 {
			out[i] = d
		}
	}
	return out
}

// NoLimit is more than any ticket comes to.
const NoLimit = 1_000_000_000_000

// DefaultRights are those of a retailer that has not decided otherwise.
func DefaultRights() RightsTable {
	counter := []Deed{DeedAccuracy}
	floor := append(slices.Clone(counter), DeedDrawer, DeedUnheld, DeedPrice, DeedVoidSale, DeedCount, DeedTransfer, DeedTraining)
	return RightsTable{
		{Role: RoleCashier, Alone: counter, Discount: 10_000, Refund: 10_000},
		{Role: RoleEmployee, Alone: append(slices.Clone(counter), DeedCount, DeedTransfer), Discount: 10_000, Refund: 10_000},
		{Role: RoleSupervisor, Alone: floor, Discount: 50_000, Refund: 100_000},
		{Role: RoleManager, Alone: floor, Discount: money.Whole, Refund: NoLimit},
		{Role: RoleAdministrator, Alone: floor, Discount: money.Whole, Refund: NoLimit},
	}
}

// Reasons are the codes a person chooses from for a deed, most likely first. The screens have a wording for each.
func Reasons(d Deed) []string {
	switch d {
	case DeedDrawer:
		return []string{"change", "check", "mistake"}
	case DeedRefund, DeedUnheld, DeedTender, DeedNoReceipt:
		return []string{"defect", "returned", "mistake"}
	case DeedDiscount:
		return []string{"damaged", "loyal", "staff", "goodwill"}
	case DeedPrice:
		return []string{"label", "match", "damaged", "agreed"}
	case DeedAccuracy:
		return []string{"accuracy"}
	case DeedCount:
		return []string{"check", "mistake"}
	case DeedTransfer:
		return []string{"asked", "balance", "mistake"}
	case DeedOrder:
		return []string{"asked", "mistake"}
	case DeedTraining:
		return []string{"training"}
	}
	return []string{"mistake", "refused", "unpaid"}
}

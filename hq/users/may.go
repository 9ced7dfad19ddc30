package users

import (
	"slices"

	"github.com/google/uuid"

	"comptant/shared/retail"
)

// Action is something a person may do at headquarters.
type Action string

// The actions.
const (
	SeeOverview     Action = "see-overview"
	SeeStock        Action = "see-stock"
	SeeReports      Action = "see-reports"
	SeeCatalog      Action = "see-catalog"
	SeeRestocks     Action = "see-restocks"
	RequestRestocks Action = "request-restocks" // ask the warehouse for a store
	DecideRestocks  Action = "decide-restocks"
	ShipRestocks    Action = "ship-restocks"
	ReceiveGoods    Action = "receive-goods" // from suppliers
	SetThresholds   Action = "set-thresholds"
	AdjustStock     Action = "adjust-stock" // correct a level by hand
	SeeTills        Action = "see-tills"
	SeeJournal      Action = "see-journal"
	SeeSystem       Action = "see-system" // how headquarters is made
	SeeHealth       Action = "see-health" // what hq doctor finds
	ResolveFlags    Action = "resolve-flags"
	EditCatalog     Action = "edit-catalog"
	EditStaff       Action = "edit-staff"     // see Staff.MayEdit for whom
	EditLocations   Action = "edit-locations" // stores and warehouses
	EditRights      Action = "edit-rights"    // what roles do at tills
	EditCustomers   Action = "edit-customers" // look for them, and erase
	LockTills       Action = "lock-tills"     // for a while
	EditTills       Action = "edit-tills"     // enrol, revoke, ask for their log
	EditTokens      Action = "edit-tokens"    // with which programs use the API
	SeeAudit        Action = "see-audit"
	SeeOrders       Action = "see-orders"    // of the shop
	ManageOrders    Action = "manage-orders" // call off, try again, note that one arrived or came back
	FulfilOrders    Action = "fulfil-orders" // for a warehouse: take one on, say what is missing, ship
)

// Actions are all there are.
var Actions = []Action{
	SeeOverview, SeeReports, SeeStock, SetThresholds, AdjustStock, SeeRestocks, RequestRestocks, DecideRestocks, ShipRestocks, ReceiveGoods, SeeCatalog, EditCatalog,
	SeeOrders, FulfilOrders, ManageOrders, EditCustomers, EditStaff, EditRights, EditLocations, EditTokens, SeeAudit, SeeTills, LockTills, EditTills,
	SeeJournal, ResolveFlags, SeeSystem, SeeHealth,
}

// allowed is what each role may do; the administrator may do everything. A till's role alone opens nothing here.
var allowed = map[retail.Role][]Action{
	retail.RoleManager: {
		SeeOverview, SeeStock, SeeReports, SeeCatalog, SeeRestocks, RequestRestocks, DecideRestocks, ShipRestocks, ReceiveGoods, SetThresholds,
		AdjustStock, SeeTills, LockTills, SeeJournal, ResolveFlags, EditCatalog, EditStaff, EditCustomers, SeeSystem, SeeOrders, ManageOrders, FulfilOrders,
	},
	retail.RoleEmployee:  {SeeOverview, SeeStock, RequestRestocks},
	retail.RoleWarehouse: {SeeOverview, SeeStock, SeeRestocks, ShipRestocks, ReceiveGoods, AdjustStock, SeeOrders, FulfilOrders},
}

// everywhere are the actions that reach every store at once: not for who sees some stores only.
var everywhere = []Action{EditCatalog, EditCustomers}

// May tells whether a role may do an action.
func May(role retail.Role, action Action) bool {
	return role == retail.RoleAdministrator || slices.Contains(allowed[role], action)
}

// May tells whether the person may do an action.
func (s Staff) May(action Action) bool {
	return May(s.Role, action) && (s.Everywhere() || !slices.Contains(everywhere, action))
}

// lower are the roles of the people whom a manager takes care of.
var lower = []retail.Role{retail.RoleSupervisor, retail.RoleEmployee, retail.RoleCashier, retail.RoleWarehouse}

// MayEdit tells whether the person may add somebody who is so, or change who is: an administrator everybody, a manager people of lower
// roles. A manager of some stores may only those who belong to these and to no other. Who belongs to none sees every store.
func (s Staff) MayEdit(other Staff) bool {
	switch {
	case s.Role == retail.RoleAdministrator:
		return true
	case !s.May(EditStaff) || !slices.Contains(lower, other.Role):
		return false
	case s.Everywhere():
		return true
	}
	beyond := func(store uuid.UUID) bool { return !s.Sees(store) }
	return !other.Everywhere() && !slices.ContainsFunc(other.Stores, beyond)
}

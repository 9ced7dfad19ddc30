package users

import (
	"slices"

	"comptant/shared/retail"
)

// Action is something a person may do at headquarters.
type Action string

// The actions.
const (
	SeeOverview    Action = "see-overview"
	SeeStock       Action = "see-stock"
	SeeReports     Action = "see-reports"
	SeeCatalog     Action = "see-catalog"
	SeeRestocks    Action = "see-restocks"
	DecideRestocks Action = "decide-restocks" // and ship them
	SetThresholds  Action = "set-thresholds"
	SeeTills       Action = "see-tills"
	SeeJournal     Action = "see-journal"
	SeeSystem      Action = "see-system" // how headquarters is made
	ResolveFlags   Action = "resolve-flags"
	EditCatalog    Action = "edit-catalog"
	EditStaff      Action = "edit-staff"
	EditCustomers  Action = "edit-customers" // look for them, and erase
	EditTills      Action = "edit-tills"     // enrol and revoke
)

// allowed is what each role may do; the administrator may do everything. A till's role alone opens nothing here.
var allowed = map[retail.Role][]Action{
	retail.RoleManager: {
		SeeOverview, SeeStock, SeeReports, SeeCatalog, SeeRestocks, DecideRestocks, SetThresholds, SeeTills, SeeJournal,
		ResolveFlags, EditCatalog, EditCustomers, SeeSystem,
	},
	retail.RoleEmployee: {SeeOverview, SeeStock},
}

// May tells whether a role may do an action.
func May(role retail.Role, action Action) bool {
	return role == retail.RoleAdministrator || slices.Contains(allowed[role], action)
}

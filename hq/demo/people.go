package demo

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"comptant/shared/retail"
)

// SignIn is a person of the demo and what they sign in with: a PIN at the tills of their stores, an e-mail and a password at
// headquarters. All of it is invented and printed for everyone to see.
type SignIn struct {
	Name string
	Role retail.Role
	// Stores are the codes of the stores whose tills know the person.
	Stores          []string
	PIN             string
	Email, Password string
}

// SignIns are the people of the demo, those of headquarters first.
func SignIns() []SignIn {
	everywhere := []string{centre, north, south, east, west}
	return []SignIn{
		{Name: administrator, Role: retail.RoleAdministrator, Email: "admin@comptant.example", Password: "comptant-admin"},
		{Name: "Emma", Role: retail.RoleManager, Stores: everywhere, PIN: "5555", Email: "emma@comptant.example", Password: "comptant-emma"},
		{Name: "David", Role: retail.RoleEmployee, Stores: []string{centre}, PIN: "4444", Email: "david@comptant.example", Password: "comptant-david"},
		{Name: "Catherine", Role: retail.RoleSupervisor, Stores: []string{centre}, PIN: "3333"},
		{Name: "Alice", Role: retail.RoleCashier, Stores: []string{centre}, PIN: "1111"},
		{Name: "Bob", Role: retail.RoleCashier, Stores: []string{centre}, PIN: "2222"},
		{Name: "Félix", Role: retail.RoleCashier, Stores: []string{north}, PIN: "1111"},
		{Name: "Gabrielle", Role: retail.RoleSupervisor, Stores: []string{north}, PIN: "3333"},
		{Name: "Hugo", Role: retail.RoleCashier, Stores: []string{south}, PIN: "1111"},
		{Name: "Inès", Role: retail.RoleSupervisor, Stores: []string{south}, PIN: "3333"},
		{Name: "Jules", Role: retail.RoleCashier, Stores: []string{east}, PIN: "1111"},
		{Name: "Karine", Role: retail.RoleSupervisor, Stores: []string{east}, PIN: "3333"},
		{Name: "Léo", Role: retail.RoleCashier, Stores: []string{west}, PIN: "1111"},
		{Name: "Maude", Role: retail.RoleSupervisor, Stores: []string{west}, PIN: "3333"},
	}
}

const administrator = "Administration"

func (s SignIn) id() uuid.UUID { return id("staff", s.Name) }

// sellers are who works at a store's tills, in the order in which they take turns.
func sellers(code string) []SignIn {
	all := slices.DeleteFunc(SignIns(), func(s SignIn) bool {
		return !slices.Contains(s.Stores, code) || s.Role != retail.RoleCashier && s.Role != retail.RoleSupervisor
	})
	slices.SortStableFunc(all, func(a, b SignIn) int { return cmp.Compare(a.Role, b.Role) }) // cashiers come before supervisors
	return all
}

package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/users"
	"comptant/shared/retail"
)

// hire adds somebody who works at some stores.
func (w *world) hire(name string, role retail.Role, stores ...uuid.UUID) users.Staff {
	s := users.Staff{ID: uuid.New(), Name: name, Email: name + "@comptant.example", Role: role, Lang: "fr", Stores: stores}
	w.tx(func(tx *db.Tx) error { return users.Put(w.t.Context(), tx, s, users.Password{}, users.PIN{}) })
	return w.staff(s.ID)
}

func (w *world) staff(id uuid.UUID) users.Staff {
	w.t.Helper()
	s, err := users.Get(w.t.Context(), w.db, id)
	require.NoError(w.t, err)
	return s
}

// A manager of one store takes care of the people of lower roles who work there and nowhere else.
func TestAManagerTakesCareOfThePeopleOfTheirStores(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	north, south := c.north.ID, c.south.ID
	w.keepTo(c.north)
	v := w.as(retail.RoleManager)
	cashier := w.hire("luc", retail.RoleCashier, north)
	others := map[string]users.Staff{
		"an administrator":       w.staff(uuid.MustParse(w.idOf(retail.RoleAdministrator))),
		"oneself":                w.staff(uuid.MustParse(w.idOf(retail.RoleManager))),
		"another manager":        w.hire("lea", retail.RoleManager, north),
		"who works elsewhere":    w.hire("max", retail.RoleCashier, south),
		"who works there too":    w.hire("zoe", retail.RoleSupervisor, north, south),
		"who sees all stores":    w.hire("ana", retail.RoleWarehouse),
		"an employee everywhere": w.staff(uuid.MustParse(w.idOf(retail.RoleEmployee))),
	}
	_, page, _ := v.get("/people")
	require.Contains(t, page, "/people/"+cashier.ID.String())
	form := func(name string, role retail.Role, stores ...uuid.UUID) []string {
		pairs := []string{"name", name, "role", string(role), "lang", "fr"}
		for _, store := range stores {
			pairs = append(pairs, "store", store.String())
		}
		return pairs
	}
	for why, other := range others {
		at := "/people/" + other.ID.String()
		require.NotContains(t, page, `href="`+at+`"`, why)
		status, _, _ := v.get(at)
		require.Equal(t, http.StatusForbidden, status, why)
		for deed, pairs := range map[string][]string{
			"": form("X", retail.RoleCashier, north), "/password": {"password", newPassword}, "/pin": {"pin", newPIN}, "/block": nil, "/unblock": nil,
			"/sessions/end": nil, "/sessions/" + uuid.NewString() + "/end": nil,
		} {
			status, _, _ := v.post(at+deed, pairs...)
			require.Equal(t, http.StatusForbidden, status, "%s%s", why, deed)
		}
		require.Equal(t, other, w.staff(other.ID), why)
	}

	// Nobody is made, or becomes, one of those.
	_, page, _ = v.get("/people/new")
	require.NotContains(t, page, `value="manager"`)
	require.NotContains(t, page, `value="administrator"`)
	require.NotContains(t, page, south.String())
	everybody := func() int {
		all, err := users.List(t.Context(), w.db)
		require.NoError(t, err)
		return len(all)
	}
	before := everybody()
	for why, wrong := range map[string][]string{
		"an administrator":      form("Zoé", retail.RoleAdministrator, north),
		"a manager":             form("Zoé", retail.RoleManager, north),
		"at no store":           form("Zoé", retail.RoleCashier),
		"at another store":      form("Zoé", retail.RoleCashier, south),
		"at another store too":  form("Zoé", retail.RoleCashier, north, south),
		"of a role that is not": form("Zoé", "owner", north),
	} {
		for _, at := range []string{"/people", "/people/" + cashier.ID.String()} {
			status, _, _ := v.post(at, wrong...)
			require.Contains(t, []int{http.StatusForbidden, http.StatusUnprocessableEntity}, status, "%s at %s", why, at)
		}
	}
	require.Equal(t, before, everybody())
	require.Equal(t, cashier, w.staff(cashier.ID))
	require.Empty(t, append(w.changesOf(users.DidAddStaff), w.changesOf(users.DidEditStaff)...))

	// The people of the store are theirs.
	status, page, location := v.post("/people", append(form("Zoé", retail.RoleSupervisor, north), "pin", newPIN)...)
	require.Equal(t, http.StatusSeeOther, status, page)
	zoe := w.staff(uuid.MustParse(strings.TrimPrefix(location, "/people/")))
	require.True(t, zoe.HasPIN)
	require.Equal(t, []uuid.UUID{north}, zoe.Stores)
	at := "/people/" + cashier.ID.String()
	v.post(at, append(form("Luc Roy", retail.RoleEmployee, north), "email", "luc@comptant.example")...)
	require.Equal(t, "Luc Roy", w.staff(cashier.ID).Name)
	v.post(at+"/password", "password", newPassword)
	v.post(at + "/block")
	require.NotNil(t, w.staff(cashier.ID).DisabledAt)
	v.post(at + "/unblock")
	require.Nil(t, w.staff(cashier.ID).DisabledAt)
	changes := w.changesOf(users.DidEditStaff)
	require.Len(t, changes, 1)
	require.Equal(t, w.idOf(retail.RoleManager), changes[0].Staff.String())
	_, page, _ = v.get("/people/rights?role=cashier")
	require.NotContains(t, page, `action="/people/rights"`)
}

// A manager of all stores takes care of everybody of lower roles, and of nobody else.
func TestAManagerOfAllStoresTakesCareOfLowerRoles(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	v := w.as(retail.RoleManager)
	clerk := w.hire("ana", retail.RoleWarehouse)
	manager := w.hire("lea", retail.RoleManager, c.north.ID)
	status, _, _ := v.get("/people/" + clerk.ID.String())
	require.Equal(t, http.StatusOK, status)
	v.post("/people/"+clerk.ID.String(), "name", "Ana", "role", "cashier", "lang", "en", "store", c.north.ID.String(), "store", c.south.ID.String())
	require.Equal(t, retail.RoleCashier, w.staff(clerk.ID).Role)
	for _, id := range []string{manager.ID.String(), w.idOf(retail.RoleAdministrator)} {
		status, _, _ = v.post("/people/"+id+"/password", "password", newPassword)
		require.Equal(t, http.StatusForbidden, status)
	}
	status, page, _ := v.post("/people/"+clerk.ID.String(), "name", "Ana", "role", "manager", "lang", "en")
	require.Equal(t, http.StatusUnprocessableEntity, status)
	require.Contains(t, page, "Vous ajoutez des superviseurs")
	require.Equal(t, retail.RoleCashier, w.staff(clerk.ID).Role)
}

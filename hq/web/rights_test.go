package web_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/hq/web"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// An administrator decides what a role does at the tills without an approval.
func TestRightsAreSet(t *testing.T) {
	w := newWorld(t)
	w.open()
	v := w.as(retail.RoleAdministrator)
	_, page, _ := v.get("/people")
	require.Contains(t, page, `href="/people/rights"`)
	_, page, _ = v.get("/people/rights?role=cashier")
	require.Contains(t, page, `name="discount"`)
	require.Contains(t, page, `name="alone" value="accuracy" checked`)
	require.Contains(t, page, "sans limite", "a manager's refund")

	at, form := "/people/rights", []string{"role", "cashier", "discount", "7,5", "refund", "50", "alone", "drawer", "alone", "count", "alone", "settings"}
	for name, said := range map[string]string{"discount": "Un pourcentage de 0 à 100.", "refund": "Ce n’est pas un montant de 0 ou plus."} {
		for _, value := range []string{"-1", "beaucoup", "1e9"} {
			status, page, _ := v.post(at, with(form, name, value)...)
			require.Equal(t, http.StatusUnprocessableEntity, status)
			require.Equal(t, said, wrongAt(page, name))
			require.Contains(t, page, `value="`+value+`"`)
			require.Contains(t, page, `name="alone" value="count" checked`)
		}
	}
	status, _, _ := v.post(at, with(form, "discount", "100,001")...)
	require.Equal(t, http.StatusUnprocessableEntity, status)
	decided := func(role retail.Role) retail.Rights {
		table, err := users.Rights(t.Context(), w.db)
		require.NoError(t, err)
		return table.Of(role)
	}
	require.Equal(t, retail.DefaultRights().Of(retail.RoleCashier), decided(retail.RoleCashier))

	status, _, location := v.post(at, form...)
	require.Equal(t, http.StatusSeeOther, status)
	require.Equal(t, "/people/rights", location)
	require.Equal(t, retail.Rights{Role: retail.RoleCashier, Alone: []retail.Deed{retail.DeedDrawer, retail.DeedCount}, Discount: 7_500, Refund: 5_000},
		decided(retail.RoleCashier), "settings are a supervisor's, whatever is sent")
	_, page, _ = v.get("/people/rights?role=cashier")
	require.Contains(t, page, `value="7,5"`)
	v.post(at, "role", "supervisor", "discount", "100", "refund", "")
	require.Equal(t, retail.Rights{Role: retail.RoleSupervisor, Discount: money.Whole, Refund: retail.NoLimit}, decided(retail.RoleSupervisor))
	require.Len(t, w.changesOf(users.DidSetRights), 2)
	_, page, _ = v.get("/audit?kind=rights.set")
	require.Contains(t, page, "<del>10\u00a0%</del>")
	require.Contains(t, page, "Tiroir sans vente, Décompte")

	for _, role := range []string{"warehouse", "intern"} {
		v.post(at, with(form, "role", role)...)
		require.Len(t, w.changesOf(users.DidSetRights), 2, role)
		status, _, _ = v.get("/people/rights?role=" + role)
		require.Equal(t, http.StatusNotFound, status)
	}
}

// Every action of headquarters has a word of its own.
func TestActionsHaveWords(t *testing.T) {
	ctx := ui.WithPrefs(t.Context(), ui.Prefs{Lang: "fr"})
	said := map[string]bool{}
	for _, action := range users.Actions {
		key := web.ActionKeys[action]
		word := ui.T(ctx, key)
		require.NotEqual(t, key, word, action)
		require.False(t, said[word], word)
		said[word] = true
	}
	for pattern, action := range web.Actions() {
		require.Contains(t, append([]users.Action{""}, users.Actions...), action, pattern)
	}
}

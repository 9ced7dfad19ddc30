package web_test

import (
	"net/http"
	"regexp"
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

	at, form := "/people/rights", []string{"version", v.rightsForm(retail.RoleCashier), "role", "cashier", "discount", "7,5", "refund", "50", "alone", "drawer", "alone", "count", "alone", "settings"}
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
	v.post(at, "version", v.rightsForm(retail.RoleSupervisor), "role", "supervisor", "discount", "100", "refund", "")
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

// rightsForm is the version that the form of a role has.
func (v visitor) rightsForm(role retail.Role) string {
	_, page, _ := v.get("/people/rights?role=" + string(role))
	return regexp.MustCompile(`name="version" value="([0-9a-f]+)"`).FindStringSubmatch(page)[1]
}

// Who opened the form of a role before somebody else decided is told what is decided by then.
func TestRightsThatSomebodyElseHasChanged(t *testing.T) {
	w := newWorld(t)
	w.open()
	v, other := w.as(retail.RoleAdministrator), w.as(retail.RoleAdministrator)
	version, at := other.rightsForm(retail.RoleCashier), "/people/rights"
	status, _, _ := v.post(at, "version", version, "role", "cashier", "discount", "7,5", "refund", "", "alone", "drawer", "alone", "count")
	require.Equal(t, http.StatusSeeOther, status)

	late := []string{"version", version, "role", "cashier", "discount", "7,5", "refund", "50,00", "alone", "accuracy"}
	status, page, _ := other.post(at, late...)
	require.Equal(t, http.StatusUnprocessableEntity, status)
	require.Contains(t, page, "Quelqu’un d’autre a changé ceci entre-temps.")
	require.Equal(t, "En pour cent du prix.", wrongAt(page, "discount"), "the same")
	require.Equal(t, "Maintenant\u00a0: sans limite", wrongAt(page, "refund"))
	require.Contains(t, page, "Maintenant\u00a0: Tiroir sans vente, Décompte")
	require.Contains(t, page, `name="alone" value="accuracy" checked`)
	require.Len(t, w.changesOf(users.DidSetRights), 1)
	status, _, _ = other.post(at, with(late, "version", other.rightsForm(retail.RoleCashier))...)
	require.Equal(t, http.StatusSeeOther, status)
	status, page, _ = other.post(at, with(late, "version", "")...)
	require.Equal(t, http.StatusUnprocessableEntity, status)
	require.NotContains(t, page, "Maintenant", "what is typed is what is decided")
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

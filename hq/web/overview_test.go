package web_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"comptant/shared/money"
	"comptant/shared/retail"
)

func TestOverviewComparesWithLastWeek(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	week := 7 * 24 * time.Hour
	w.sell(c.north, sunday.Add(-time.Hour), c.syrup, 3*money.One)
	w.sell(c.south, sunday, c.soap, money.One)
	w.sell(c.north, sunday.Add(-week-time.Hour), c.syrup, 2*money.One)
	w.sell(c.north, sunday.Add(-week+time.Hour), c.syrup, 50*money.One) // later than now: not compared

	status, page, _ := w.as(retail.RoleManager).get("/")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, page, "39,46\u00a0$")
	require.Contains(t, page, "contre 22,98\u00a0$, le dimanche précédent à 14\u00a0h\u00a032")
	require.Contains(t, page, "+71,7\u00a0%")
	require.Contains(t, page, "Sud −2 · Sirop d’érable")
	require.Contains(t, page, "Nord 3 · Savon à mains")
	require.Contains(t, page, "Dimanche 22 novembre 2026")

	_, page, _ = w.as(retail.RoleManager).get("/?store=" + c.south.ID.String())
	require.Contains(t, page, "4,99\u00a0$")
	require.NotContains(t, page, "39,46")
}

func TestOverviewSaysHowToBegin(t *testing.T) {
	w := newWorld(t)
	v := w.as(retail.RoleAdministrator)
	_, page, _ := v.get("/")
	require.Contains(t, page, "hq import stores")
	w.open()
	_, page, _ = v.get("/")
	require.Contains(t, page, "Aucune vente encore")
}

package api_test

import (
	"net/http"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/api"
	"comptant/hq/db"
	"comptant/hq/users"
	"comptant/shared/retail"
)

// A program writes people, whose passwords and PINs it never sees; and no administrator.
func TestStaffIsWrittenByAProgram(t *testing.T) {
	w := newWorld(t)
	body := func(pairs ...any) map[string]any {
		b := map[string]any{"name": "Luc Roy", "email": "luc@comptant.example", "role": "employee", "lang": "fr", "stores": []uuid.UUID{w.north.ID}}
		for i := 0; i < len(pairs); i += 2 {
			b[pairs[i].(string)] = pairs[i+1]
		}
		return b
	}
	made := w.post("/users", body(), "Idempotency-Key", "luc").is(http.StatusCreated)
	luc := read[api.User](made)
	require.Equal(t, "Luc Roy", luc.Name)
	require.Equal(t, []uuid.UUID{w.north.ID}, luc.Stores)
	require.False(t, luc.HasPassword || luc.HasPIN || luc.HasBadge)
	at := "/users/" + luc.ID.String()
	require.Equal(t, api.Root+at, made.header.Get("Location"))
	require.Equal(t, luc, read[api.User](w.post("/users", body(), "Idempotency-Key", "luc").is(http.StatusCreated)), "sent again it is one person")
	w.post("/users", body()).problem(http.StatusConflict, "staff.email_taken")
	w.post("/users", body("email", "a@b.example", "stores", []uuid.UUID{uuid.New()})).problem(http.StatusUnprocessableEntity, "location.unknown")
	w.post("/users", body("email", "a@b.example", "role", "administrator")).is(http.StatusUnprocessableEntity)
	w.post("/users", body("email", "a@b.example", "password", "a long password")).is(http.StatusUnprocessableEntity)

	pin, err := users.NewPIN("2468")
	require.NoError(t, err)
	w.tx(func(tx *db.Tx) error { return users.SetPIN(t.Context(), tx, luc.ID, pin) })
	w.post(at+"/disable", nil).is(http.StatusOK)
	tag := w.get(at).is(http.StatusOK).header.Get("ETag")
	changed := read[api.User](w.put(at, body("role", "supervisor", "stores", []uuid.UUID{w.south.ID}), "If-Match", tag).is(http.StatusOK))
	require.Equal(t, retail.RoleSupervisor, changed.Role)
	require.Equal(t, []uuid.UUID{w.south.ID}, changed.Stores)
	require.True(t, changed.HasPIN, "it stays")
	require.NotNil(t, changed.DisabledAt, "and so does being kept out")
	w.put(at, body(), "If-Match", tag).is(http.StatusPreconditionFailed)
	w.put("/users/"+uuid.NewString(), body()).problem(http.StatusNotFound, "staff.unknown")

	boss := users.Staff{ID: uuid.New(), Name: "Anne", Email: "anne@comptant.example", Role: retail.RoleAdministrator, Lang: "fr"}
	w.tx(func(tx *db.Tx) error { return users.Put(t.Context(), tx, boss, users.Password{}, users.PIN{}) })
	w.put("/users/"+boss.ID.String(), body("email", "x@y.example")).problem(http.StatusConflict, "staff.by_program")
}

// What a role does alone at the tills is decided whole or in part, and by one program at a time.
func TestRightsOfRoles(t *testing.T) {
	w := newWorld(t)
	all := read[api.Page[api.Rights]](w.get("/rights").is(http.StatusOK)).Items
	require.Len(t, all, len(retail.DefaultRights()))
	at := "/rights/cashier"
	got := w.get(at).is(http.StatusOK)
	tag := got.header.Get("ETag")
	require.Equal(t, all[0], read[api.Rights](got))
	require.Equal(t, &api.Money{Amount: 10_000, Currency: "CAD"}, all[0].Refund)
	require.Nil(t, read[api.Rights](w.get("/rights/manager").is(http.StatusOK)).Refund)

	body := func() map[string]any { // every deed that may be decided is one that a manager does
		return map[string]any{"alone": retail.DefaultRights().Of(retail.RoleManager).Alone, "discount": 7_500}
	}
	var status [2]int
	var both sync.WaitGroup
	for i := range status {
		both.Go(func() { status[i] = w.send(http.MethodPut, api.Root+at, body(), "If-Match", tag).status })
	}
	both.Wait()
	require.ElementsMatch(t, []int{http.StatusOK, http.StatusPreconditionFailed}, status)
	decided := func() retail.Rights {
		table, err := users.Rights(t.Context(), w.db)
		require.NoError(t, err)
		return table.Of(retail.RoleCashier)
	}
	require.Equal(t, retail.Rights{Role: retail.RoleCashier, Alone: retail.DefaultRights().Of(retail.RoleManager).Alone, Discount: 7_500, Refund: retail.NoLimit}, decided())
	w.patch(at, map[string]any{"refund": map[string]any{"amount": 2_000, "currency": "CAD"}, "alone": []string{"count"}}).is(http.StatusOK)
	require.Equal(t, retail.Rights{Role: retail.RoleCashier, Alone: []retail.Deed{retail.DeedCount}, Discount: 7_500, Refund: 2_000}, decided())
	for name, value := range map[string]any{"alone": []string{"settings"}, "discount": 100_001} {
		w.patch(at, map[string]any{name: value}).is(http.StatusUnprocessableEntity)
	}
	w.patch(at, map[string]any{"refund": map[string]any{"amount": 2_000, "currency": "EUR"}}).problem(http.StatusUnprocessableEntity, "api.currency")
	wrong := w.patch(at, map[string]any{"refund": map[string]any{"amount": -1}}, "Accept-Language", "fr")
	wrong.problem(http.StatusUnprocessableEntity, "rights.limits")
	require.Contains(t, string(wrong.body), "Une remise")
	w.get("/rights/warehouse").is(http.StatusUnprocessableEntity)
}

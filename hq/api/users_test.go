package api_test

import (
	"net/http"
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

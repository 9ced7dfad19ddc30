package users_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/users"
)

// What is recorded is there with the change and not without, can be looked for, and cannot be taken out.
func TestAuditIsOnlyAddedTo(t *testing.T) {
	d, _, clock := start(t)
	by := users.Actor{Staff: uuid.New(), Name: "Emma", Origin: "192.0.2.1"}
	record := func(by users.Actor, c users.Change) {
		require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error { return users.Record(ctx, tx, by, clock.now(), c) }))
	}
	record(by, users.Change{Kind: "staff.edit", Subject: "1", Title: "Luc", Before: map[string]string{"role": "cashier"}, After: map[string]string{"role": "manager"}})
	clock.advance(24 * time.Hour)
	record(users.Actor{Name: "hq", Origin: "root@caisse"}, users.Change{Kind: "till.revoke", Subject: "2", Title: "Nord 1"})
	require.Error(t, d.InTx(ctx, func(tx *db.Tx) error {
		require.NoError(t, users.Record(ctx, tx, by, clock.now(), users.Change{Kind: "lost"}))
		return users.Disable(ctx, tx, uuid.New(), clock.now())
	}))

	find := func(f users.AuditFilter) []users.Recorded {
		f.Limit = 10
		found, err := users.Audit(ctx, d, f)
		require.NoError(t, err)
		return found
	}
	all := find(users.AuditFilter{})
	require.Len(t, all, 2)
	require.Equal(t, users.DidRevokeTill, all[0].Kind)
	require.Nil(t, all[0].Staff)
	require.Nil(t, all[0].After)
	require.Equal(t, by.Staff, *all[1].Staff)
	require.Equal(t, "192.0.2.1", all[1].Origin)
	require.JSONEq(t, `{"role": "cashier"}`, string(all[1].Before))
	var after map[string]string
	require.NoError(t, json.Unmarshal(all[1].After, &after))
	require.Equal(t, "manager", after["role"])

	today := clock.now()
	for name, f := range map[string]users.AuditFilter{
		"person": {Staff: by.Staff}, "kind": {Kind: "staff.edit"}, "day": {To: today}, "page": {Before: all[0].ID},
	} {
		require.Equal(t, all[1:], find(f), name)
	}
	require.Equal(t, all[:1], find(users.AuditFilter{Commands: true}))
	require.Equal(t, all[:1], find(users.AuditFilter{From: today}))
	kinds, err := users.AuditKinds(ctx, d)
	require.NoError(t, err)
	require.Equal(t, []users.ChangeKind{"staff.edit", "till.revoke"}, kinds)

	for _, statement := range []string{"UPDATE users.audit SET title = ''", "DELETE FROM users.audit", "TRUNCATE users.audit"} {
		_, err := d.Exec(ctx, statement)
		require.ErrorContains(t, err, "only ever added to", statement)
	}
}

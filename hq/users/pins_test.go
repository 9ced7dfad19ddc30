package users_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/users"
)

// A till was stolen: whoever works at its store needs another PIN, at every store of theirs. Nobody else does.
func TestResetPINs(t *testing.T) {
	d, _, _ := start(t)
	nord, sud := uuid.New(), uuid.New()
	person := func(name string, stores ...uuid.UUID) users.Staff {
		s := emma()
		s.Name, s.Email, s.Stores = name, "", stores
		put(t, d, s, users.Password{}, pin())
		return s
	}
	zoe, anne, paul := person("Zoé", nord), person("Anne", nord, sud), person("Paul", sud)
	reset := func() (names []string) {
		require.NoError(t, d.InTx(ctx, func(tx *db.Tx) (err error) { names, err = users.ResetPINs(ctx, tx, nord); return err }))
		return names
	}
	require.Equal(t, []string{"Anne", "Zoé"}, reset())
	require.Empty(t, reset(), "nobody has one any more")
	require.Nil(t, told(t, d, nord, zoe.ID))
	require.Nil(t, told(t, d, nord, anne.ID))
	require.Nil(t, told(t, d, sud, anne.ID))
	require.NotNil(t, told(t, d, sud, paul.ID))
	got, err := users.Get(ctx, d, anne.ID)
	require.NoError(t, err)
	require.False(t, got.HasPIN)
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error { return users.SetPIN(ctx, tx, anne.ID, pin()) }))
	require.NotNil(t, told(t, d, sud, anne.ID))
}

package users_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/hq/users"
	"comptant/shared/retail"
)

// A store's tills are told of the 2,000 who came last: who comes again is told of again, and the one who has stayed away for
// longest goes.
func TestAStoreKnowsWhoCameLast(t *testing.T) {
	d, _, c := start(t)
	store := uuid.New()
	use := func(id uuid.UUID, at time.Time) {
		require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error {
			return users.UseCustomers(ctx, tx, users.CustomerUse{Store: store, Customer: id, At: at})
		}))
	}
	told := func(id uuid.UUID) (n int) {
		require.NoError(t, d.QueryRow(ctx, `SELECT count(*) FROM feed.item WHERE feed = $1 AND type = $2 AND id = $3 AND body IS NOT NULL`,
			feed.Store(store), int(retail.RowCustomer), id).Scan(&n))
		return n
	}
	oldest, newest := uuid.New(), uuid.New()
	for _, id := range []uuid.UUID{oldest, newest} {
		_, err := d.Exec(ctx, `INSERT INTO users.customer (id, name, written_at) VALUES ($1, 'Marie', $2)`, id, c.now())
		require.NoError(t, err)
	}
	use(oldest, c.now())
	require.Equal(t, 1, told(oldest))
	_, err := d.Exec(ctx, `
		INSERT INTO users.customer_store (store_id, customer_id, used_at)
		SELECT $1, gen_random_uuid(), $2::timestamptz + n * interval '1 second' FROM generate_series(1, 1999) n`, store, c.now())
	require.NoError(t, err)
	use(newest, c.now().Add(time.Hour))
	require.Equal(t, 1, told(newest))
	require.Zero(t, told(oldest))
	use(oldest, c.now().Add(2*time.Hour))
	require.Equal(t, 1, told(oldest))
	require.Equal(t, 1, told(newest))
}

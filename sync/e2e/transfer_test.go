package e2e_test

import (
	"path/filepath"
	"strings"
	"testing"

	"comptant/sync/e2e/fleet"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// A store sends goods while headquarters is down; once it is heard of the other store sees them coming, and receives them. In
// the end what left the one is the other's, and headquarters finds nothing to complain about.
func TestTransferBetweenStores(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	hq := headquarters(t)
	database := connect(t, hq)
	lane := func(code, name, pin string) *process {
		dir := filepath.Join(t.TempDir(), code)
		require.NoError(t, fleet.Enrol(ctx, hq, dir, code, 1))
		p := start(t, program(t, "lane"), "--dir", dir)
		p.say("sign-in %s %s", name, pin)
		p.read("signed in")
		return p
	}
	centre, north := lane("CV", "David", "4444"), lane("NO", "Félix", "1111")
	// What the demo sent is not what this test is about.
	north.say("receive")
	north.say("drained")
	north.skip("drained")
	onHand := func() map[string]int64 {
		rows, err := database.Query(ctx, `
			SELECT s.code || ' ' || p.sku, l.on_hand FROM stock.level l
			JOIN stock.location s ON s.id = l.location_id JOIN catalog.product p ON p.id = l.product_id`)
		require.NoError(t, err)
		levels := map[string]int64{}
		var name string
		var q int64
		_, err = pgx.ForEachRow(rows, []any{&name, &q}, func() error { levels[name] = q; return nil })
		require.NoError(t, err)
		return levels
	}
	before := onHand()
	require.NoError(t, hq.Kill())
	centre.say("send NO 7")
	_, sku, ok := strings.Cut(centre.read("sent"), " ")
	require.True(t, ok)
	require.NoError(t, hq.Start(ctx))
	north.say("shipments %d", 1)
	north.read("shipments")
	require.Equal(t, before["CV "+sku]-7000, onHand()["CV "+sku])
	require.Equal(t, before["NO "+sku], onHand()["NO "+sku], "in transit is not on the shelf")
	north.say("receive")
	north.read("received")
	north.say("drained")
	north.read("drained")
	before["CV "+sku] -= 7000
	before["NO "+sku] += 7000
	require.Equal(t, before, onHand())
	out, err := hq.Command(ctx, "journal", "verify")
	require.NoError(t, err, out)
}

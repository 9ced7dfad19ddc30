package e2e_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"comptant/sync/e2e/fleet"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// apart is more than the tills' clocks may differ by, as measured on a busy machine: what happens on two of them within it has no order,
// and no event tells that it has passed.
const apart = 2 * time.Second

// shelf is what is really there of a product: what somebody sees who counts it.
type shelf struct {
	sku  string
	left int64
}

// Two tills sell from the same shelves, one of them without a network; both count meanwhile, and headquarters and a till are killed. What headquarters
// says of a count is provisional until it has heard of both. Then levels are what is on the shelves, and variances what was missing before
// anybody sold: to the unit.
func TestCountWhileTwoTillsSell(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	hq := headquarters(t)
	database := connect(t, hq)
	lane := func(number int) string {
		dir := filepath.Join(t.TempDir(), fmt.Sprint(number))
		require.NoError(t, fleet.Enrol(ctx, hq, dir, "CV", number))
		return dir
	}
	onlineDir, offlineDir := lane(1), lane(2)
	open := func(dir string, args ...string) *process {
		till := start(t, program(t, "lane"), append([]string{"--dir", dir}, args...)...)
		till.say("sign-in David 4444") // who may count
		till.read("signed in")
		return till
	}
	online, offline := open(onlineDir), open(offlineDir)
	for _, till := range []*process{online, offline} {
		till.say("drained")
		till.read("drained")
	}
	offline.quit()
	offline = open(offlineDir, "--offline")

	var store string
	require.NoError(t, database.QueryRow(ctx, `SELECT id::text FROM stock.location WHERE code = 'CV'`).Scan(&store))
	rows, err := database.Query(ctx, `
		SELECT p.sku FROM stock.level l JOIN catalog.product p ON p.id = l.product_id
		WHERE l.location_id = $1 AND NOT p.made_here AND NOT p.weighed ORDER BY p.sku LIMIT 2`, store)
	require.NoError(t, err)
	skus, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	of := func(sku string) (product string, onHand int64) {
		require.NoError(t, database.QueryRow(ctx, `SELECT id::text FROM catalog.product WHERE sku = $1`, sku).Scan(&product))
		return product, level(t, database, store, product) / 1000
	}
	// The demo's other tills there, which are not heard any more, are taken out of service: counts would wait for them.
	others, err := database.Query(ctx, `SELECT id::text FROM tills.till WHERE store_id = $1 AND number > 2`, store)
	require.NoError(t, err)
	gone, err := pgx.CollectRows(others, pgx.RowTo[string])
	require.NoError(t, err)
	for _, till := range gone {
		_, err := hq.Command(ctx, "till", "revoke", till)
		require.NoError(t, err)
	}
	a, b := &shelf{skus[0], 40}, &shelf{skus[1], 25}
	_, aBegan := of(a.sku)
	_, bBegan := of(b.sku)
	aMissing, bMissing := a.left-aBegan, b.left-bBegan // before anything is sold
	sell := func(till *process, s *shelf, n int64) {
		till.say("basket %s %d", s.sku, n)
		till.read("receipt")
		s.left -= n
	}
	count := func(till *process, s *shelf) {
		till.say("shelf %s %d", s.sku, s.left)
		till.read("counted")
	}
	// variances are those that headquarters has of the product since the test began, in order of time.
	variances := func(s *shelf) (all []int64) {
		product, _ := of(s.sku)
		rows, err := database.Query(ctx, `
			SELECT m.quantity / 1000 FROM stock.movement m JOIN stock.count c ON c.location_id = m.location_id AND c.product_id = m.product_id AND c.ref = m.ref
			JOIN tills.till t ON t.id = c.till_id
			WHERE m.location_id = $1 AND m.product_id = $2 AND m.reason = 7 ORDER BY m.at DESC LIMIT 2`, store, product)
		require.NoError(t, err)
		all, err = pgx.CollectRows(rows, pgx.RowTo[int64])
		require.NoError(t, err)
		return all
	}

	sell(offline, a, 3)
	sell(online, a, 2)
	time.Sleep(apart)
	count(online, a)
	time.Sleep(apart)
	sell(offline, a, 4)
	sell(online, a, 1)
	sell(online, b, 2)
	online.say("drained")
	online.read("drained")

	// Headquarters knows of one till: its count stands, and what it was short by may still change.
	_, onHand := of(a.sku)
	require.Equal(t, a.left+4, onHand, "what was sold offline after the count is not heard of")
	require.Equal(t, []int64{aMissing - 3}, variances(a), "nor what was before it")
	manager := signIn(t, hq)
	provisional := func() bool { return strings.Contains(manager.get(hq.URL()+"/stock/counts"), "Provisoire") }
	require.True(t, provisional())

	// The other till counts too, and knows nothing of what was sold here; then both ends are killed.
	time.Sleep(apart)
	count(offline, b)
	count(offline, a)
	time.Sleep(apart)
	sell(online, b, 1)
	sell(offline, b, 5)
	require.NoError(t, hq.Kill())
	sell(online, a, 6)
	offline.kill()
	offline = open(offlineDir, "--offline")
	sell(offline, a, 1)
	offline.say("finish")
	offline.read("finished")
	offline.quit()
	require.NoError(t, hq.Start(ctx))
	offline = open(offlineDir)
	online.say("finish")
	online.read("finished")
	for _, till := range []*process{online, offline} {
		till.say("drained")
		till.read("drained")
	}

	for _, s := range []*shelf{a, b} {
		_, onHand := of(s.sku)
		require.Equal(t, s.left, onHand, s.sku)
	}
	require.Equal(t, []int64{0, aMissing}, variances(a), "the second count of it found nothing")
	require.Equal(t, []int64{bMissing}, variances(b))
	require.False(t, provisional())
	// The tills agree, as soon as the feed has told them.
	for _, till := range []*process{online, offline} {
		require.Eventually(t, func() bool {
			till.say("stock")
			var here map[string]int64
			require.NoError(t, json.Unmarshal([]byte(till.read("stock")), &here))
			return here[a.sku] == a.left*1000 && here[b.sku] == b.left*1000
		}, patience, 50*time.Millisecond)
	}
	out, err := hq.Command(ctx, "journal", "verify")
	require.NoError(t, err, out)
}

// get gives a page.
func (p person) get(address string) string {
	p.t.Helper()
	resp, err := p.client.Get(address)
	require.NoError(p.t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(p.t, err)
	require.Equal(p.t, http.StatusOK, resp.StatusCode, address)
	return string(body)
}

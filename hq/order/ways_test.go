package order_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"comptant/hq/pgtest"
)

// An order goes to the database and back three times to be placed, and three when its payment is answered; the sandbox's charge is one more.
// What each costs, and the locks that are held meanwhile, all orders of a group wait for.
func TestTheWaysOfAnOrder(t *testing.T) {
	var ways []string
	w := openOn(t, pgtest.Watched(t, func(sql string) { ways = append(ways, strings.Join(strings.Fields(sql), " ")) }))
	w.stocked(t, downtown, syrup, 10)
	for range 2 { // the first also makes what the store's feed begins with
		ways = nil
		_, err := w.desk.Place(t.Context(), cart(downtown, approves, of(syrup, 2)))
		require.NoError(t, err)
	}
	require.Len(t, ways, 7, strings.Join(ways, "\n"))
}

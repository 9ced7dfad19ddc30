package e2e_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"comptant/sync/e2e/fleet"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// Three operating-system processes: headquarters, its Postgres, a till. Both ends are killed while the till sells on;
// in the end every sale and request has arrived once, and both sides count the same stock.
func TestOffline(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	hq := headquarters(t)
	database := connect(t, hq)
	var postgres int
	require.NoError(t, database.QueryRow(ctx, `SELECT pg_backend_pid()`).Scan(&postgres))
	dir := filepath.Join(t.TempDir(), "till")
	require.NoError(t, fleet.Enrol(ctx, hq, dir, "CV", 1))
	before := counted(t, database)

	till := start(t, program(t, "lane"), "--dir", dir)
	t.Logf("headquarters is process %d, a Postgres backend %d, the till %d", hq.PID(), postgres, till.cmd.Process.Pid)
	require.NoError(t, syscall.Kill(postgres, 0))
	till.signIn()
	receipts := till.sell(5)
	till.say("drained")
	till.read("drained")

	t.Logf("SIGKILL to headquarters, process %d", hq.PID())
	require.NoError(t, hq.Kill())
	receipts = append(receipts, till.sell(50)...)
	till.restock(2)

	t.Logf("SIGKILL to the till, process %d", till.cmd.Process.Pid)
	till.kill()
	till = start(t, program(t, "lane"), "--dir", dir)
	t.Logf("the till is process %d", till.cmd.Process.Pid)
	till.signIn()
	receipts = append(receipts, till.sell(10)...)

	require.NoError(t, hq.Start(ctx))
	t.Logf("headquarters is process %d", hq.PID())
	till.say("drained")
	till.read("drained")

	// Receipts are gap-free, also over the kill.
	for i, code := range receipts {
		number, err := strconv.Atoi(code[strings.LastIndex(code, "-")+1:])
		require.NoError(t, err)
		require.Equal(t, i+1, number, code)
	}
	after := counted(t, database)
	require.Equal(t, len(receipts), after.sales-before.sales, "sales at headquarters")
	require.Equal(t, 2, after.requests-before.requests, "restock requests at headquarters")
	var first, last, distinct int
	require.NoError(t, database.QueryRow(ctx, `
		SELECT min(d.number), max(d.number), count(DISTINCT d.number) FROM sales.document d
		JOIN tills.till t ON t.id = d.till_id JOIN stock.location l ON l.id = t.store_id
		WHERE l.code = 'CV' AND t.number = 1 AND d.epoch = (SELECT max(epoch) FROM sales.document WHERE till_id = t.id)`,
	).Scan(&first, &last, &distinct))
	require.Equal(t, []int{1, len(receipts), len(receipts)}, []int{first, last, distinct})

	// The same stock on both sides, product by product.
	till.say("stock")
	var here map[string]int64
	require.NoError(t, json.Unmarshal([]byte(till.read("stock")), &here))
	rows, err := database.Query(ctx, `
		SELECT p.sku, v.on_hand FROM stock.level v JOIN catalog.product p ON p.id = v.product_id
		JOIN stock.location l ON l.id = v.location_id WHERE l.code = 'CV'`)
	require.NoError(t, err)
	var sku string
	var onHand int64
	seen := 0
	_, err = pgx.ForEachRow(rows, []any{&sku, &onHand}, func() error {
		if level, ok := here[sku]; ok {
			seen++
			require.Equal(t, onHand, level, "stock of %s", sku)
		}
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, seen, 100)
	till.quit()

	out, err := hq.Command(ctx, "journal", "verify")
	require.NoError(t, err, out)
}

// counts are what the tests look at headquarters for.
type counts struct{ sales, requests int }

func counted(t testing.TB, database *pgx.Conn) (c counts) {
	t.Helper()
	require.NoError(t, database.QueryRow(t.Context(), `
		SELECT (SELECT count(*) FROM sales.document), (SELECT count(*) FROM stock.restock)`).Scan(&c.sales, &c.requests))
	return c
}

// connect opens headquarters' database to look into it.
func connect(t testing.TB, hq *fleet.HQ) *pgx.Conn {
	t.Helper()
	url, err := databaseURL(hq.Home)
	require.NoError(t, err)
	c, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close(t.Context()) })
	return c
}

// databaseURL is that of the private Postgres of a headquarters' home.
func databaseURL(home string) (string, error) {
	password, err := readLine(filepath.Join(home, "postgres", "password"))
	if err != nil {
		return "", err
	}
	port, err := readLine(filepath.Join(home, "postgres", "port"))
	return fmt.Sprintf("postgres://comptant:%s@127.0.0.1:%s/comptant", password, port), err
}

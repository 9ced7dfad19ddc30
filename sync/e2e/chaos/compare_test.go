package chaos

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// Whatever single thing is wrong after a run is found: the comparison must not pass by being blind.
func TestComparisonFindsWhatIsWrong(t *testing.T) {
	dir, err := os.MkdirTemp("/var/tmp", "comptant-chaos-test-")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	require.NoError(t, os.Chmod(dir, 0o755)) // for Postgres, which refuses to be root
	w := &world{tally: newTallies()}
	k := &killer{world: w, rand: source(1, "kills", 0)}
	t.Cleanup(func() { require.NoError(t, w.close()) })
	require.NoError(t, build(t.Context(), Options{Seed: 1, Tills: 2, HQs: 1, Dir: dir}, k))
	for _, l := range w.lanes {
		for range 10 {
			d, _ := l.step()
			require.NoError(t, l.perform(d))
		}
	}
	require.NoError(t, (&comparison{world: w, result: &Result{}}).heal(t.Context()))
	db, err := pgx.Connect(t.Context(), w.database.server.URL())
	require.NoError(t, err)
	defer db.Close(context.Background())
	printed, err := os.ReadFile(w.lanes[0].receipts)
	require.NoError(t, err)

	differences := func() string {
		c := &comparison{world: w, result: &Result{}}
		require.NoError(t, c.readLevels(t.Context()))
		require.NoError(t, c.compare(t.Context(), k))
		return strings.Join(c.result.Differences, "\n")
	}
	require.Empty(t, differences())

	lost := strings.Replace(string(printed), "1 ", "1 999", 1)
	for name, wrong := range map[string]struct {
		do, undo string // SQL
		receipts string
		want     string
	}{
		"a byte of an entry": {
			do:   `UPDATE journal.entry SET bytes = set_byte(bytes, 5, get_byte(bytes, 5) # 1) WHERE seq = 4`,
			undo: `UPDATE journal.entry SET bytes = set_byte(bytes, 5, get_byte(bytes, 5) # 1) WHERE seq = 4`,
			want: "is another one at headquarters",
		},
		"an entry that is missing": {
			do: `CREATE TABLE public.kept AS SELECT * FROM journal.entry WHERE seq = 5; DELETE FROM journal.entry WHERE seq = 5`, undo: `INSERT INTO journal.entry SELECT * FROM public.kept`,
			want: "is not at headquarters",
		},
		"a sale counted twice": {
			do: `INSERT INTO sales.document SELECT store_id, business_date, till_id, epoch, seq + 1000, branch, number, refund, at, user_id, units, revenue, discount,
				cost, total, rounding, cash, card, taxes FROM sales.document LIMIT 1`,
			undo: `DELETE FROM sales.document WHERE seq > 1000`, want: "sales, want",
		},
		"a unit of stock": {
			do: `UPDATE stock.level SET on_hand = on_hand + 1000`, undo: `UPDATE stock.level SET on_hand = on_hand - 1000`,
			want: "headquarters has 100",
		},
		"a flag": {
			do:   `INSERT INTO journal.flag (store_id, till_id, epoch, seq, hash, code, at) SELECT store_id, till_id, 1, 0, '', 'fork', now() FROM journal.entry LIMIT 1`,
			undo: `DELETE FROM journal.flag`, want: "headquarters shows: flag",
		},
		"a receipt of no sale":      {receipts: lost, want: "which was lost"},
		"receipts never printed":    {receipts: "", want: "0 receipts"},
		"a receipt of another sale": {receipts: strings.Replace(string(printed), "1 4 1 ", "1 4 2 ", 1), want: "another sale"},
	} {
		t.Run(name, func(t *testing.T) {
			if wrong.do == "" {
				require.NoError(t, os.WriteFile(w.lanes[0].receipts, []byte(wrong.receipts), 0o600))
				defer func() { require.NoError(t, os.WriteFile(w.lanes[0].receipts, printed, 0o600)) }()
			} else {
				_, err := db.Exec(t.Context(), wrong.do)
				require.NoError(t, err)
				defer func() {
					_, err := db.Exec(t.Context(), wrong.undo)
					require.NoError(t, err)
				}()
			}
			require.Contains(t, differences(), wrong.want)
		})
	}
	require.Empty(t, differences())

	l := w.lanes[0]
	l.held, l.waiting = append(l.held, "lost"), append(l.waiting, "twice", "twice")
	require.Contains(t, differences(), "1 tickets that were put away are lost after 0 kills")
	require.Contains(t, differences(), "put away as twice was sold 2 times")
}

package ledger

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func countDraft(c retail.Count) till.Draft {
	return till.Draft{Kind: journal.KindCount, Shift: 1, Body: func(uint64) any { return c }}
}

// tally counts timbits, in a session of its own unless told.
func tally(t testing.TB, l *Ledger, units int64) till.Written {
	t.Helper()
	w, err := l.Commit(t.Context(), countDraft(retail.Count{
		Session: uuid.Must(uuid.NewV7()), Product: timbit, Quantity: money.Quantity(units) * money.One,
	}))
	require.NoError(t, err)
	return w
}

// happened is an entry of this till in the order of things.
func happened(l *Ledger, w till.Written) retail.Happened {
	h := retail.Happened{At: w.At.UnixMilli(), Till: l.identity.Till, Epoch: w.Epoch, Seq: w.Seq}
	copy(h.Ref[:], w.Hash[:])
	return h
}

// tell publishes a level of timbits, and what of this till it includes.
func tell(t testing.TB, l *Ledger, h *hq, level retail.Stock, mark retail.Mark) {
	t.Helper()
	from := h.seq
	rows := h.page(from, h.row(retail.RowStock, timbit, level), h.row(retail.RowMark, l.identity.Till, mark))
	require.NoError(t, l.Publish(t.Context(), h.page(from, rows.Rows...)))
}

func requireHere(t testing.TB, l *Ledger, units int64, why string) {
	t.Helper()
	s, err := l.StockOf(t.Context(), timbit)
	require.NoError(t, err)
	require.Equal(t, money.Quantity(units)*money.One, s.Here, why)
}

func TestAnOwnCountReplacesTheLevelUntilItIsIncluded(t *testing.T) {
	l := newFolder(t).open(t)
	h := newHQ(t, l, "store")
	at := func(w till.Written) retail.ChainEnd { return chainEnd(w.Epoch, w.Seq, w.Hash) }
	level := retail.Stock{OnHand: 40 * money.One, At: day.UnixMilli()}
	tell(t, l, h, level, retail.Mark{})
	before := sell(t, l) // three timbits
	requireHere(t, l, 37, "headquarters knows nothing of the sale")
	counted := tally(t, l, 30)
	requireHere(t, l, 30, "the count has seen the sale")
	after := sell(t, l)
	requireHere(t, l, 27, "and not the one after it")

	// Headquarters has the sale before the count, and has not got the count.
	level.OnHand = 37 * money.One
	tell(t, l, h, level, retail.Mark{Ends: []retail.ChainEnd{at(before)}})
	requireHere(t, l, 27, "the count still replaces the level")

	// It has the count, and says so with the level.
	level.OnHand, level.Counted = 30*money.One, happened(l, counted)
	tell(t, l, h, level, retail.Mark{Ends: []retail.ChainEnd{at(counted)}})
	requireHere(t, l, 27, "only the sale after it comes on top")
	level.OnHand = 27 * money.One
	tell(t, l, h, level, retail.Mark{Ends: []retail.ChainEnd{at(after)}})
	requireHere(t, l, 27, "everything is included")

	// It has all but the count, which it could not apply yet: what it has and comes after the count moved what was counted.
	level.OnHand, level.Counted = 34*money.One, retail.Happened{}
	tell(t, l, h, level, retail.Mark{Ends: []retail.ChainEnd{at(after)}, Deferred: []retail.ChainEnd{at(counted)}})
	requireHere(t, l, 27, "counted 30, sold 3 since")

	tally(t, l, 5)
	tally(t, l, 9)
	requireHere(t, l, 9, "the later count counts")
	coffees, err := l.StockOf(t.Context(), coffee)
	require.NoError(t, err)
	require.Zero(t, coffees.Here, "another product is nobody's count")
}

// What this till sold before another till's count and has not sent is on the shelf's count already.
func TestAnotherTillsCountHasSeenWhatWasSoldBeforeIt(t *testing.T) {
	l := newFolder(t).open(t)
	h := newHQ(t, l, "store")
	sell(t, l)
	other := retail.Happened{At: day.Add(10 * time.Minute).UnixMilli(), Till: uuid.Must(uuid.NewV7()), Epoch: 4, Seq: 9, Ref: uuid.UUID{9}}
	level := retail.Stock{OnHand: 30 * money.One, At: day.UnixMilli(), Counted: other}
	tell(t, l, h, level, retail.Mark{})
	requireHere(t, l, 30, "sold before the count")
	other.At = day.Add(-10 * time.Minute).UnixMilli()
	level.Counted = other
	tell(t, l, h, level, retail.Mark{})
	requireHere(t, l, 27, "sold after the count")

	own := tally(t, l, 12)
	requireHere(t, l, 12, "an own count that is later replaces it")
	other.At = own.At.Add(time.Minute).UnixMilli()
	level.Counted = other
	tell(t, l, h, level, retail.Mark{})
	requireHere(t, l, 30, "an own count that is earlier does not")
}

// A clock entry dates anew what it covers, and nothing else; the last one about an entry counts.
func TestAClockEntryDatesCountsAndMovements(t *testing.T) {
	l := newFolder(t).open(t)
	h := newHQ(t, l, "store")
	clock := func(c retail.Clock) {
		_, err := l.Commit(t.Context(), till.Draft{Kind: journal.KindClock, Body: func(uint64) any { return c }})
		require.NoError(t, err)
	}
	other := retail.Happened{At: day.Add(10 * time.Minute).UnixMilli(), Till: uuid.Must(uuid.NewV7()), Epoch: 4, Seq: 9, Ref: uuid.UUID{9}}
	tell(t, l, h, retail.Stock{OnHand: 30 * money.One, At: day.UnixMilli(), Counted: other}, retail.Mark{})
	first, second := sell(t, l), sell(t, l)
	hour := time.Hour.Milliseconds()
	requireHere(t, l, 30, "both were sold before the count")
	clock(retail.Clock{Epoch: second.Epoch, From: second.Seq, To: second.Seq, Correction: hour})
	requireHere(t, l, 27, "the second was sold after it")
	clock(retail.Clock{Epoch: first.Epoch, From: first.Seq, To: first.Seq, Correction: hour})
	requireHere(t, l, 24, "the first too")
	clock(retail.Clock{Epoch: first.Epoch + 1, From: 1, To: 99, Correction: -hour})
	requireHere(t, l, 24, "another epoch is not covered")
	clock(retail.Clock{Epoch: first.Epoch, From: first.Seq, To: second.Seq})
	requireHere(t, l, 30, "the last one counts")

	counted := tally(t, l, 50)
	requireHere(t, l, 30, "counted before the other")
	clock(retail.Clock{Epoch: counted.Epoch, From: counted.Seq, To: counted.Seq, Correction: hour})
	requireHere(t, l, 50, "counted after the other")
	k, err := l.OpenCount(t.Context())
	require.NoError(t, err)
	require.Equal(t, day.Add(time.Hour), k.Lines[0].At)
}

// A failure in any statement of the transaction leaves nothing of a line, nor of the end of a session.
func TestAbortAtEachStepOfACountLeavesNothing(t *testing.T) {
	session := uuid.Must(uuid.NewV7())
	for name, c := range map[string]struct {
		body   retail.Count
		tables []string
	}{
		"line": {retail.Count{Session: session, Product: timbit, Quantity: 8 * money.One}, []string{"entry", "epoch", "count"}},
		"end":  {retail.Count{Session: session, Done: true}, []string{"entry", "epoch", "count_done"}},
	} {
		for _, table := range c.tables {
			t.Run(name+" "+table, func(t *testing.T) {
				f := newFolder(t)
				l := f.open(t)
				require.NoError(t, l.KeepCount(session, []byte("kept")))
				_, err := l.Commit(t.Context(), countDraft(retail.Count{Session: session, Product: timbit, Quantity: 5 * money.One}))
				require.NoError(t, err)
				event := "INSERT"
				if table == "epoch" {
					event = "UPDATE"
				}
				trigger(t, l, fmt.Sprintf(`CREATE TRIGGER fault BEFORE %s ON %s BEGIN SELECT RAISE(ABORT, 'fault'); END`, event, table))
				_, err = l.Commit(t.Context(), countDraft(c.body))
				var shown *retail.Error
				require.ErrorAs(t, err, &shown)
				require.Equal(t, retail.Failed, shown.Code)
				trigger(t, l, `DROP TRIGGER fault`)
				requireSound(t, l)
				requireHere(t, l, 5, "what was not written is not there")
				shut(t, l)
				l = f.open(t)
				requireSound(t, l)
				k, err := l.OpenCount(t.Context())
				require.NoError(t, err)
				require.Equal(t, till.KeptCount{
					Session: session, Body: []byte("kept"), Lines: []till.Counted{{Product: timbit, Quantity: 5 * money.One, At: day}},
				}, k)
				_, err = l.Commit(t.Context(), countDraft(c.body))
				require.NoError(t, err)
				requireSound(t, l)
			})
		}
	}
}

func TestWhichCountGoesOn(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	open := func() till.KeptCount {
		k, err := l.OpenCount(t.Context())
		require.NoError(t, err)
		return k
	}
	commit := func(c retail.Count) {
		_, err := l.Commit(t.Context(), countDraft(c))
		require.NoError(t, err)
	}
	one, two := uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7())
	require.Zero(t, open())
	require.NoError(t, l.KeepCount(one, []byte("one")))
	require.Equal(t, till.KeptCount{Session: one, Body: []byte("one")}, open())
	commit(retail.Count{Session: one, Product: timbit, Quantity: 7 * money.One})
	commit(retail.Count{Session: one, Product: coffee})
	lines := []till.Counted{{Product: timbit, Quantity: 7 * money.One, At: day}, {Product: coffee, At: day}}
	shut(t, l)
	l = f.open(t)
	require.Equal(t, till.KeptCount{Session: one, Body: []byte("one"), Lines: lines}, open())

	// A power cut took the file: the journal is enough.
	require.NoError(t, l.KeepCount(one, nil))
	require.NoError(t, l.KeepCount(one, nil))
	require.Equal(t, till.KeptCount{Session: one, Lines: lines}, open())
	// It gave an older one back: the journal knows better.
	require.NoError(t, l.KeepCount(two, []byte("two")))
	require.Equal(t, till.KeptCount{Session: one, Lines: lines}, open())
	commit(retail.Count{Session: one, Done: true})
	require.Equal(t, till.KeptCount{Session: two, Body: []byte("two")}, open())
	require.NoError(t, l.KeepCount(one, []byte("one")))
	require.Zero(t, open(), "what is over does not come back")

	require.NoError(t, l.KeepCount(two, []byte("two")))
	require.NoError(t, os.Truncate(filepath.Join(f.dir, countFile), slotHead))
	require.Zero(t, open(), "spoilt")
	commit(retail.Count{Session: two, Product: timbit})
	require.Equal(t, two, open().Session, "the journal is enough for that too")
	require.NoError(t, l.KeepCount(two, []byte("again")))
	require.Equal(t, "again", string(open().Body))
}

// countForEver counts in sessions of three lines, and prints what is done.
func countForEver(ctx context.Context, l *Ledger) error {
	for {
		session := uuid.Must(uuid.NewV7())
		for n := range 3 {
			if err := l.KeepCount(session, fmt.Append(nil, "open ", n)); err != nil {
				return err
			}
			fmt.Println("open", session, n)
			if _, err := l.Commit(ctx, countDraft(retail.Count{Session: session, Product: timbit, Quantity: money.One})); err != nil {
				return err
			}
			fmt.Println("line", session, n+1)
		}
		if _, err := l.Commit(ctx, countDraft(retail.Count{Session: session, Done: true})); err != nil {
			return err
		}
		fmt.Println("done", session, 3)
		if err := l.KeepCount(session, nil); err != nil {
			return err
		}
	}
}

// A till that is killed at any moment goes on with the session as it was last kept, has every line it was told is confirmed,
// and none of a session that was over.
func TestKilledTillGoesOnCounting(t *testing.T) {
	f := newFolder(t)
	for round := range 6 {
		printed := doAndKill(t, f, "count", 9+2*round)
		words := strings.Fields(printed[len(printed)-1])
		var n int
		_, err := fmt.Sscan(words[2], &n)
		require.NoError(t, err)
		l := f.open(t)
		requireSound(t, l)
		k, err := l.OpenCount(t.Context())
		require.NoError(t, err)
		same := k.Session.String() == words[1]
		switch {
		case words[0] == "done":
			require.False(t, same, "it is over")
		case k.Session == uuid.Nil:
			require.Equal(t, []any{"line", 3}, []any{words[0], n}, "only its end could come after")
		default:
			require.True(t, same)
			require.GreaterOrEqual(t, len(k.Lines), n)
			require.LessOrEqual(t, len(k.Lines), n+1)
			require.Contains(t, []string{fmt.Sprint("open ", n), fmt.Sprint("open ", max(n-1, 0))}, string(k.Body))
		}
		shut(t, l)
	}
}

// A count of the drawer that was put off is there after a restart, and a spoilt or an empty one is none.
func TestACountOfTheDrawerIsKept(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	kept, err := l.KeptDrawer(t.Context())
	require.NoError(t, err)
	require.Empty(t, kept)
	require.NoError(t, l.KeepDrawer([]byte("counted")))
	require.NoError(t, l.Close())
	l = f.open(t)
	kept, err = l.KeptDrawer(t.Context())
	require.NoError(t, err)
	require.Equal(t, "counted", string(kept))
	require.NoError(t, l.KeepDrawer(nil))
	kept, err = l.KeptDrawer(t.Context())
	require.NoError(t, err)
	require.Empty(t, kept)
}

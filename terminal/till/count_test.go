package till_test

import (
	"errors"
	"testing"
	"time"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// counts is what the journal has of counting.
func (w *world) counted() []retail.Count {
	var all []retail.Count
	for _, d := range w.journal.Drafts {
		if c, ok := d.Body.(retail.Count); ok {
			all = append(all, c)
		}
	}
	return all
}

// counting is a till at which Robert, who may, counts.
func counting(t *testing.T) (*world, *till.StockCount) {
	w := newWorld(t)
	require.NoError(t, w.SignIn(t.Context(), robert, "777777"))
	c, err := w.BeginStockCount(t.Context(), till.Approval{})
	require.NoError(t, err)
	return w, c
}

func scanCount(t *testing.T, c *till.StockCount, codes ...string) {
	t.Helper()
	for _, code := range codes {
		s, err := c.Scan(t.Context(), code)
		require.NoError(t, err)
		require.True(t, s.Known, code)
	}
}

func TestCountLineByLine(t *testing.T) {
	w, c := counting(t)
	w.goods.Stock[syrup.ID] = till.Stock{Known: true, Here: 18 * money.One}
	scanCount(t, c, syrup.Barcodes[0], "10*"+syrup.Barcodes[0], syrup.SKU)
	open, ok := c.Open()
	require.True(t, ok)
	require.Equal(t, 12*money.One, open.Quantity)
	require.Empty(t, w.counted(), "a line that is not confirmed is nobody's business")
	require.Empty(t, w.Ticket().Lines, "counting is not selling")
	s, err := c.Scan(t.Context(), "4001009910461")
	require.NoError(t, err)
	require.False(t, s.Known)
	_, err = c.Scan(t.Context(), pen.SKU)
	require.Equal(t, "Maple syrup", refused(t, till.KeyCountOpen, err).Args["name"])
	refused(t, till.KeyCountOpen, c.Finish(t.Context()))
	refused(t, till.KeyWhole, c.Set(500))
	refused(t, till.KeyQuantity, c.Set(-money.One))
	require.NoError(t, c.Set(16*money.One))

	line, err := c.Confirm(t.Context())
	require.NoError(t, err)
	require.True(t, line.Known)
	require.Equal(t, -2*money.One, line.Variance())
	require.Equal(t, w.clock, line.At)
	_, ok = c.Open()
	require.False(t, ok)
	_, err = c.Confirm(t.Context())
	refused(t, till.KeyNoLine, err)
	refused(t, till.KeyNoLine, c.Set(money.One))

	// What there is none of is counted too, and what nothing is known of.
	require.NoError(t, c.Choose(t.Context(), pen.ID))
	line, err = c.Confirm(t.Context())
	require.NoError(t, err)
	require.False(t, line.Known)

	// Counted again, the newer line replaces the older.
	scanCount(t, c, syrup.SKU)
	open, _ = c.Open()
	require.Equal(t, money.One, open.Quantity, "it begins anew")
	require.True(t, open.Again)
	_, err = c.Confirm(t.Context())
	require.NoError(t, err)
	lines := c.Lines()
	require.Len(t, lines, 2)
	require.Equal(t, []any{syrup.ID, money.One, true}, []any{lines[0].Product.ID, lines[0].Quantity, lines[0].Again})
	require.Equal(t, pen.ID, lines[1].Product.ID)

	require.NoError(t, c.Finish(t.Context()))
	refused(t, till.KeyCountNone, c.Finish(t.Context()))
	all := w.counted()
	session := all[0].Session
	require.Equal(t, []retail.Count{
		{Session: session, Product: syrup.ID, Quantity: 16 * money.One},
		{Session: session, Product: pen.ID},
		{Session: session, Product: syrup.ID, Quantity: money.One},
		{Session: session, Done: true},
	}, all)
	_, ok = w.StockCount()
	require.False(t, ok)
	require.Empty(t, w.counts.Body)
}

func TestWhatHoldsNoStockIsNotCounted(t *testing.T) {
	w, c := counting(t)
	_, err := c.Scan(t.Context(), coffee.SKU)
	refused(t, till.KeyMadeHere, err)
	refused(t, till.KeyMadeHere, c.Choose(t.Context(), coffee.ID))
	refused(t, till.KeyNoProduct, c.Choose(t.Context(), id(77)))
	scanCount(t, c, apples.SKU)
	open, _ := c.Open()
	require.Zero(t, open.Quantity, "what is weighed is not counted by the piece")
	require.NoError(t, c.Set(1240))
	scanCount(t, c, "0.500*"+apples.SKU)
	line, err := c.Confirm(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 1740, line.Quantity)
	require.Len(t, w.counted(), 1)
}

// Whoever may not count needs somebody's word, once, and it is in the journal.
func TestCountingNeedsARight(t *testing.T) {
	w := signedIn(t)
	_, err := w.BeginStockCount(t.Context(), till.Approval{})
	need, ok := till.NeedOf(refused(t, till.KeyApproval, err))
	require.True(t, ok)
	c, err := w.BeginStockCount(t.Context(), w.approval(need))
	require.NoError(t, err)
	last := w.journal.Drafts[len(w.journal.Drafts)-1]
	require.Equal(t, retail.Override{
		Deed: retail.DeedCount, BusinessDate: 20261122, Reason: "mistake", Approver: sophie,
	}, last.Body)
	require.Equal(t, alice, last.User)
	again, err := w.BeginStockCount(t.Context(), till.Approval{})
	require.NoError(t, err)
	require.Same(t, c, again)
	scanCount(t, c, syrup.SKU)

	// Somebody else goes on with it, who may by himself.
	w.Lock()
	_, err = c.Confirm(t.Context())
	refused(t, till.KeySignInNeeded, err)
	require.NoError(t, w.SignIn(t.Context(), robert, "777777"))
	_, err = c.Confirm(t.Context())
	refused(t, till.KeyApproval, err)
	_, err = w.BeginStockCount(t.Context(), till.Approval{})
	require.NoError(t, err)
	_, err = c.Confirm(t.Context())
	require.NoError(t, err)
	// And the first has to ask again.
	require.NoError(t, w.SignIn(t.Context(), alice, "1234"))
	_, err = w.BeginStockCount(t.Context(), till.Approval{})
	refused(t, till.KeyApproval, err)
}

func TestAnAbandonedCountKeepsWhatWasConfirmed(t *testing.T) {
	w, c := counting(t)
	scanCount(t, c, syrup.SKU)
	require.NoError(t, c.Abandon(t.Context()))
	require.Empty(t, w.counted(), "nobody ever heard of it")

	c, err := w.BeginStockCount(t.Context(), till.Approval{})
	require.NoError(t, err)
	refused(t, till.KeyCountEmpty, c.Finish(t.Context()))
	scanCount(t, c, syrup.SKU)
	_, err = c.Confirm(t.Context())
	require.NoError(t, err)
	scanCount(t, c, pen.SKU)
	c.Drop()
	scanCount(t, c, pen.SKU)
	require.NoError(t, c.Abandon(t.Context()))
	all := w.counted()
	require.Len(t, all, 2)
	require.Equal(t, syrup.ID, all[0].Product)
	require.True(t, all[1].Done)
}

// The store sells meanwhile: what is sold at this till while its line is open is counted again.
func TestWhatMovesIsCountedAgain(t *testing.T) {
	w, c := counting(t)
	require.NoError(t, w.OpenShift(t.Context(), 20000))
	sell := func(code string) {
		w.scan(code)
		p := w.pay()
		_, err := w.TenderCard(t.Context(), p.Turn, p.Left, "1", "4417")
		require.NoError(t, err)
	}
	scanCount(t, c, "5*"+syrup.SKU)
	sell(pen.SKU)
	open, _ := c.Open()
	require.False(t, open.Moved)
	sell(syrup.SKU)
	open, _ = c.Open()
	require.True(t, open.Moved)
	_, err := c.Confirm(t.Context())
	refused(t, till.KeyCountMoved, err)
	w.start()
	require.NoError(t, w.SignIn(t.Context(), robert, "777777"))
	c, _ = w.StockCount()
	_, err = c.Confirm(t.Context())
	refused(t, till.KeyCountMoved, err)
	scanCount(t, c, syrup.SKU)
	line, err := c.Confirm(t.Context())
	require.NoError(t, err)
	require.Equal(t, money.One, line.Quantity, "what was counted before does not count")
}

// A line that the journal does not take is still open.
func TestALineThatCannotBeWrittenStays(t *testing.T) {
	w, c := counting(t)
	w.goods.Stock[syrup.ID] = till.Stock{Known: true, Here: 18 * money.One}
	scanCount(t, c, "3*"+syrup.SKU)
	w.journal.Fails = errors.New("disk full")
	_, err := c.Confirm(t.Context())
	refused(t, till.KeyJournal, err)
	open, ok := c.Open()
	require.True(t, ok)
	require.Equal(t, 3*money.One, open.Quantity)
	require.False(t, open.Known, "what is expected is not told")
	w.journal.Fails = nil
	_, err = c.Confirm(t.Context())
	require.NoError(t, err)
	w.journal.Fails = errors.New("disk full")
	refused(t, till.KeyJournal, c.Finish(t.Context()))
	_, ok = w.StockCount()
	require.True(t, ok)
}

// Killed between the journal and what is kept beside it, a line is confirmed once and a session over once.
func TestACountKilledBetweenTheTwo(t *testing.T) {
	w, c := counting(t)
	w.goods.Stock[syrup.ID] = till.Stock{Known: true, Here: 18 * money.One}
	scanCount(t, c, "3*"+syrup.SKU)
	session, before := w.counts.Session, len(w.counts.All)
	_, err := c.Confirm(t.Context())
	require.NoError(t, err)
	after := w.counts.Body
	require.Len(t, w.counts.All, before+2, "before the entry is written, and after")
	w.counts.Body = w.counts.All[before]
	w.start()
	c, ok := w.StockCount()
	require.True(t, ok)
	_, open := c.Open()
	require.False(t, open, "it is in the journal")
	require.Len(t, c.Lines(), 1)
	require.Equal(t, 3*money.One, c.Lines()[0].Quantity)
	require.Equal(t, 18*money.One, c.Lines()[0].Expected)

	// Nothing but the journal is left.
	w.counts.Body, w.counts.Session = nil, id(0)
	w.start()
	c, ok = w.StockCount()
	require.True(t, ok)
	require.Len(t, c.Lines(), 1)
	require.False(t, c.Lines()[0].Known)

	w.counts.Body, w.counts.Session = after, session
	w.start()
	require.NoError(t, w.SignIn(t.Context(), robert, "777777"))
	c, _ = w.StockCount()
	require.Equal(t, 18*money.One, c.Lines()[0].Expected)
	require.NoError(t, c.Finish(t.Context()))
	w.counts.Body, w.counts.Session = after, session
	w.start()
	_, ok = w.StockCount()
	require.False(t, ok, "it is over")
}

// Whatever is done to a count, ending the program anywhere changes nothing of it.
func TestARestartChangesNothingOfACount(t *testing.T) {
	codes := []string{timbits.SKU, syrup.SKU, "1.240*" + apples.SKU, stamps.SKU, coffee.SKU, "none"}
	rapid.Check(t, func(r *rapid.T) {
		w, _ := counting(t)
		ctx := t.Context()
		require.NoError(r, w.OpenShift(ctx, 20000))
		current := func() *till.StockCount {
			c, err := w.BeginStockCount(ctx, till.Approval{})
			require.NoError(r, err)
			return c
		}
		r.Repeat(map[string]func(*rapid.T){
			"scan": func(r *rapid.T) { _, _ = current().Scan(ctx, rapid.SampledFrom(codes).Draw(r, "code")) },
			"set": func(r *rapid.T) {
				_ = current().Set(money.Quantity(rapid.IntRange(-1, 9).Draw(r, "pieces")) * money.One)
			},
			"confirm": func(*rapid.T) { _, _ = current().Confirm(ctx) },
			"drop":    func(*rapid.T) { current().Drop() },
			"finish":  func(*rapid.T) { _ = current().Finish(ctx) },
			"abandon": func(*rapid.T) { _ = current().Abandon(ctx) },
			"wait":    func(*rapid.T) { w.clock = w.clock.Add(time.Minute) },
			"sell": func(r *rapid.T) {
				w.scan(syrup.SKU)
				p := w.pay()
				_, err := w.TenderCard(ctx, p.Turn, p.Left, "1", "4417")
				require.NoError(r, err)
			},
			"": func(*rapid.T) {
				c := current()
				lines, begun := c.Lines(), c.Begun()
				open, counting := c.Open()
				w.start()
				require.NoError(r, w.SignIn(ctx, robert, "777777"))
				again, ok := w.StockCount()
				require.True(r, ok)
				require.Equal(r, lines, again.Lines())
				require.True(r, begun.Truncate(time.Millisecond).Equal(again.Begun()))
				o, still := again.Open()
				require.Equal(r, counting, still)
				require.Equal(r, open, o)
				confirmed := 0
				for _, d := range w.journal.Drafts {
					if d.Kind == journal.KindCount {
						confirmed++
					}
				}
				require.GreaterOrEqual(r, confirmed, len(lines))
			},
		})
	})
}

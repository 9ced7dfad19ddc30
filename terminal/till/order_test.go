package till_test

import (
	"slices"
	"testing"
	"time"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
	"comptant/terminal/till/tilltest"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// ordered is an order of the shop of 2 syrups and 3 pens, as headquarters asks this store for it.
func ordered(n int, name string, state retail.OrderState, at time.Time) retail.Order {
	lines := []retail.Line{
		{Product: syrup.ID, SKU: syrup.SKU, Name: "Sirop d’érable", Quantity: 2 * money.One, UnitPrice: 1149, Amount: 2298, Class: retail.ZeroRated},
		{Product: pen.ID, SKU: pen.SKU, Name: "Stylo", Quantity: 3 * money.One, UnitPrice: 110, Amount: 330, Class: retail.Taxable},
	}
	totals := retail.Total(lines, tilltest.QuebecTaxes())
	return retail.Order{
		ID: id(400 + n), Code: retail.OrderCode(int64(n)), Attempt: 1, State: state, At: at.UnixMilli(), Until: at.Add(time.Hour).UnixMilli(),
		Name: name, Currency: "CAD", Prices: 1284, Lines: lines, Taxes: totals.Taxes, Total: totals.Total, Approval: "P-77", LastFour: "4242",
	}
}

// preparing is a till at which Robert, an employee, works, and of which headquarters asks an order.
func preparing(t *testing.T) (*world, retail.Order) {
	w := signedIn(t)
	w.Lock()
	require.NoError(t, w.SignIn(t.Context(), robert, "777777"))
	o := ordered(42, "Rosalie Gélinas", retail.OrderConfirmed, w.clock.Add(-12*time.Minute))
	w.goods.Orders = []retail.Order{o}
	return w, o
}

func (w *world) order(id uuid.UUID) till.Order {
	o, err := w.Order(w.t.Context(), id)
	require.NoError(w.t, err)
	return o
}

func (w *world) toDo() int {
	n, err := w.OrdersToDo(w.t.Context())
	require.NoError(w.t, err)
	return n
}

// The way of an order, all of it with what this till knows: headquarters' row stays as it was asked.
func TestAnOrderIsPreparedAndHandedOver(t *testing.T) {
	w, o := preparing(t)
	require.Equal(t, 1, w.toDo())
	require.NoError(t, w.AcceptOrder(t.Context(), o.ID))
	require.NoError(t, w.AcceptOrder(t.Context(), o.ID), "a second press")
	require.Equal(t, []retail.OrderAnswer{{Order: o.ID, Attempt: 1}}, tilltest.Bodies[retail.OrderAnswer](w.journal))
	require.Equal(t, retail.OrderAccepted, w.order(o.ID).State)

	p, err := w.PickOrder(t.Context(), o.ID)
	require.NoError(t, err)
	s, err := p.Scan(t.Context(), "2*"+syrup.Barcodes[0])
	require.NoError(t, err)
	require.Equal(t, 0, s.Line)
	require.Equal(t, retail.OrderPicking, w.order(o.ID).State)
	refused(t, till.KeyOrderUnpicked, p.Ready(t.Context(), false))
	for range 3 {
		_, err = p.Scan(t.Context(), pen.Barcodes[0])
		require.NoError(t, err)
	}
	require.NoError(t, p.Ready(t.Context(), false))
	require.NoError(t, p.Ready(t.Context(), false), "a second press")
	require.Equal(t, retail.OrderReady, w.order(o.ID).State)
	require.Zero(t, w.toDo())
	require.Len(t, w.picks.Body, 1, "an empty list: nothing is being picked any more")

	w.Lock()
	require.NoError(t, w.SignIn(t.Context(), alice, "1234"))
	w.printer.Printed = nil
	sold, err := w.HandOver(t.Context(), o.ID, false)
	require.NoError(t, err)
	require.NoError(t, <-sold.Printed)
	sale := tilltest.Bodies[retail.Sale](w.journal)[0]
	require.NoError(t, sale.Check())
	require.Equal(t, o.Sale(1, 20261122), sale)
	require.Equal(t, sale, w.printer.Printed[0].Sale)
	require.Equal(t, "CV-01-1-000001", sold.Code)

	done := w.order(o.ID)
	require.Equal(t, []any{retail.OrderCollected, "CV-01-1-000001"}, []any{done.State, done.Receipt})
	left, err := w.Orders(t.Context(), "")
	require.NoError(t, err)
	require.Empty(t, left)
	_, err = w.OrderByCode(t.Context(), o.Code)
	refused(t, till.KeyOrderDone, err)
	_, err = w.HandOver(t.Context(), o.ID, true)
	require.Equal(t, "CV-01-1-000001", refused(t, till.KeyOrderDone, err).Args["receipt"])
	w.start()
	require.NoError(t, w.SignIn(t.Context(), alice, "1234"))
	_, err = w.HandOver(t.Context(), o.ID, true)
	refused(t, till.KeyOrderDone, err)
	require.Len(t, tilltest.Bodies[retail.Sale](w.journal), 1)

	z := w.close(20000)
	require.Equal(t, []retail.TenderTotal{{Kind: retail.TenderOnline, In: o.Total}}, z.Z.Totals.Tenders)
	require.Zero(t, z.Z.Difference, "none of it is in the drawer")
	require.NoError(t, z.Z.Check())
}

// A press that comes while another goes on, and an order that goes away while somebody looks at it.
func TestAnOrderIsAskedForAgainRightBeforeItIsAnswered(t *testing.T) {
	w, o := preparing(t)
	again := o
	again.Attempt = 2
	for name, c := range map[string]struct {
		now []retail.Order
		key string
	}{
		"gone":          {nil, till.KeyNoOrder},
		"another time":  {[]retail.Order{again}, till.KeyOrderState},
		"taken already": {[]retail.Order{ordered(42, "", retail.OrderReady, w.clock)}, till.KeyOrderState},
	} {
		t.Run(name, func(t *testing.T) {
			w.goods.Orders = []retail.Order{o}
			w.journal.Before = func() { w.goods.Orders = c.now }
			defer func() { w.journal.Before = nil }()
			before := len(w.journal.Drafts)
			refused(t, c.key, w.AcceptOrder(t.Context(), o.ID))
			require.Len(t, w.journal.Drafts, before)
		})
	}
	w.goods.Orders = []retail.Order{o}
	twice := false
	w.journal.Before = func() {
		if !twice {
			twice = true
			_, err := w.HandOver(t.Context(), o.ID, true)
			require.NoError(t, err)
		}
	}
	_, err := w.HandOver(t.Context(), o.ID, true)
	refused(t, till.KeyOrderDone, err)
	require.Len(t, tilltest.Bodies[retail.Sale](w.journal), 1)
}

func TestWhatTheStoreDoesNotHave(t *testing.T) {
	w, o := preparing(t)
	short := func(lines ...retail.StockLine) error { return w.ShortOrder(t.Context(), o.ID, lines) }
	refused(t, till.KeyOrderMissing, short())
	refused(t, till.KeyOrderMissing, short(retail.StockLine{Product: pen.ID}))
	refused(t, till.KeyOrderMissing, short(retail.StockLine{Product: pen.ID, Quantity: 4 * money.One}))
	refused(t, till.KeyOrderMissing, short(retail.StockLine{Product: stamps.ID, Quantity: money.One}))

	require.NoError(t, w.AcceptOrder(t.Context(), o.ID))
	p, err := w.PickOrder(t.Context(), o.ID)
	require.NoError(t, err)
	require.NoError(t, p.Set(1, money.One))
	require.Equal(t, []retail.StockLine{{Product: syrup.ID, Quantity: 2 * money.One}, {Product: pen.ID, Quantity: 2 * money.One}}, p.Missing())
	require.NoError(t, short(p.Missing()...))
	require.NoError(t, short(p.Missing()...), "a second press")
	require.Equal(t, []retail.OrderMissing{{Order: o.ID, Attempt: 1, Lines: p.Missing()}}, tilltest.Bodies[retail.OrderMissing](w.journal))
	require.Equal(t, retail.OrderShort, w.order(o.ID).State)
	require.Zero(t, w.toDo())
	refused(t, till.KeyOrderState, p.Ready(t.Context(), true))
	_, err = w.HandOver(t.Context(), o.ID, true)
	refused(t, till.KeyOrderState, err)

	// Nobody else has it either: the store is asked again, and what it said before decides nothing.
	o.Attempt = 2
	w.goods.Orders = []retail.Order{o}
	require.Equal(t, retail.OrderConfirmed, w.order(o.ID).State)
	require.NoError(t, w.AcceptOrder(t.Context(), o.ID))
	require.Equal(t, retail.OrderAccepted, w.order(o.ID).State)
}

func TestWhoMayDoWhatWithAnOrder(t *testing.T) {
	w, o := preparing(t)
	w.Lock()
	refused(t, till.KeySignInNeeded, w.AcceptOrder(t.Context(), o.ID))
	_, err := w.HandOver(t.Context(), o.ID, true)
	refused(t, till.KeySignInNeeded, err)
	require.NoError(t, w.SignIn(t.Context(), alice, "1234"))
	refused(t, till.KeyOrderRights, w.AcceptOrder(t.Context(), o.ID))
	refused(t, till.KeyOrderRights, w.ShortOrder(t.Context(), o.ID, nil))
	_, err = w.PickOrder(t.Context(), o.ID)
	refused(t, till.KeyOrderRights, err)

	_, err = w.HandOver(t.Context(), o.ID, false)
	refused(t, till.KeyOrderNotReady, err)
	w.scan(pen.SKU)
	_, err = w.HandOver(t.Context(), o.ID, true)
	refused(t, till.KeyOrderTicket, err)
	require.NoError(t, w.Clear())
	w.disk.full = true
	_, err = w.HandOver(t.Context(), o.ID, true)
	refused(t, till.KeyNoRoom, err)
	w.disk.full = false
	w.close(20000)
	_, err = w.HandOver(t.Context(), o.ID, true)
	refused(t, till.KeyNoShift, err)
	require.NoError(t, w.OpenShift(t.Context(), 20000))
	_, err = w.HandOver(t.Context(), o.ID, true)
	require.NoError(t, err)
}

func TestOrdersInTheirTurn(t *testing.T) {
	w, _ := preparing(t)
	at := func(minutes int) time.Time { return w.clock.Add(-time.Duration(minutes) * time.Minute) }
	w.goods.Orders = []retail.Order{
		ordered(1, "Ève Bélanger", retail.OrderReady, at(90)), ordered(2, "Marc", retail.OrderPicking, at(20)),
		ordered(3, "", retail.OrderConfirmed, at(5)), ordered(4, "Zoé", retail.OrderConfirmed, at(15)),
		ordered(5, "Léo", retail.OrderAccepted, at(40)), ordered(6, "Un jour", "of a later version", at(1)),
	}
	require.NoError(t, w.ShortOrder(t.Context(), id(404), []retail.StockLine{{Product: pen.ID, Quantity: money.One}}))
	codes := func(text string) (codes []string) {
		all, err := w.Orders(t.Context(), text)
		require.NoError(t, err)
		for _, o := range all {
			codes = append(codes, o.Code)
		}
		return codes
	}
	require.Equal(t, []string{"W-000003", "W-000005", "W-000002", "W-000001", "W-000004"}, codes(""))
	require.Equal(t, 3, w.toDo())
	require.Equal(t, []string{"W-000001"}, codes(" eve bel"))
	require.Equal(t, []string{"W-000005"}, codes("w-000005"))
	require.Empty(t, codes("Nicolas"))
	o, err := w.OrderByCode(t.Context(), " w-000002")
	require.NoError(t, err)
	require.Equal(t, "Marc", o.Name)
	_, err = w.OrderByCode(t.Context(), "W-00000")
	refused(t, till.KeyNoOrder, err)

	lines, err := w.OrderLines(t.Context(), o)
	require.NoError(t, err)
	require.Equal(t, []string{"Maple syrup", "Pen"}, []string{lines[0].Product.Name.EN, lines[1].Product.Name.EN})
}

// What a till did counts over what headquarters has heard of, whatever part of it that is.
func TestOwnAnswersCountWhateverHeadquartersHasHeard(t *testing.T) {
	kinds := map[journal.Kind]retail.OrderState{
		journal.KindOrderAccept: retail.OrderAccepted, journal.KindOrderShort: retail.OrderShort,
		journal.KindOrderReady: retail.OrderReady, journal.KindSale: retail.OrderCollected,
	}
	rapid.Check(t, func(r *rapid.T) {
		// A till writes only what may become of an order.
		state, way := retail.OrderConfirmed, []journal.Kind{}
		for range rapid.IntRange(0, 4).Draw(r, "deeds") {
			kind := rapid.SampledFrom([]journal.Kind{journal.KindOrderAccept, journal.KindOrderShort, journal.KindOrderReady, journal.KindSale}).Draw(r, "kind")
			if retail.OrderSteps.Lead(state, kinds[kind]) {
				state, way = kinds[kind], append(way, kind)
			}
		}
		heard := rapid.IntRange(0, len(way)).Draw(r, "heard")
		told := retail.OrderConfirmed
		if heard > 0 {
			told = kinds[way[heard-1]]
		}
		if told == retail.OrderAccepted && rapid.Bool().Draw(r, "picking") {
			told = retail.OrderPicking
		}
		w := newWorld(t)
		w.goods.Orders = []retail.Order{ordered(1, "", told, w.clock)}
		write := func(kind journal.Kind, body any) {
			_, err := w.journal.Commit(t.Context(), till.Draft{Kind: kind, Body: func(uint64) any { return body }})
			require.NoError(r, err)
		}
		write(journal.KindOrderReady, retail.OrderAnswer{Order: id(401), Attempt: 9}) // to another question
		for _, kind := range way {
			switch kind {
			case journal.KindSale:
				write(kind, w.goods.Orders[0].Sale(1, 20261122))
			case journal.KindOrderShort:
				write(kind, retail.OrderMissing{Order: id(401), Attempt: 1})
			default:
				write(kind, retail.OrderAnswer{Order: id(401), Attempt: 1})
			}
		}
		o, err := w.Order(t.Context(), id(401))
		require.NoError(r, err)
		if state == retail.OrderAccepted && told == retail.OrderPicking {
			state = retail.OrderPicking
		}
		require.Equal(r, state, o.State)
	})
}

// Headquarters' price is what the customer paid: what it does not come to is its matter, and the customer has the goods.
func TestAnOrderThatDoesNotAddUpIsHandedOver(t *testing.T) {
	w, o := preparing(t)
	o.Total--
	w.goods.Orders = []retail.Order{o}
	_, err := w.HandOver(t.Context(), o.ID, true)
	require.NoError(t, err)
	require.Error(t, tilltest.Bodies[retail.Sale](w.journal)[0].Check())
}

func TestWhatWasPaidOnlineIsRefundedToACard(t *testing.T) {
	w, o := preparing(t)
	sold, err := w.HandOver(t.Context(), o.ID, true)
	require.NoError(t, err)
	may, err := w.Voidable(t.Context(), sold.Receipt)
	require.NoError(t, err)
	require.False(t, may)
	_, err = w.VoidSale(t.Context(), sold.Receipt, "mistake", w.approval(retail.Need{Deed: retail.DeedVoidSale, Amount: o.Total}))
	refused(t, till.KeyVoidOrder, err)

	r, err := w.Refundable(t.Context(), 1, 1)
	require.NoError(t, err)
	one := []retail.RefundPart{{Of: 0, Quantity: money.One}}
	need, asked := till.NeedOf(w.MayRefund(t.Context(), r, one, till.Payback{Kind: retail.TenderCash}, "defect", till.Approval{}))
	require.True(t, asked, "in cash only with a supervisor")
	require.Equal(t, retail.DeedTender, need.Deed)
	back, err := w.Refund(t.Context(), r, one, till.Payback{Approval: "A1"}, "defect", till.Approval{})
	require.NoError(t, err)
	require.Equal(t, []retail.Tender{{Kind: retail.TenderCard, Amount: 1149, Approval: "A1", LastFour: "4242"}}, back.Refund.Tenders)
}

// In a training the orders are the real ones, and what is done to them is forgotten.
func TestOrdersInATraining(t *testing.T) {
	w, o := preparing(t)
	require.NoError(t, w.AcceptOrder(t.Context(), o.ID))
	p, err := w.PickOrder(t.Context(), o.ID)
	require.NoError(t, err)
	p.AllFound()
	kept, before := slices.Clone(w.picks.Body), len(w.journal.Drafts)
	require.NoError(t, w.StartTraining(t.Context(), w.approval(practise)))
	require.NoError(t, w.AcceptOrder(t.Context(), o.ID))
	p, err = w.PickOrder(t.Context(), o.ID)
	require.NoError(t, err)
	require.Equal(t, 5*money.One, p.Left(), "nothing of it was picked here")
	p.AllFound()
	require.NoError(t, p.Ready(t.Context(), false))
	_, err = w.HandOver(t.Context(), o.ID, false)
	require.NoError(t, err)
	_, err = w.HandOver(t.Context(), o.ID, false)
	refused(t, till.KeyOrderDone, err)
	w.Close()
	require.True(t, w.printer.Printed[len(w.printer.Printed)-1].Training)
	require.Len(t, w.journal.Drafts, before)
	require.Equal(t, kept, w.picks.Body)
	w.Lock()
	require.NoError(t, w.SignIn(t.Context(), robert, "777777"))
	require.Equal(t, retail.OrderPicking, w.order(o.ID).State)
}

package e2e_test

import (
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// kind is one way in which a ticket is sold. ring does all but the last Enter of its payment; the sale that the journal then
// holds must be as sold says.
type kind struct {
	name string
	ring func(d *day, n int)
	sold func(d *day, n int, s retail.Sale)
}

// pays does what comes before it, and asks for the money: cash, at first.
func (d *day) pays(first ...action) {
	d.t.Helper()
	d.does(append(first, press("F9"))...)
	require.True(d.t, d.within(patience, d.chosen(110, 130)), "nothing is asked for")
}

// sells the n-th ticket of the day, of one of the kinds.
func (d *day) sells(n int) {
	d.t.Helper()
	k := kinds[n%len(kinds)]
	d.t.Logf("ticket %d: %s", n+1, k.name)
	k.ring(d, n)
	d.look(k.name)
	before := d.count(journal.KindSale)
	d.xdotool("key", "Return")
	k.sold(d, n, d.sold(before+1))
	d.look(k.name + ", sold")
}

// next goes on to the next sale, for a key that is not of its own accord one of it.
func (d *day) next() { d.t.Helper(); d.does(press("F2")) }

// changed opens the panel of F8, goes to one of its pages, and types into it.
func (d *day) changed(page int, text string, after ...string) {
	d.t.Helper()
	then := []action{press(append([]string{"F8"}, slices.Repeat([]string{"Right"}, page)...)...)}
	if text != "" {
		then = append(then, keys(text))
	}
	if len(after) > 0 {
		then = append(then, press(after...))
	}
	d.does(then...)
	d.look("changing")
	d.does(press("Return"))
}

// The pages of F8.
const (
	lineOff = iota
	ticketOff
	otherPrice
	accuracy
	note
)

// quantities are those of the lines.
func quantities(s retail.Sale) (all []money.Quantity) {
	for _, l := range s.Lines {
		all = append(all, l.Quantity)
	}
	return all
}

func units(n int) money.Quantity { return money.Quantity(n) * money.One }

// kinds are all the ways, in the order in which a day takes them.
var kinds = []kind{
	{
		"cash, exact",
		func(d *day, n int) { d.pays(scans(d.codes(1, n)...)) },
		func(d *day, n int, s retail.Sale) {
			require.Len(d.t, s.Lines, 1)
			require.Equal(d.t, d.article(n).id, s.Lines[0].Product)
			require.Equal(d.t, d.article(n).price, s.Lines[0].UnitPrice)
			require.Equal(d.t, retail.TenderCash, s.Tenders[0].Kind)
			require.Zero(d.t, s.Change())
		},
	},
	{
		"a quantity first, a large note",
		func(d *day, n int) {
			d.does(keys("3*"))
			d.pays(scans(d.codes(1, n)...))
			d.does(keys("20000"))
		},
		func(d *day, n int, s retail.Sale) {
			require.Equal(d.t, []money.Quantity{units(3)}, quantities(s))
			require.EqualValues(d.t, 20000, s.Tenders[0].Given)
			require.Equal(d.t, 20000-s.Total-s.Rounding, s.Change())
		},
	},
	{
		"a quantity within a scan",
		func(d *day, n int) { d.pays(scans("4*" + d.article(n).code)) },
		func(d *day, n int, s retail.Sale) { require.Equal(d.t, []money.Quantity{units(4)}, quantities(s)) },
	},
	{
		"ten scans at once, a card",
		func(d *day, n int) {
			d.pays(scans(d.codes(10, n)...))
			d.does(press("Right", "Tab"), keys("A42B"), press("Tab"), keys("4417"))
		},
		func(d *day, n int, s retail.Sale) {
			require.Len(d.t, s.Lines, 10)
			for i, l := range s.Lines {
				require.Equal(d.t, d.article(n+i).id, l.Product, "in their order")
			}
			require.Equal(d.t, []retail.Tender{{Kind: retail.TenderCard, Amount: s.Total, Approval: "A42B", LastFour: "4417"}}, s.Tenders)
		},
	},
	{
		"touched tiles",
		func(d *day, _ int) {
			d.next()
			d.touches(150, 210, d.chosen(800, 92)) // the first line
			d.touches(270, 210, d.chosen(800, 148))
			d.pays()
		},
		func(d *day, _ int, s retail.Sale) { require.Len(d.t, s.Lines, 2) },
	},
	{
		"searched by name, plus and minus",
		func(d *day, _ int) {
			d.does(keys("sirop"))
			d.look("found by name")
			d.does(press("Return"))
			d.does(press("plus", "plus", "plus", "minus"))
			d.pays()
		},
		func(d *day, _ int, s retail.Sale) {
			require.Equal(d.t, []money.Quantity{units(3)}, quantities(s))
			require.Contains(d.t, s.Lines[0].Name, "Sirop")
		},
	},
	{
		"a part off a line",
		func(d *day, n int) { d.does(scans(d.codes(2, n)...)); d.changed(lineOff, "10"); d.pays() },
		func(d *day, _ int, s retail.Sale) {
			require.Equal(d.t, retail.Discount{Rate: 10_000, Reason: "damaged"}, s.Lines[1].Off)
			require.Positive(d.t, s.Lines[1].Discount)
			require.Zero(d.t, s.Lines[0].Discount)
		},
	},
	{
		"an amount off a line",
		func(d *day, n int) { d.does(scans(d.codes(2, n)...)); d.changed(lineOff, "$10", "Down"); d.pays() },
		func(d *day, _ int, s retail.Sale) {
			require.Equal(d.t, retail.Discount{Amount: 10, Reason: "loyal"}, s.Lines[1].Off)
			require.EqualValues(d.t, 10, s.Lines[1].Discount)
		},
	},
	{
		"a part off the ticket, approved",
		func(d *day, n int) {
			d.does(scans(d.codes(3, n)...))
			d.changed(ticketOff, "30")
			d.approves("a discount above one's own")
			d.pays()
		},
		func(d *day, _ int, s retail.Sale) {
			require.Equal(d.t, retail.Discount{Rate: 30_000, Reason: "damaged"}, s.Off)
			require.Equal(d.t, retail.DeedDiscount, s.Approvals[0].Deed)
			require.Positive(d.t, s.Shared())
		},
	},
	{
		"an amount off the ticket",
		func(d *day, n int) { d.does(scans(d.codes(3, n)...)); d.changed(ticketOff, "$25"); d.pays() },
		func(d *day, _ int, s retail.Sale) {
			require.EqualValues(d.t, 25, s.Off.Amount)
			require.EqualValues(d.t, 25, s.Shared())
		},
	},
	{
		"another price, approved",
		func(d *day, n int) {
			d.does(scans(d.codes(1, n)...))
			d.changed(otherPrice, "99", "Down")
			d.approves("another price")
			d.pays()
		},
		func(d *day, n int, s retail.Sale) {
			require.EqualValues(d.t, 99, s.Lines[0].UnitPrice)
			require.Equal(d.t, d.article(n).price, s.Lines[0].List)
			require.Equal(d.t, "match", s.Lines[0].Reason)
			require.Equal(d.t, retail.DeedPrice, s.Approvals[0].Deed)
		},
	},
	{
		"price accuracy",
		func(d *day, n int) { d.does(scans(d.codes(2, n)...)); d.changed(accuracy, ""); d.pays() },
		func(d *day, n int, s retail.Sale) {
			require.Equal(d.t, "accuracy", s.Lines[1].Off.Reason)
			require.Equal(d.t, min(d.article(n+1).price, 1500), s.Lines[1].Discount)
		},
	},
	{
		"a label with a weight",
		func(d *day, n int) { d.pays(scans(byWeight.Make(apples, int64(742+n)))) },
		func(d *day, n int, s retail.Sale) {
			require.Equal(d.t, []money.Quantity{money.Quantity(742 + n)}, quantities(s))
			require.EqualValues(d.t, (int64(d.weighed.price)*int64(742+n)+500)/1000, s.Lines[0].Amount)
		},
	},
	{
		"a label with a price",
		func(d *day, n int) { d.pays(scans(byPrice.Make(cheese, int64(645+n)))) },
		func(d *day, n int, s retail.Sale) {
			require.EqualValues(d.t, 645+n, s.Lines[0].Amount)
			require.Equal(d.t, "DAY-2", s.Lines[0].SKU)
		},
	},
	{
		"a price that is asked",
		func(d *day, _ int) {
			d.does(scans(d.open.code))
			d.does(keys("1234"))
			d.look("a price is asked")
			d.does(press("Return"))
			d.pays()
		},
		func(d *day, _ int, s retail.Sale) { require.EqualValues(d.t, 1234, s.Lines[0].Amount) },
	},
	{
		"deposits",
		func(d *day, n int) {
			drink := d.drinks[n%len(d.drinks)]
			d.does(keys("6*"))
			d.does(scans(drink.code))
			d.pays(scans(d.drinks[(n+1)%len(d.drinks)].code))
		},
		func(d *day, _ int, s retail.Sale) {
			for _, l := range s.Lines {
				require.NotEmpty(d.t, l.Charges)
				require.Equal(d.t, l.Charges[0].Unit.Mul(l.Quantity), l.Charges[0].Amount)
			}
		},
	},
	{
		"a note on a line",
		func(d *day, n int) { d.does(scans(d.codes(1, n)...)); d.changed(note, "gift"); d.pays() },
		func(d *day, _ int, s retail.Sale) { require.Equal(d.t, "gift", s.Lines[0].Note) },
	},
	{
		"a customer who is new",
		func(d *day, n int) {
			d.does(scans(d.codes(2, n)...))
			d.does(press("F3"), keys(fmt.Sprint("Zoe", n)))
			d.does(press("Return"))
			d.look("a new customer")
			d.does(press("Return"))
			d.pays()
		},
		func(d *day, _ int, s retail.Sale) {
			require.NotEqual(d.t, uuid.Nil, s.Customer)
			require.False(d.t, d.known[s.Customer])
			d.known[s.Customer] = true
		},
	},
	{
		"a customer who comes back",
		func(d *day, n int) {
			d.does(scans(d.codes(1, n)...))
			d.does(press("F3"), keys("Zoe"))
			d.look("a customer is found")
			d.does(press("Return"))
			d.pays()
		},
		func(d *day, _ int, s retail.Sale) { require.True(d.t, d.known[s.Customer]) },
	},
	{
		"held, another one served, and recalled",
		func(d *day, n int) {
			d.does(scans(d.codes(2, n)...))
			d.does(press("F4"), keys("Marie"))
			d.look("held")
			d.does(press("Return"))
			before := d.count(journal.KindSale)
			d.pays(scans(d.codes(1, n+7)...))
			d.xdotool("key", "Return")
			require.Len(d.t, d.sold(before+1).Lines, 1)
			d.next()
			d.does(press("F5"))
			d.look("recalled")
			d.does(press("Return"))
			d.pays()
		},
		func(d *day, n int, s retail.Sale) {
			require.Len(d.t, s.Lines, 2)
			require.Equal(d.t, d.article(n).id, s.Lines[0].Product)
		},
	},
	{
		"a price looked up before",
		func(d *day, n int) {
			d.next()
			d.does(press("F6"))
			d.does(scans(d.codes(1, n+3)...))
			d.look("a price looked up")
			d.does(press("Escape"))
			d.pays(scans(d.codes(1, n)...))
		},
		func(d *day, n int, s retail.Sale) {
			require.Len(d.t, s.Lines, 1)
			require.Equal(d.t, d.article(n).id, s.Lines[0].Product)
		},
	},
	{
		"a line taken off after the total was told",
		func(d *day, n int) {
			d.pays(scans(d.codes(3, n)...))
			d.does(press("Escape"))
			d.does(press("Delete"))
			d.reaches(journal.KindOverride, d.count(journal.KindOverride))
			d.look("a line taken off")
			d.pays()
		},
		func(d *day, _ int, s retail.Sale) {
			require.Len(d.t, s.Lines, 2)
			require.Equal(d.t, retail.DeedVoidLine, last[retail.Override](d, journal.KindOverride).Deed)
		},
	},
	{
		"a ticket dropped after the total was told",
		func(d *day, n int) {
			d.pays(scans(d.codes(2, n)...))
			d.does(press("Escape"))
			d.does(press("Escape"))
			require.True(d.t, d.within(patience, d.asked))
			d.look("dropping a ticket")
			d.touches(622, 446, d.unasked) // Enter must not lose anything
			d.answered()
			require.Equal(d.t, retail.DeedVoidTicket, last[retail.Override](d.now(), journal.KindOverride).Deed)
			d.pays(scans(d.codes(1, n+5)...))
		},
		func(d *day, n int, s retail.Sale) {
			require.Len(d.t, s.Lines, 1)
			require.Equal(d.t, d.article(n+5).id, s.Lines[0].Product)
		},
	},
	{
		"a code nobody knows before",
		func(d *day, n int) {
			d.does(scans("7612345678900"))
			d.look("a code nobody knows")
			d.pays(scans(d.codes(1, n)...))
		},
		func(d *day, _ int, s retail.Sale) { require.Len(d.t, s.Lines, 1) },
	},
	{
		"a quick note",
		func(d *day, n int) {
			d.pays(scans(d.codes(1, n)...))
			d.touches(248, 408, d.chosen(210, 385))
		},
		func(d *day, _ int, s retail.Sale) {
			require.Zero(d.t, s.Tenders[0].Given%100)
			require.Positive(d.t, s.Tenders[0].Given)
		},
	},
	{
		"a part by card, the rest in cash",
		func(d *day, n int) {
			d.pays(scans(d.codes(4, n)...))
			d.does(press("Right"), keys("100"), press("Return"))
		},
		func(d *day, _ int, s retail.Sale) {
			require.Len(d.t, s.Tenders, 2)
			require.Equal(d.t, retail.Tender{Kind: retail.TenderCard, Amount: 100}, s.Tenders[0])
			require.Equal(d.t, retail.TenderCash, s.Tenders[1].Kind)
		},
	},
	{
		"the same article twenty times",
		func(d *day, n int) { d.does(keys("20*")); d.pays(scans(d.codes(1, n)...)) },
		func(d *day, _ int, s retail.Sale) { require.Equal(d.t, []money.Quantity{units(20)}, quantities(s)) },
	},
}

// now is the day with the journal read as it is.
func (d *day) now() *day { d.t.Helper(); d.read(); return d }

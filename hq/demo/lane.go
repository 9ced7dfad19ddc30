package demo

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/google/uuid"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// pricesVersion is the version of prices the demo's tills say they sold under: the first.
const pricesVersion = 1

// epoch is the life of the journals that the demo writes. A real till that is enrolled in the place of one of these begins a
// later epoch.
const epoch = 1

// entry is one record of a journal before it is chained.
type entry struct {
	at    time.Time
	bytes []byte
	// opens says that it opens a shift. z is the Z that closes one: which entry that opened it is known once no other can
	// come before it any more.
	opens bool
	z     *zEntry
}

// lane writes the journal of one till, as the till itself would.
type lane struct {
	shop    shop
	number  int
	till    uuid.UUID
	market  market
	rates   retail.TaxTable
	rng     *rand.Rand
	entries []entry

	shift uint64
	drawer
	// opened is when each shift was, the first at 0.
	opened   []time.Time
	receipts uint64
	// regretted are sales that a customer will bring back in part.
	regretted []retail.Sale
	// moved is told of all that leaves the shelf, and of what comes back to it as a negative quantity.
	moved func(at time.Time, line retail.Line, quantity money.Quantity)
}

func newLane(s shop, number int, till uuid.UUID, m market, moved func(time.Time, retail.Line, money.Quantity)) *lane {
	return &lane{
		shop: s, number: number, till: till, market: m, rng: random(fmt.Sprintf("till %s %d", s.Code, number)), moved: moved,
		drawer: drawer{rng: random(fmt.Sprintf("drawer %s %d", s.Code, number))},
	}
}

// write adds an entry.
func (l *lane) write(kind journal.Kind, at time.Time, user uuid.UUID, body any) error {
	return l.place(len(l.entries), l.shift, kind, at, user, body)
}

// insert adds an entry among those of its time.
func (l *lane) insert(kind journal.Kind, at time.Time, user uuid.UUID, body any) error {
	shift := l.shift
	for shift > 1 && at.Before(l.opened[shift-1]) {
		shift--
	}
	return l.place(l.until(at), shift, kind, at, user, body)
}

// until is how many entries were written before t.
func (l *lane) until(t time.Time) int {
	i, _ := slices.BinarySearchFunc(l.entries, t, func(e entry, t time.Time) int { return e.at.Compare(t) })
	return i
}

func (l *lane) place(i int, shift uint64, kind journal.Kind, at time.Time, user uuid.UUID, body any) error {
	bytes, err := journal.Encode(journal.Entry{Kind: kind, Time: at.UnixMilli(), Shift: shift, User: user}, body)
	if err != nil {
		return err
	}
	l.entries = slices.Insert(l.entries, i, entry{at: at, bytes: bytes, opens: kind == journal.KindShiftOpen})
	return nil
}

// open writes the first entry of the epoch.
func (l *lane) open(at time.Time) error {
	nonce := make([]byte, 16)
	for i := range nonce {
		nonce[i] = byte(l.rng.Uint32())
	}
	return l.write(journal.KindEpochOpen, at, uuid.Nil, retail.EpochOpen{
		Nonce: nonce, Store: l.shop.ID, Reason: retail.EpochEnrolled,
	})
}

// day writes one day's entries, up to a moment that may come before its end: a shift in the morning and one in the
// afternoon.
func (l *lane) day(midnight time.Time, years float64, now time.Time) error {
	day := retail.DateOf(midnight)
	l.rates = taxes().On(day)
	staff := sellers(l.shop.Code)
	first := (l.number + int(day)) % len(staff)
	visits := l.market.visits(l.rng, midnight, l.shop.share/float64(len(l.shop.tills)), years)
	noon := clock(midnight, changeover)
	for half, seller := range []SignIn{staff[first], staff[(first+1)%len(staff)]} {
		opening, closing := clock(midnight, opensAt*time.Hour-10*time.Minute), noon
		if half == 1 {
			opening, closing = noon, clock(midnight, closesAt)
		}
		if opening.After(now) {
			return nil
		}
		if err := l.openShift(opening, day, seller.id(), seller.Name); err != nil {
			return err
		}
		for len(visits) > 0 && (half == 1 || !visits[0].After(noon)) {
			if visits[0].After(now) {
				return nil
			}
			if err := l.serve(visits[0], day, seller.id()); err != nil {
				return err
			}
			visits = visits[1:]
		}
		if closing.After(now) {
			return nil
		}
		if err := l.closeShift(closing, day, seller.id()); err != nil {
			return err
		}
	}
	return nil
}

// clock is a time of day in the store's zone.
func clock(midnight time.Time, of time.Duration) time.Time {
	y, m, d := midnight.Date()
	return time.Date(y, m, d, 0, int(of.Minutes()), 0, 0, midnight.Location())
}

// serve writes what one customer does: mostly a sale, sometimes bringing something back.
func (l *lane) serve(at time.Time, day retail.Date, seller uuid.UUID) error {
	if len(l.regretted) > 0 && l.rng.IntN(20) == 0 {
		return l.refund(at, day, seller)
	}
	sale, err := l.sale(day)
	if err != nil {
		return err
	}
	for _, line := range sale.Lines {
		l.moved(at, line, line.Quantity)
	}
	if l.rng.IntN(80) == 0 {
		l.regretted = append(l.regretted, sale)
	}
	l.totals.Add(l.till, epoch, sale)
	return l.write(journal.KindSale, at, seller, sale)
}

func (l *lane) sale(day retail.Date) (retail.Sale, error) {
	picks := l.market.basket(l.rng)
	lines := make([]retail.Line, len(picks))
	for i, p := range picks {
		lines[i] = retail.NewLine(l.market.goods.products[p.product].Product, p.quantity, "fr")
		if l.rng.IntN(40) == 0 { // one line in forty is sold at ten per cent off
			lines[i].Discount = money.Rate(10_000).Of(lines[i].Amount)
			lines[i].Amount -= lines[i].Discount
		}
	}
	lines = retail.Compose(lines, retail.Discount{}, l.rates)
	totals := retail.Total(lines, l.rates)
	paid, err := l.pay(totals.Total)
	l.receipts++
	return retail.Sale{
		Number: l.receipts, BusinessDate: day, Currency: "CAD", Prices: pricesVersion, Lines: lines, Taxes: totals.Taxes,
		Tenders: paid.Tenders, Total: totals.Total, Rounding: paid.Rounding,
	}, err
}

// pay settles in one tender: small sums more often in cash.
func (l *lane) pay(total money.Amount) (retail.Settlement, error) {
	settlement := retail.Settle(total)
	if due, _ := settlement.LeftInCash(); l.rng.IntN(3500) > 400+int(min(total, 2000)) {
		return settlement.Cash(l.handedOver(due))
	}
	return settlement.Card(total, fmt.Sprintf("%06d", l.rng.IntN(1_000_000)), fmt.Sprintf("%04d", l.rng.IntN(10_000)))
}

// handedOver is the cash a customer gives: exact, or the next 5, 10 or 20 dollars.
func (l *lane) handedOver(due money.Amount) money.Amount {
	step := [...]money.Amount{5, 500, 1000, 2000}[l.rng.IntN(4)]
	return (due + step - 1) / step * step
}

// refund takes back the first line of a regretted sale.
func (l *lane) refund(at time.Time, day retail.Date, seller uuid.UUID) error {
	sale := l.regretted[0]
	l.regretted = l.regretted[1:]
	parts := []retail.RefundPart{{Of: 0, Quantity: sale.Lines[0].Quantity}}
	refund, err := retail.NewRefund(sale, nil, parts)
	if err != nil {
		return fmt.Errorf("refund sale %d: %w", sale.Number, err)
	}
	settlement := retail.Settle(refund.Total)
	if due, _ := settlement.LeftInCash(); sale.Tenders[0].Kind == retail.TenderCash {
		settlement, err = settlement.Cash(due)
	} else {
		settlement, err = settlement.Card(refund.Total, fmt.Sprintf("%06d", l.rng.IntN(1_000_000)), sale.Tenders[0].LastFour)
	}
	if err != nil {
		return fmt.Errorf("pay back sale %d: %w", sale.Number, err)
	}
	l.receipts++
	refund.Number, refund.BusinessDate, refund.Reason = l.receipts, day, "Le client a changé d’avis"
	refund.Tenders, refund.Rounding = settlement.Tenders, settlement.Rounding
	refund.Receipt = retail.ReceiptID{Till: l.till, Epoch: epoch, Number: sale.Number}
	l.moved(at, sale.Lines[0], -sale.Lines[0].Quantity)
	l.totals.Add(l.till, epoch, refund)
	return l.write(journal.KindRefund, at, seller, refund)
}

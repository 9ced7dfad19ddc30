package retail

import (
	"fmt"
	"slices"
	"time"

	"comptant/shared/money"

	"github.com/google/uuid"
)

// Date is a calendar day written as the number yyyymmdd, for example 20261122. It has no time zone: a business date is
// the day the shift opened, in the store's time zone.
type Date int32

// DateOf is the day of t in t's own location.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date(y*10000 + int(m)*100 + d)
}

// Time is midnight of the day in loc.
func (d Date) Time(loc *time.Location) time.Time {
	return time.Date(int(d)/10000, time.Month(int(d)/100%100), int(d)%100, 0, 0, 0, 0, loc)
}

// String is the day as 2026-11-22.
func (d Date) String() string {
	return fmt.Sprintf("%04d-%02d-%02d", int(d)/10000, int(d)/100%100, int(d)%100)
}

// valid says that there is such a day.
func (d Date) valid() bool { return d > 0 && DateOf(d.Time(time.UTC)) == d }

// ParseDate reads 2026-11-22.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, fmt.Errorf("date %q: want the form 2026-11-22", s)
	}
	return DateOf(t), nil
}

// Line is one product on a sale or refund. Amounts are minor units; on a refund they are magnitudes.
type Line struct {
	Product  uuid.UUID      `cbor:"1,keyasint"`
	SKU      string         `cbor:"2,keyasint"`
	Name     string         `cbor:"3,keyasint"`
	Quantity money.Quantity `cbor:"4,keyasint"`
	// UnitPrice is for one unit (or one kilogram).
	UnitPrice money.Amount `cbor:"5,keyasint"`
	// Discount is the amount taken off, 0 or more.
	Discount money.Amount `cbor:"6,keyasint,omitempty"`
	// Amount is UnitPrice x Quantity - Discount, before taxes that are not included.
	Amount money.Amount `cbor:"7,keyasint"`
	Class  TaxClass     `cbor:"8,keyasint"`
	// Off is why there is a Discount: what was asked for on this line. Share is the part of Discount that is the line's
	// share of the sale's.
	Off   Discount     `cbor:"9,keyasint,omitzero"`
	Share money.Amount `cbor:"10,keyasint,omitempty"`
	// Reason is why UnitPrice is not List, the price of the catalogue; empty when it is.
	Reason string       `cbor:"11,keyasint,omitempty"`
	List   money.Amount `cbor:"12,keyasint,omitempty"`
	Note   string       `cbor:"13,keyasint,omitempty"`
	// Charges are the deposits and fees of the product, beside Amount. Rule is why Class is what it is, where the rest of the
	// sale has a say in it.
	Charges []Charge  `cbor:"14,keyasint,omitempty"`
	Rule    ClassRule `cbor:"15,keyasint,omitzero"`
}

// Tax is one tax of a document, with the rate and registration it was charged under.
type Tax struct {
	Code         string       `cbor:"1,keyasint"`
	Rate         money.Rate   `cbor:"2,keyasint"`
	Base         money.Amount `cbor:"3,keyasint"`
	Amount       money.Amount `cbor:"4,keyasint"`
	Registration string       `cbor:"5,keyasint,omitempty"`
	// Included says that Amount is already inside the lines (French VAT).
	Included bool `cbor:"6,keyasint,omitempty"`
	// Classes are the classes of line it was charged on.
	Classes []TaxClass `cbor:"7,keyasint"`
	// Name is what the receipt calls it.
	Name Text `cbor:"8,keyasint"`
}

// On says whether the tax was charged on lines of a class.
func (t Tax) On(c TaxClass) bool { return slices.Contains(t.Classes, c) }

// TenderKind is how a part of a document was paid.
type TenderKind uint8

// The kinds of tender.
const (
	TenderCash TenderKind = 1
	TenderCard TenderKind = 2
	// TenderOnline was paid to headquarters, in the shop: nothing passes through the till.
	TenderOnline TenderKind = 3
)

// Tender is one payment. The amounts of all tenders sum to Total + Rounding of the document.
type Tender struct {
	Kind TenderKind `cbor:"1,keyasint"`
	// Amount is what the payment settles.
	Amount money.Amount `cbor:"2,keyasint"`
	// Given is the cash handed over; Given - Amount is the change.
	Given    money.Amount `cbor:"3,keyasint,omitempty"`
	Approval string       `cbor:"4,keyasint,omitempty"`
	LastFour string       `cbor:"5,keyasint,omitempty"`
}

// Change is the cash to hand back.
func (t Tender) Change() money.Amount {
	if t.Given > t.Amount {
		return t.Given - t.Amount
	}
	return 0
}

// Sale is the body of a sale entry.
type Sale struct {
	// Number is the receipt number, gap-free within the epoch.
	Number       uint64 `cbor:"1,keyasint"`
	BusinessDate Date   `cbor:"2,keyasint"`
	Currency     string `cbor:"3,keyasint"`
	// Prices is the version of the price book in force at the till when the newest line was added.
	Prices  uint64   `cbor:"4,keyasint"`
	Lines   []Line   `cbor:"5,keyasint"`
	Taxes   []Tax    `cbor:"6,keyasint"`
	Tenders []Tender `cbor:"7,keyasint"`
	// Total is what is due, taxes included, before cash rounding.
	Total money.Amount `cbor:"8,keyasint"`
	// Rounding is what rounding the cash part added (or took away, when negative).
	Rounding money.Amount `cbor:"9,keyasint,omitempty"`
	// Off was taken off the whole ticket, in the shares of its lines. Approvals are by others than the entry's user.
	Off       Discount   `cbor:"10,keyasint,omitzero"`
	Approvals []Approval `cbor:"11,keyasint,omitempty"`
	Note      string     `cbor:"12,keyasint,omitempty"`
	// Customer is whose sale it was, the zero UUID for nobody known. The person is not in the journal: see Customer.
	Customer uuid.UUID `cbor:"13,keyasint,omitzero"`
	// CashStep is what the cash part was rounded to, as the currency had it that day: 0 for 5 cents, 1 for no rounding.
	CashStep money.Amount `cbor:"14,keyasint,omitempty"`
	// Order is the order of the shop that was handed over, the zero UUID for any other sale.
	Order uuid.UUID `cbor:"15,keyasint,omitzero"`
	// OrderCode is the number of that order as people read it: nobody but the receipt may know it later.
	OrderCode string `cbor:"16,keyasint,omitempty"`
}

// Revenue is the sum of the lines before taxes, without their charges, in minor units.
func (s Sale) Revenue() money.Amount { return revenue(s.Lines, s.Taxes) }

// Shared is what was taken off the whole ticket.
func (s Sale) Shared() money.Amount {
	var sum money.Amount
	for _, l := range s.Lines {
		sum += l.Share
	}
	return sum
}

// Units is the sum of the quantities.
func (s Sale) Units() money.Quantity { return units(s.Lines) }

// Change is the cash handed back.
func (s Sale) Change() money.Amount {
	var c money.Amount
	for _, t := range s.Tenders {
		c += t.Change()
	}
	return c
}

// ReceiptID names a receipt of any till.
type ReceiptID struct {
	Till   uuid.UUID `cbor:"1,keyasint"`
	Epoch  uint64    `cbor:"2,keyasint"`
	Number uint64    `cbor:"3,keyasint"`
}

// Refund is the body of a refund entry. All amounts and quantities are magnitudes.
type Refund struct {
	Number       uint64 `cbor:"1,keyasint"`
	BusinessDate Date   `cbor:"2,keyasint"`
	Currency     string `cbor:"3,keyasint"`
	// Receipt is zero for goods that came back without one.
	Receipt  ReceiptID    `cbor:"4,keyasint"`
	Lines    []RefundLine `cbor:"5,keyasint"`
	Taxes    []Tax        `cbor:"6,keyasint"`
	Tenders  []Tender     `cbor:"7,keyasint"`
	Total    money.Amount `cbor:"8,keyasint"`
	Rounding money.Amount `cbor:"9,keyasint,omitempty"`
	Reason   string       `cbor:"10,keyasint"`
	// Approver is the supervisor who allowed it; the zero UUID when none was needed.
	Approver uuid.UUID `cbor:"11,keyasint"`
	// Hold is the right to refund another till's receipt; zero for a till's own, and where a supervisor did without.
	Hold uuid.UUID `cbor:"12,keyasint,omitzero"`
	// Doubt says that the till, which sold, lacks entries and could not tell what is left: the approver allowed it all the same.
	Doubt bool `cbor:"13,keyasint,omitempty"`
	// WriteOff says that what came back is not put on the shelf again: the stock is as before, and its cost is lost.
	WriteOff bool `cbor:"14,keyasint,omitempty"`
	// CashStep is as a sale's.
	CashStep money.Amount `cbor:"15,keyasint,omitempty"`
}

// Void is the body of a void entry: a sale of the same shift was taken back whole, goods and money. It says of itself what
// it takes back, as a refund of all of it does, and takes a receipt number of its own; the sale keeps its.
type Void Refund

// RefundLine is a part of one line of the receipt.
type RefundLine struct {
	// Of is the index of the line on the receipt.
	Of   int  `cbor:"1,keyasint"`
	Line Line `cbor:"2,keyasint"`
}

// Revenue is the sum of the lines before taxes, without their charges, as a magnitude.
func (r Refund) Revenue() money.Amount { return revenue(r.goods(), r.Taxes) }

// goods are the lines that are given back.
func (r Refund) goods() []Line {
	lines := make([]Line, len(r.Lines))
	for i, l := range r.Lines {
		lines[i] = l.Line
	}
	return lines
}

func revenue(lines []Line, taxes []Tax) money.Amount {
	var sum money.Amount
	for _, l := range lines {
		sum += l.Amount
		for _, c := range l.Charges {
			sum += c.Within // of the taxes below, what is the charge's
		}
	}
	for _, t := range taxes {
		if t.Included {
			sum -= t.Amount
		}
	}
	return sum
}

func units(lines []Line) money.Quantity {
	var q money.Quantity
	for _, l := range lines {
		q += l.Quantity
	}
	return q
}

// RefundHold is the body of a refund-hold entry. The till that sold writes it to give another till the right to refund
// parts of a receipt, which it does not have any more itself; without parts it refuses. The till that got the right writes
// it, released, to give it up for good; then the till that sold writes the same to take it back.
type RefundHold struct {
	ID      uuid.UUID `cbor:"1,keyasint"`
	Receipt ReceiptID `cbor:"2,keyasint"`
	// For is the till that may refund.
	For   uuid.UUID    `cbor:"3,keyasint"`
	Parts []RefundPart `cbor:"4,keyasint"`
	// Before is what was given back or held when the right was given: the shares of taxes follow from it.
	Before   []RefundPart `cbor:"5,keyasint"`
	Released bool         `cbor:"6,keyasint,omitempty"`
	// Doubt says that the till cannot tell what is left, because it lacks entries or the receipt: it gives no right, and a
	// supervisor of the till that asked may go on without.
	Doubt bool `cbor:"7,keyasint,omitempty"`
}

// EpochReason is why an epoch was opened.
type EpochReason uint8

// The reasons: the till was enrolled; the database or the sentinel is a copy that was put back, or the sentinel is gone;
// headquarters asked for it; one of the two was unusable and a new file was begun in its place.
const (
	EpochEnrolled EpochReason = 1
	EpochRestored EpochReason = 2
	EpochGranted  EpochReason = 3
	EpochDamaged  EpochReason = 4
)

// EpochOpen is the body of entry 1 of every epoch. Two files that open the same number share no entry, because the
// nonce differs.
type EpochOpen struct {
	Nonce  []byte      `cbor:"1,keyasint"`
	Store  uuid.UUID   `cbor:"2,keyasint"`
	Reason EpochReason `cbor:"3,keyasint"`
	// File and Sentinel are the last entries the database and the sentinel held when the epoch was opened; the
	// difference is what was printed and never received.
	File     ChainEnd `cbor:"4,keyasint"`
	Sentinel ChainEnd `cbor:"5,keyasint"`
}

// ChainEnd names the last entry of a chain; Seq 0 is the beginning of the epoch.
type ChainEnd struct {
	Epoch uint64 `cbor:"1,keyasint"`
	Seq   uint64 `cbor:"2,keyasint"`
	Hash  []byte `cbor:"3,keyasint"`
}

// ShiftOpen is the body of a shift-open entry.
type ShiftOpen struct {
	Shift        uint64       `cbor:"1,keyasint"`
	BusinessDate Date         `cbor:"2,keyasint"`
	Float        money.Amount `cbor:"3,keyasint"`
	// Uncertain says that the till did not know headquarters' time when the shift opened; Confirmed that the entry's user
	// was asked for the date and gave it.
	Uncertain bool `cbor:"4,keyasint,omitempty"`
	Confirmed bool `cbor:"5,keyasint,omitempty"`
	// Count is what Float was counted as; empty where it was said as an amount.
	Count []Denomination `cbor:"6,keyasint,omitempty"`
}

// Clock is the body of a clock entry: what the till found out about the time of entries it wrote before, numbered From to
// To in Epoch.
type Clock struct {
	Epoch uint64 `cbor:"1,keyasint"`
	From  uint64 `cbor:"2,keyasint"`
	To    uint64 `cbor:"3,keyasint"`
	// Correction is to be added to what the entries say, their offset included, and Error is its bound, both in
	// milliseconds. Error 0: the clock was wrong by an amount nobody knows, because the machine has been off since.
	Correction int64 `cbor:"4,keyasint"`
	Error      int64 `cbor:"5,keyasint"`
}

// Covers says whether it is about an entry.
func (c Clock) Covers(epoch, seq uint64) bool {
	return epoch == c.Epoch && c.From <= seq && seq <= c.To
}

// SignIn is the body of a sign-in entry; the entry's user is who signed in.
type SignIn struct {
	Name string `cbor:"1,keyasint"`
}

// RestockRequest is the body of a restock-request entry: what the store asks of the warehouse.
type RestockRequest struct {
	ID    uuid.UUID   `cbor:"1,keyasint"`
	Lines []StockLine `cbor:"2,keyasint"`
}

// StockLine is a quantity of one product, 0 or more.
type StockLine struct {
	Product  uuid.UUID      `cbor:"1,keyasint"`
	Quantity money.Quantity `cbor:"2,keyasint"`
}

// Receive is the body of a receive entry: what was found in a shipment. Short and over are what differs from what was
// shipped; headquarters works them out.
type Receive struct {
	Shipment uuid.UUID   `cbor:"1,keyasint"`
	Lines    []StockLine `cbor:"2,keyasint"`
}

// TransferOut is the body of a transfer-out entry: goods that leave the store for another, at once. They are on their way
// until that store receives them, as a shipment with the transfer's id (see [Receive]).
type TransferOut struct {
	ID uuid.UUID `cbor:"1,keyasint"`
	// To is the store they go to.
	To    uuid.UUID   `cbor:"2,keyasint"`
	Lines []StockLine `cbor:"3,keyasint"`
	// Approver is the supervisor who allowed it; the zero UUID when none was needed.
	Approver uuid.UUID `cbor:"4,keyasint"`
}

// Count is the body of a count entry: one line of a counting session. The entry's own time is the moment at which the
// product was counted. What is on hand is what the latest count found and what moved after it; see [Happened]. A later line
// replaces an earlier one of the same product, of whatever session.
type Count struct {
	Session uuid.UUID `cbor:"1,keyasint"`
	Product uuid.UUID `cbor:"2,keyasint"`
	// Quantity is how much there was, 0 or more.
	Quantity money.Quantity `cbor:"3,keyasint"`
	// Done says that the session is over. Such an entry is no line: it has no product.
	Done bool `cbor:"4,keyasint,omitempty"`
}

// ReceiptCode is the printed number of a receipt: STORE-TILL-EPOCH-NUMBER, for example CV-01-1-004218.
func ReceiptCode(store string, till int, epoch, number uint64) string {
	return fmt.Sprintf("%s-%02d-%d-%06d", store, till, epoch, number)
}

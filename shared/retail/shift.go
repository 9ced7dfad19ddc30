package retail

import (
	"cmp"
	"crypto/ed25519"
	"encoding/binary"
	"fmt"
	"slices"

	"comptant/shared/money"

	"github.com/google/uuid"
)

// CashReason is why cash was put into the drawer or taken out of it.
type CashReason uint8

// The reasons: coins and notes for the float; to the safe or the bank; a small expense; anything else, which the note says.
const (
	CashFloat   CashReason = 1
	CashSafe    CashReason = 2
	CashExpense CashReason = 3
	CashOther   CashReason = 4
)

// CashMove is the body of a cash-move entry: cash that came into the drawer, or left it, without a sale or refund.
type CashMove struct {
	BusinessDate Date   `cbor:"1,keyasint"`
	Currency     string `cbor:"2,keyasint"`
	// Amount is what came in; negative when it left.
	Amount money.Amount `cbor:"3,keyasint"`
	Reason CashReason   `cbor:"4,keyasint"`
	Note   string       `cbor:"5,keyasint,omitempty"`
}

// Denomination is one kind of note, coin or roll, and how many of it were counted.
type Denomination struct {
	// Value is that of one piece; a roll is worth Roll times as much.
	Value money.Amount `cbor:"1,keyasint"`
	Roll  int64        `cbor:"2,keyasint,omitempty"`
	Count int64        `cbor:"3,keyasint"`
}

// Amount is what the pieces are worth together.
func (d Denomination) Amount() money.Amount {
	return d.Value * money.Amount(max(d.Roll, 1)) * money.Amount(d.Count)
}

// Counted is what all of them are worth.
func Counted(pieces []Denomination) money.Amount {
	var sum money.Amount
	for _, d := range pieces {
		sum += d.Amount()
	}
	return sum
}

// ShiftClose is the body of a shift-close entry, the Z: what a shift took in, by the till's own journal, and what was counted.
type ShiftClose struct {
	// Number is the Z's, gap-free within the epoch.
	Number       uint64 `cbor:"1,keyasint"`
	Shift        uint64 `cbor:"2,keyasint"`
	BusinessDate Date   `cbor:"3,keyasint"`
	Currency     string `cbor:"4,keyasint"`
	// Opened is the entry that opened the shift: what the Z sums up is between the two.
	Opened ChainEnd     `cbor:"5,keyasint"`
	Float  money.Amount `cbor:"6,keyasint"`
	Totals ShiftTotals  `cbor:"7,keyasint"`
	// Count is what was in the drawer; Counted what it is worth.
	Count   []Denomination `cbor:"8,keyasint"`
	Counted money.Amount   `cbor:"9,keyasint"`
	// Expected is what should have been there, Difference what is over, or short when it is negative.
	Expected   money.Amount `cbor:"10,keyasint"`
	Difference money.Amount `cbor:"11,keyasint"`
	// Perpetual is the last Z's in this till's file plus what this shift sold, less what it gave back.
	Perpetual money.Amount `cbor:"12,keyasint"`
	// Waiting is how many entries headquarters had not acknowledged.
	Waiting uint64 `cbor:"13,keyasint"`
	// OpenedAt is when the shift opened, as the till dated it, in milliseconds since 1970, UTC.
	OpenedAt int64 `cbor:"14,keyasint"`
}

// ShiftTotals are the documents of a shift, summed up.
type ShiftTotals struct {
	// Tickets counts the sales that were not voided; Sold is their total, taxes included, before cash rounding. Refunds and
	// Refunded are the same of what was given back, as magnitudes.
	Tickets  uint64       `cbor:"1,keyasint"`
	Sold     money.Amount `cbor:"2,keyasint"`
	Refunds  uint64       `cbor:"3,keyasint"`
	Refunded money.Amount `cbor:"4,keyasint"`
	Voids    uint64       `cbor:"5,keyasint,omitempty"`
	// Discounts is what was taken off the lines sold.
	Discounts money.Amount `cbor:"6,keyasint,omitempty"`
	// Revenue is before taxes, less refunds; so are Taxes, in the order of their codes, and Rounding.
	Revenue  money.Amount `cbor:"7,keyasint"`
	Taxes    []TaxTotal   `cbor:"8,keyasint"`
	Rounding money.Amount `cbor:"9,keyasint,omitempty"`
	// Tenders are by kind.
	Tenders []TenderTotal `cbor:"10,keyasint"`
	// CashIn and CashOut are the cash moves, as magnitudes.
	CashIn  money.Amount `cbor:"11,keyasint,omitempty"`
	CashOut money.Amount `cbor:"12,keyasint,omitempty"`
	// First and Last are the receipts, of sales or refunds; zero when there were none.
	First ReceiptID `cbor:"13,keyasint,omitzero"`
	Last  ReceiptID `cbor:"14,keyasint,omitzero"`
	// Charges are the deposits and fees that were taken in, less those given back, without taxes, in the order of their codes.
	Charges []ChargeTotal `cbor:"15,keyasint,omitempty"`
}

// TaxTotal is one tax at one rate.
type TaxTotal struct {
	Code   string       `cbor:"1,keyasint"`
	Rate   money.Rate   `cbor:"2,keyasint"`
	Name   Text         `cbor:"3,keyasint"`
	Base   money.Amount `cbor:"4,keyasint"`
	Amount money.Amount `cbor:"5,keyasint"`
}

// TenderTotal is what one kind of tender brought in and gave back, rounded as it was paid.
type TenderTotal struct {
	Kind TenderKind   `cbor:"1,keyasint"`
	In   money.Amount `cbor:"2,keyasint"`
	Out  money.Amount `cbor:"3,keyasint,omitempty"`
}

// Add adds a document, whatever the order in which they come; bodies that are no part of a Z change nothing.
func (t *ShiftTotals) Add(till uuid.UUID, epoch uint64, body any) {
	switch b := body.(type) {
	case Sale:
		t.Tickets++
		t.Sold += b.Total
		t.Revenue += b.Revenue()
		t.Rounding += b.Rounding
		for _, l := range b.Lines {
			t.Discounts += l.Discount
		}
		t.charges(b.Lines, 1)
		t.taxes(b.Taxes, 1)
		for _, p := range b.Tenders {
			t.tender(p.Kind).In += p.Amount
		}
		t.receipt(ReceiptID{Till: till, Epoch: epoch, Number: b.Number})
	case Refund:
		t.Refunds++
		t.Refunded += b.Total
		t.Revenue -= b.Revenue()
		t.Rounding -= b.Rounding
		t.charges(b.goods(), -1)
		t.taxes(b.Taxes, -1)
		for _, p := range b.Tenders {
			t.tender(p.Kind).Out += p.Amount
		}
		t.receipt(ReceiptID{Till: till, Epoch: epoch, Number: b.Number})
	case Void:
		// It takes a sale of the same shift back, whole, and leaves nothing of it but its number.
		t.Voids++
		t.Tickets--
		t.Sold -= b.Total
		t.Revenue -= Refund(b).Revenue()
		t.Rounding -= b.Rounding
		t.charges(Refund(b).goods(), -1)
		t.taxes(b.Taxes, -1)
		for _, p := range b.Tenders {
			t.tender(p.Kind).In -= p.Amount
		}
		t.receipt(ReceiptID{Till: till, Epoch: epoch, Number: b.Number})
	case CashMove:
		t.CashIn += max(b.Amount, 0)
		t.CashOut += max(-b.Amount, 0)
	}
}

func (t *ShiftTotals) taxes(taxes []Tax, sign money.Amount) {
	for _, tax := range taxes {
		at, found := slices.BinarySearchFunc(t.Taxes, tax, func(a TaxTotal, b Tax) int {
			return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.Rate, b.Rate))
		})
		if !found {
			t.Taxes = slices.Insert(t.Taxes, at, TaxTotal{Code: tax.Code, Rate: tax.Rate, Name: tax.Name})
		}
		t.Taxes[at].Base += sign * tax.Base
		t.Taxes[at].Amount += sign * tax.Amount
	}
}

func (t *ShiftTotals) charges(lines []Line, sign money.Amount) {
	for _, c := range Charges(lines) {
		at, found := slices.BinarySearchFunc(t.Charges, c.Code, func(a ChargeTotal, code string) int { return cmp.Compare(a.Code, code) })
		if !found {
			t.Charges = slices.Insert(t.Charges, at, ChargeTotal{Code: c.Code, Name: c.Name})
		}
		t.Charges[at].Amount += sign * c.Amount
	}
}

func (t *ShiftTotals) tender(kind TenderKind) *TenderTotal {
	at, found := slices.BinarySearchFunc(t.Tenders, kind, func(a TenderTotal, k TenderKind) int { return cmp.Compare(a.Kind, k) })
	if !found {
		t.Tenders = slices.Insert(t.Tenders, at, TenderTotal{Kind: kind})
	}
	return &t.Tenders[at]
}

func (t *ShiftTotals) receipt(r ReceiptID) {
	if t.First.Number == 0 || r.before(t.First) {
		t.First = r
	}
	if t.Last.before(r) {
		t.Last = r
	}
}

// before orders the receipts of one till.
func (r ReceiptID) before(s ReceiptID) bool {
	return r.Epoch < s.Epoch || r.Epoch == s.Epoch && r.Number < s.Number
}

// Net is what was sold less what was given back, taxes included.
func (t ShiftTotals) Net() money.Amount { return t.Sold - t.Refunded }

// Cash is what sales and refunds left in the drawer.
func (t ShiftTotals) Cash() money.Amount {
	for _, p := range t.Tenders {
		if p.Kind == TenderCash {
			return p.In - p.Out
		}
	}
	return 0
}

// Expect is what should be in the drawer of a shift that opened with float.
func (t ShiftTotals) Expect(float money.Amount) money.Amount {
	return float + t.Cash() + t.CashIn - t.CashOut
}

// Check recomputes a Z from what it says of itself, as Sale.Check does a sale.
func (z ShiftClose) Check() error {
	f, t := faults{}, z.Totals
	f.want(z.Shift > 0, "no shift")
	f.want(z.BusinessDate.valid(), "business date %d", z.BusinessDate)
	f.want(z.Currency != "", "no currency")
	gross, paid := t.Revenue, money.Amount(0)
	for _, tax := range t.Taxes {
		gross += tax.Amount
	}
	for _, c := range t.Charges {
		gross += c.Amount
	}
	for _, p := range t.Tenders {
		paid += p.In - p.Out
	}
	f.same(gross, t.Net(), "sold less refunded")
	f.same(t.Net()+t.Rounding, paid, "sum of tenders")
	for _, d := range z.Count {
		f.want(d.Count >= 0 && d.Value > 0 && d.Roll >= 0, "count of %d x %d: %d", d.Value, d.Roll, d.Count)
	}
	f.same(Counted(z.Count), z.Counted, "counted")
	f.same(t.Expect(z.Float), z.Expected, "expected")
	f.same(z.Counted-z.Expected, z.Difference, "difference")
	return f.err()
}

// Check is that of a cash move.
func (m CashMove) Check() error {
	f := faults{}
	f.want(m.BusinessDate.valid(), "business date %d", m.BusinessDate)
	f.want(m.Currency != "", "no currency")
	f.want(m.Amount != 0, "no amount")
	f.want(m.Reason > 0, "no reason")
	return f.err()
}

// ChainHead is the body of a chain-head entry, which follows a Z: the end of the chain, signed. Who holds the machine can
// write another chain only as long as nobody has seen this one.
type ChainHead struct {
	Head ChainEnd `cbor:"1,keyasint"`
	// Sig is the device's, Ed25519 over "comptant chain head" || till || epoch || seq || hash, the numbers as 8 bytes, big
	// endian.
	Sig []byte `cbor:"2,keyasint"`
}

// SignHead signs the end of a till's chain.
func SignHead(till uuid.UUID, head ChainEnd, key ed25519.PrivateKey) ChainHead {
	return ChainHead{Head: head, Sig: ed25519.Sign(key, headWords(till, head))}
}

// SignedBy says that the till's key signed it.
func (c ChainHead) SignedBy(till uuid.UUID, key ed25519.PublicKey) bool {
	return len(key) == ed25519.PublicKeySize && ed25519.Verify(key, headWords(till, c.Head), c.Sig)
}

func headWords(till uuid.UUID, head ChainEnd) []byte {
	words := append([]byte("comptant chain head"), till[:]...)
	words = binary.BigEndian.AppendUint64(words, head.Epoch)
	words = binary.BigEndian.AppendUint64(words, head.Seq)
	return append(words, head.Hash...)
}

// ZCode is the printed number of a Z: STORE-TILL-EPOCH-Z and its number, for example CV-01-1-Z0118.
func ZCode(store string, till int, epoch, number uint64) string {
	return fmt.Sprintf("%s-%02d-%d-Z%04d", store, till, epoch, number)
}

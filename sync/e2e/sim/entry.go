package sim

import (
	"slices"
	"time"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"

	"github.com/google/uuid"
)

// entry is a committed entry and what it means.
type entry struct {
	lane  *lane
	epoch uint64
	bytes []byte
	meaning
}

// meaning is what an entry says, to whoever can read it.
type meaning struct {
	kind journal.Kind
	// at is what it says of its time, in milliseconds.
	at int64
	// unknown says that it is of a version or kind this program does not know.
	unknown bool
	// number is the receipt's; 0 for none.
	number uint64
	// moves is what it does to the stock of the store.
	moves []move
	open  retail.EpochOpen
	// body is that of a sale, a refund, a hold or a line of a count; nil for anything else.
	body any
}

type move struct {
	product  uuid.UUID
	quantity int64
}

// newer is a kind of a later version.
const newer journal.Kind = 99

// read finds out what an entry means. Bytes that cannot be read mean nothing.
func read(bytes []byte) (m meaning) {
	e, err := journal.Decode(bytes)
	if err != nil {
		return meaning{unknown: true}
	}
	m.kind, m.at = e.Kind, e.At().UnixMilli()
	switch e.Kind {
	case journal.KindEpochOpen:
		m.open, err = journal.DecodeBody[retail.EpochOpen](e)
	case journal.KindSale:
		var sale retail.Sale
		sale, err = journal.DecodeBody[retail.Sale](e)
		m.number = sale.Number
		for _, l := range sale.Lines {
			m.moves = append(m.moves, move{l.Product, -int64(l.Quantity)})
		}
		m.body = sale
	case journal.KindRefund:
		var refund retail.Refund
		refund, err = journal.DecodeBody[retail.Refund](e)
		m.number = refund.Number
		for _, l := range refund.Lines {
			m.moves = append(m.moves, move{l.Line.Product, int64(l.Line.Quantity)})
		}
		m.body = refund
	case journal.KindRefundHold:
		m.body, err = decodeBody[retail.RefundHold](e)
	case journal.KindCount:
		var c retail.Count
		if c, err = journal.DecodeBody[retail.Count](e); !c.Done {
			m.body = c
		}
	case journal.KindSignIn:
	default:
		m.unknown = true
	}
	if err != nil {
		return meaning{kind: e.Kind, unknown: true}
	}
	return m
}

func decodeBody[T any](e journal.Entry) (any, error) {
	v, err := journal.DecodeBody[T](e)
	return v, err
}

// sale is a body: one or two lines of few products.
func (w *world) sale(number uint64, at time.Time) retail.Sale {
	s := retail.Sale{Number: number, BusinessDate: retail.DateOf(at), Currency: "CAD", Prices: 1}
	for range 1 + w.rand.IntN(2) {
		n := w.rand.IntN(len(w.products))
		p := retail.Product{ID: w.products[n], SKU: "P", Name: retail.Text{FR: "P"}, Price: money.Amount(100 * (n + 1)), Class: retail.ZeroRated}
		s.Lines = append(s.Lines, retail.NewLine(p, money.Quantity(1000*(1+w.rand.IntN(3))), "fr"))
		s.Total += s.Lines[len(s.Lines)-1].Amount
	}
	s.Tenders = []retail.Tender{{Kind: retail.TenderCard, Amount: s.Total}}
	return s
}

// encode gives the bytes of an entry.
func encode(kind journal.Kind, at time.Time, body any) []byte {
	b, err := journal.Encode(journal.Entry{Kind: kind, Time: at.UnixMilli()}, body)
	if err != nil {
		panic(err)
	}
	return b
}

func chainEnd(l journal.Link) retail.ChainEnd {
	end := retail.ChainEnd{Epoch: l.Epoch, Seq: l.Seq}
	if l.Seq > 0 {
		end.Hash = slices.Clone(l.Hash[:])
	}
	return end
}

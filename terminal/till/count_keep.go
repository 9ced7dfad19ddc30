package till

import (
	"context"
	"slices"
	"time"

	"comptant/shared/money"
	"comptant/shared/retail"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"
)

// Counts keeps the session of counting that goes on, and a count of the drawer that was put off, beside the journal, which has its confirmed lines.
type Counts interface {
	// KeepCount replaces what is kept of a session; nothing forgets it. As with a ticket, it survives the end of the program,
	// and a power cut only perhaps.
	KeepCount(session uuid.UUID, body []byte) error
	// OpenCount is the session that goes on: the newest in the journal when that is not over, else the one that was kept, unless
	// the journal knows that it is over. The zero value when there is none.
	OpenCount(ctx context.Context) (KeptCount, error)
	// KeepDrawer replaces what is kept of a count of the drawer; nothing forgets it. KeptDrawer gives it back.
	KeepDrawer(body []byte) error
	KeptDrawer(ctx context.Context) ([]byte, error)
}

// KeptCount is a session as it is found again.
type KeptCount struct {
	Session uuid.UUID
	// Body is what was kept of it; nil when that is lost.
	Body []byte
	// Lines are those the journal has, in its order.
	Lines []Counted
}

// Counted is a line of a count in the journal.
type Counted struct {
	Product  uuid.UUID
	Quantity money.Quantity
	At       time.Time
}

// keptCount is a session as it is written down. What the journal has of it counts more.
type keptCount struct {
	Begun int64           `cbor:"1,keyasint"` // milliseconds
	By    uuid.UUID       `cbor:"2,keyasint"`
	Lines []keptCountLine `cbor:"3,keyasint"`
	Open  *keptCountLine  `cbor:"4,keyasint,omitempty"`
}

type keptCountLine struct {
	Product  uuid.UUID      `cbor:"1,keyasint"`
	Quantity money.Quantity `cbor:"2,keyasint"`
	Entry    int            `cbor:"3,keyasint"`
	Expected money.Quantity `cbor:"4,keyasint,omitempty"`
	Known    bool           `cbor:"5,keyasint,omitempty"`
	Moved    bool           `cbor:"6,keyasint,omitempty"`
}

// keep writes the session down. A failure stops nobody: the session is still here.
func (c *StockCount) keep() {
	w := keptCount{Begun: c.begun.UnixMilli(), By: c.by}
	for _, l := range c.lines {
		w.Lines = append(w.Lines, l.kept())
	}
	if c.open != nil {
		l := c.open.kept()
		w.Open = &l
	}
	body, err := cbor.Marshal(w)
	if err == nil {
		err = c.till.counts.KeepCount(c.session, body)
	}
	if err != nil {
		c.till.log.Error("the count is not kept", "err", err)
	}
}

func (l CountLine) kept() keptCountLine {
	return keptCountLine{
		Product: l.Product.ID, Quantity: l.Quantity, Entry: l.entry, Expected: l.Expected, Known: l.Known, Moved: l.Moved,
	}
}

// restoreCount takes the session up that went on when the program ended. The line that was open is not, when the journal
// has one more than was kept: it had just been confirmed.
func (t *Till) restoreCount(ctx context.Context) error {
	k, err := t.counts.OpenCount(ctx)
	if err != nil || k.Session == uuid.Nil {
		return err
	}
	var w keptCount
	if k.Body != nil {
		if err := cbor.Unmarshal(k.Body, &w); err != nil {
			t.log.Error("decode a kept count", "err", err) // the journal has its lines
			w = keptCount{}
		}
	}
	c := &StockCount{till: t, session: k.Session, begun: time.UnixMilli(w.Begun).In(t.location()), by: w.By}
	told := w.Lines
	if w.Open != nil {
		told = append(told, *w.Open)
	}
	for i, counted := range k.Lines {
		line := CountLine{Product: t.productOr(ctx, counted.Product), Quantity: counted.Quantity, At: counted.At, entry: i}
		if at := slices.IndexFunc(told, func(l keptCountLine) bool { return l.Entry == i && l.Product == counted.Product }); at >= 0 {
			line.Expected, line.Known = told[at].Expected, told[at].Known
		}
		if i == 0 && w.Begun == 0 {
			c.begun = counted.At.In(t.location())
		}
		c.add(line)
	}
	if o := w.Open; o != nil && o.Entry == c.entries {
		again := slices.ContainsFunc(c.lines, func(l CountLine) bool { return l.Product.ID == o.Product })
		c.open = &CountLine{
			Product: t.productOr(ctx, o.Product), Quantity: o.Quantity, Moved: o.Moved, Again: again, entry: o.Entry,
			Expected: o.Expected, Known: o.Known,
		}
	}
	t.shelf = c
	return nil
}

// productOr is a product, or what is left of one that the catalogue does not have any more.
func (t *Till) productOr(ctx context.Context, id uuid.UUID) retail.Product {
	p, ok, err := t.catalogue.Product(ctx, id)
	if err != nil {
		t.log.Error("read a product of the count", "product", id, "err", err)
	}
	if !ok {
		return retail.Product{ID: id}
	}
	return p
}

// moved marks the open line when an entry has moved goods of its product: what was counted before may be wrong by that.
func (c *StockCount) moved(body any) {
	if c == nil || c.open == nil || c.open.Moved {
		return
	}
	is := func(product uuid.UUID) bool { return product == c.open.Product.ID }
	var moved bool
	switch b := body.(type) {
	case retail.Sale:
		moved = slices.ContainsFunc(b.Lines, func(l retail.Line) bool { return is(l.Product) })
	case retail.Refund:
		moved = slices.ContainsFunc(b.Lines, func(l retail.RefundLine) bool { return is(l.Line.Product) })
	case retail.Void:
		moved = slices.ContainsFunc(b.Lines, func(l retail.RefundLine) bool { return is(l.Line.Product) })
	case retail.TransferOut:
		moved = slices.ContainsFunc(b.Lines, func(l retail.StockLine) bool { return is(l.Product) })
	case retail.Receive:
		moved = slices.ContainsFunc(b.Lines, func(l retail.StockLine) bool { return is(l.Product) })
	}
	if moved {
		c.open.Moved = true
		c.keep()
	}
}

package till

import (
	"context"
	"fmt"
	"slices"

	"comptant/shared/money"
	"comptant/shared/retail"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"
)

// Picks keeps what was found of orders, beside the journal, which has their answers. As with a ticket, it survives the end of the
// program, and a power cut only perhaps.
type Picks interface {
	// KeepPicks replaces what is kept; KeptPicks gives it back.
	KeepPicks(body []byte) error
	KeptPicks(ctx context.Context) ([]byte, error)
}

// picked is what was found of an order, for one attempt: what another store was asked for is put back on the shelf.
type picked struct {
	Order   uuid.UUID          `cbor:"1,keyasint"`
	Attempt uint64             `cbor:"2,keyasint"`
	Lines   []retail.StockLine `cbor:"3,keyasint"`
}

func (p picked) found(product uuid.UUID) money.Quantity {
	at := slices.IndexFunc(p.Lines, func(l retail.StockLine) bool { return l.Product == product })
	if at < 0 {
		return 0
	}
	return p.Lines[at].Quantity
}

func (p picked) sum() (q money.Quantity) {
	for _, l := range p.Lines {
		q += l.Quantity
	}
	return q
}

// picks are the orders of which something was found.
type picks []picked

// of is what was found of an order as it is asked for now.
func (p picks) of(o retail.Order) picked {
	at := slices.IndexFunc(p, func(k picked) bool { return k.Order == o.ID && k.Attempt == o.Attempt })
	if at < 0 {
		return picked{}
	}
	return p[at]
}

// keep writes down what was found. A failure stops nobody: it is still here.
func (p *Picking) keep() {
	found := picked{Order: p.order.ID, Attempt: p.order.Attempt}
	for _, l := range p.lines {
		if l.Found > 0 {
			found.Lines = append(found.Lines, retail.StockLine{Product: l.Product.ID, Quantity: l.Found})
		}
	}
	t := p.till
	t.picks = slices.DeleteFunc(t.picks, func(k picked) bool { return k.Order == found.Order })
	if len(found.Lines) > 0 {
		t.picks = append(t.picks, found)
	}
	t.keepPicks()
}

// drop forgets what was found of an order.
func (t *Till) drop(order uuid.UUID) {
	before := len(t.picks)
	t.picks = slices.DeleteFunc(t.picks, func(k picked) bool { return k.Order == order })
	if len(t.picks) < before {
		t.keepPicks()
	}
}

// forgetPicks forgets what was found of orders that nobody asks for any more.
func (t *Till) forgetPicks(ctx context.Context) error {
	asked, err := t.catalogue.Orders(ctx)
	if err != nil {
		return fmt.Errorf("list orders: %w", err)
	}
	t.picks = slices.DeleteFunc(t.picks, func(k picked) bool {
		return !slices.ContainsFunc(asked, func(o retail.Order) bool { return o.ID == k.Order && o.Attempt == k.Attempt })
	})
	return nil
}

func (t *Till) keepPicks() {
	if t.training != nil {
		return
	}
	body, err := cbor.Marshal(t.picks)
	if err == nil {
		err = t.keptPicks.KeepPicks(body)
	}
	if err != nil {
		t.log.Error("what was picked is not kept", "err", err)
	}
}

// restorePicks takes up what was found when the program ended.
func (t *Till) restorePicks(ctx context.Context) error {
	body, err := t.keptPicks.KeptPicks(ctx)
	if err != nil || len(body) == 0 {
		return err
	}
	if err := cbor.Unmarshal(body, &t.picks); err != nil {
		t.picks = nil
		return fmt.Errorf("decode: %w", err)
	}
	return nil
}

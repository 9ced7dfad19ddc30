package chaos

import (
	"strconv"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"

	"github.com/google/uuid"
)

// moved is what an entry did to a product: goods that came or went, or how many were counted.
type moved struct {
	quantity money.Quantity
	when     retail.Happened
}

// shelf is one product of one store: all that the journals of its tills say of it.
type shelf struct {
	opening       money.Quantity
	moves, counts []moved
}

// level is what must be there: what was there at first, or was counted last, and what moved since.
func (s *shelf) level() money.Quantity {
	level := s.opening
	var last retail.Happened
	if n := len(s.counts); n > 0 {
		retail.ByCount(s.counts, func(c moved) retail.Happened { return c.when })
		level, last = s.counts[n-1].quantity, s.counts[n-1].when
	}
	for _, m := range s.moves {
		if last == (retail.Happened{}) || m.when.After(last) {
			level += m.quantity
		}
	}
	return level
}

// shelves are the products of one store, by SKU.
type shelves map[string]*shelf

func (s shelves) of(sku string) *shelf {
	if s[sku] == nil {
		product, _ := strconv.Atoi(sku)
		s[sku] = &shelf{opening: money.Quantity(openingOf(product)) * money.One}
	}
	return s[sku]
}

// dating are the corrections of a till's clock.
type dating []retail.Clock

// happened is when an entry was written, and its place in the order of things. The last correction of an entry counts.
func (d dating) happened(till uuid.UUID, k journal.Link, e journal.Entry) retail.Happened {
	h := retail.Happened{At: e.At().UnixMilli(), Till: till, Epoch: k.Epoch, Seq: k.Seq}
	copy(h.Ref[:], k.Hash[:])
	var by int64
	for _, c := range d {
		if c.Epoch == k.Epoch && c.From <= k.Seq && k.Seq <= c.To {
			by = c.Correction
		}
	}
	h.At += by
	return h
}

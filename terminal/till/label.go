package till

import (
	"context"

	"comptant/shared/barcode"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// labelItem is how many digits name the product on a label, after two of prefix.
const labelItem = 5

// schemes are what the last digits of a label say, by what the product's data says of its labels.
var schemes = map[retail.Label]barcode.Scheme{
	retail.LabelWeight:  {Item: labelItem, Digits: 5, Value: barcode.Weight},
	retail.LabelPrice:   {Item: labelItem, Digits: 5, Value: barcode.Price},
	retail.LabelChecked: {Item: labelItem, Digits: 4, Value: barcode.Price, PriceCheck: true},
}

// byLabel finds a product by a label that a scale has printed, and how much of it the label is for. A label that a check
// digit says was misread is an unknown code.
func (t *Till) byLabel(ctx context.Context, gtin string, s *Scanned) (money.Quantity, error) {
	if len(gtin) != 13 || gtin[0] != '2' && gtin[:2] != "02" {
		return 0, nil
	}
	for _, label := range []retail.Label{retail.LabelWeight, retail.LabelPrice, retail.LabelChecked} {
		scheme := schemes[label]
		scheme.Prefix = gtin[:2]
		e, ok := barcode.ParseEmbedded(gtin, scheme)
		if !ok {
			continue
		}
		p, known, err := t.catalogue.ByCode(ctx, e.GTIN)
		if err != nil || !known || p.Label != label {
			if err != nil {
				return 0, err
			}
			continue
		}
		var q money.Quantity
		s.Known = true
		s.Product, q = labelled(p, e)
		return q, nil
	}
	return 0, nil
}

// labelled is the product for what its label says. A price is that of the piece: where no weight comes to it exactly, it is
// sold as one piece at that price.
func labelled(p retail.Product, e barcode.Embedded) (retail.Product, money.Quantity) {
	if e.Price == 0 {
		return p, e.Quantity
	}
	if p.Weighed && p.Price > 0 {
		q := money.Quantity((int64(e.Price)*int64(money.One) + int64(p.Price)/2) / int64(p.Price))
		if p.Price.Mul(q) == e.Price {
			return p, q
		}
	}
	p.Price, p.Weighed, p.OpenPrice = e.Price, false, false
	return p, money.One
}

// labelTimes is "3*" before a label: three pieces like it. Without it there is one.
func labelTimes(q, of money.Quantity) money.Quantity {
	if q == 0 {
		return of
	}
	return money.Quantity(money.Amount(of).Mul(q))
}

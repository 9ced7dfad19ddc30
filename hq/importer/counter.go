package importer

import (
	"fmt"

	"comptant/hq/catalog"
	"comptant/shared/retail"
)

// atCounter is what a file says of how a product is sold at the till. What is nil leaves what is known as it is.
type atCounter struct {
	openPrice, weighed *bool
	label              *retail.Label
}

// answers are the words for yes and no, folded.
var answers = map[string]bool{
	"yes": true, "y": true, "oui": true, "o": true, "true": true, "vrai": true, "1": true, "x": true,
	"no": false, "n": false, "non": false, "false": false, "faux": false, "0": false,
}

// labels are the words for what a scale prints, folded.
var labels = map[string]retail.Label{
	"none": 0, "aucune": 0, "non": 0, "no": 0, "0": 0,
	"weight": retail.LabelWeight, "poids": retail.LabelWeight, "price": retail.LabelPrice, "prix": retail.LabelPrice,
	"checkedprice": retail.LabelChecked, "prixverifie": retail.LabelChecked, "prixcontrole": retail.LabelChecked,
}

func (r row) counter() (c atCounter, err error) {
	if c.openPrice, err = r.answer(colOpenPrice); err != nil {
		return c, err
	}
	if c.weighed, err = r.answer(colWeighed); err != nil {
		return c, err
	}
	s, _ := r.get(colLabel)
	if s == "" {
		return c, nil
	}
	l, known := labels[fold(s)]
	if !known {
		return c, fmt.Errorf("label: %q is none of weight, price, checked price, none", s)
	}
	c.label = &l
	return c, nil
}

// answer is a field of yes or no; nil when it is empty.
func (r row) answer(c column) (*bool, error) {
	s, _ := r.get(c)
	if s == "" {
		return nil, nil
	}
	yes, known := answers[fold(s)]
	if !known {
		return nil, fmt.Errorf("%s: %q is neither yes nor no", c, s)
	}
	return &yes, nil
}

func (c atCounter) change(p *catalog.Product) {
	if c.openPrice != nil {
		p.OpenPrice = *c.openPrice
	}
	if c.weighed != nil {
		p.Weighed = *c.weighed
	}
	if c.label != nil {
		p.Label = *c.label
	}
}

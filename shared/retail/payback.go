package retail

import "comptant/shared/money"

// PayBack settles a refund as its receipt was paid: each card gets its share, the rest is cash, rounded as that of a sale.
// What was paid online goes to a card too: the till has a terminal and no way to the shop's payments, and cash would turn
// somebody's card into cash. before is what was given back earlier. A share is round(what the tender paid x given back so far / total) less what it had
// before, so that however a receipt is taken apart, each card gets back exactly what it paid.
func PayBack(sale Sale, before []RefundPart, total money.Amount) (Settlement, error) {
	s := SettleIn(sale.CashStep, total)
	done := money.Amount(0)
	if len(before) > 0 {
		// More than was sold may be gone already: then nothing is left to share, and what a supervisor allows goes as it came.
		if r, err := NewRefund(sale, nil, before); err == nil {
			done = r.Total
		}
	}
	var cards []Tender
	cash := false
	for _, t := range sale.Tenders {
		if t.Kind == TenderCash {
			cash = true
		} else {
			cards = append(cards, t)
		}
	}
	var err error
	for i, t := range cards {
		share := money.Part(t.Amount, money.Quantity(done), money.Quantity(total), money.Quantity(sale.Total))
		if !cash && i == len(cards)-1 {
			share = s.Left() // what rounding the others left
		}
		if share = min(share, s.Left()); share <= 0 {
			continue
		}
		if s, err = s.Card(share, "", t.LastFour); err != nil {
			return s, err
		}
	}
	if s.Done() {
		return s, nil
	}
	due, _ := s.LeftInCash()
	return s.Cash(due)
}

// Kinds are those of the tenders, each once.
func (s Settlement) Kinds() (kinds []TenderKind) {
	seen := map[TenderKind]bool{}
	for _, t := range s.Tenders {
		if !seen[t.Kind] {
			seen[t.Kind] = true
			kinds = append(kinds, t.Kind)
		}
	}
	return kinds
}

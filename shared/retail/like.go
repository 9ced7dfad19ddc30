package retail

import (
	"strconv"
	"strings"

	"comptant/shared/money"
)

// ParseReceiptLike reads what a customer may know of a receipt: a day (2026-11-22), and an amount, the last four digits of a card
// or the number within the till, which look alike; ok is false when nothing of it can be meant.
func ParseReceiptLike(text string) (like ReceiptLike, ok bool) {
	for _, word := range strings.Fields(strings.NewReplacer("\u00a0", " ", "$", " ", "€", " ").Replace(text)) {
		if day, err := ParseDate(word); err == nil && like.Day == 0 {
			like.Day = day
			continue
		}
		digits := strings.NewReplacer(",", "", ".", "").Replace(word)
		n, err := strconv.ParseUint(digits, 10, 31)
		if err != nil || n == 0 || like.Paid != 0 || like.LastFour != "" {
			return ReceiptLike{}, false
		}
		like.Paid = money.Amount(n)
		if digits != word {
			continue // a point or a comma: an amount
		}
		like.Number = n
		if len(word) == 4 {
			like.LastFour = word
		}
	}
	return like, like != ReceiptLike{}
}

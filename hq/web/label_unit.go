package web

import (
	"regexp"
	"strings"

	"comptant/shared/money"
)

// contentForm is what a name says of what is in a package: "540 ml", "6 x 355 mL", "1,5 L", "2 kg".
var contentForm = regexp.MustCompile(`(?i)(?:^|[\s,(])(?:(\d{1,3})\s*[x×]\s*)?(\d{1,4}(?:[.,]\d{1,3})?)\s?(ml|cl|l|g|kg)\b`)

// contentUnits are the units of contents: how many thousandths of a gram or millilitre one is, and what prices are compared by.
var contentUnits = map[string]struct {
	size int64
	of   string
}{
	"ml": {1, "ml"}, "cl": {10, "ml"}, "l": {1000, "ml"}, "g": {1, "g"}, "kg": {1000, "g"},
}

// pricePer is what 100 g or 100 ml of a product cost, from the content that its name says; ok is false when it says none.
func pricePer(price money.Amount, name string) (per money.Amount, unit string, ok bool) {
	found := contentForm.FindStringSubmatch(name)
	if found == nil {
		return 0, "", false
	}
	content, err := money.ParseQuantity(found[2])
	if err != nil {
		return 0, "", false
	}
	pieces := money.Quantity(money.One)
	if found[1] != "" {
		if pieces, err = money.ParseQuantity(found[1]); err != nil {
			return 0, "", false
		}
	}
	u := contentUnits[strings.ToLower(found[3])]
	all := int64(content) * int64(pieces/money.One) * u.size // in thousandths of a gram or millilitre
	if all <= 0 {
		return 0, "", false
	}
	return money.Amount((int64(price)*100*int64(money.One) + all/2) / all), "100 " + u.of, true
}

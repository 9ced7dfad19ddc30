package web

import (
	"strings"

	"comptant/shared/money"
)

// code is one line of what is scanned, typed or pasted: an SKU or a barcode, how many, and what one cost.
type code struct {
	line                 string // as it stands
	code, quantity, cost string
	heading              bool // may be the headings of a file
}

// readCodes reads lines of a code alone, of `12*code` as at the till, or of code, quantity and cost as a spreadsheet writes them: with
// tabs, semicolons, or commas. A comma within a number is told from one between numbers by what else the line has.
func readCodes(text string) []code {
	var codes []code
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		c := code{line: line, code: line, quantity: "1"}
		for _, separator := range []string{"\t", ";", ","} {
			if strings.Contains(line, separator) {
				fields := strings.Split(line, separator)
				c.code = unquoted(fields[0])
				if len(fields) > 1 {
					c.quantity = unquoted(fields[1])
				}
				if len(fields) > 2 {
					c.cost = unquoted(fields[2])
				}
				_, err := money.ParseQuantity(c.quantity)
				c.heading = err != nil
				break
			}
		}
		if times, rest, ok := strings.Cut(c.code, "*"); ok {
			if _, err := money.ParseQuantity(strings.TrimSpace(times)); err == nil {
				c.quantity, c.code = strings.TrimSpace(times), strings.TrimSpace(rest)
			}
		}
		codes = append(codes, c)
	}
	return codes
}

func unquoted(field string) string {
	field = strings.TrimSpace(field)
	if len(field) > 1 && strings.HasPrefix(field, `"`) && strings.HasSuffix(field, `"`) {
		return strings.ReplaceAll(field[1:len(field)-1], `""`, `"`)
	}
	return field
}

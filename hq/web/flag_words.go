package web

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/intake"
	"comptant/hq/ui"
	"comptant/shared/money"
)

// flagDetails are the words for the numbers of a flag, in their order.
var flagDetails = map[string]struct {
	word  string
	names []string
}{
	intake.FlagHole:           {"flag.hole_detail", []string{"First", "Last"}},
	intake.FlagFork:           {"flag.fork_detail", []string{"Entry"}},
	intake.FlagPrintedTwice:   {"flag.receipt_detail", []string{"Receipt", "Epoch"}},
	intake.FlagUnknownReceipt: {"flag.receipt_detail", []string{"Receipt", "Epoch"}},
	intake.FlagOverRefunded:   {"flag.receipt_detail", []string{"Receipt", "Epoch"}},
	intake.FlagNeverReceived:  {"flag.never_received_detail", []string{"Wrote", "Epoch", "Last"}},
	intake.FlagRolledBack:     {"flag.rolled_back_detail", []string{"Session", "Here", "Missing"}},
	intake.FlagDiskImage:      {"flag.disk_detail", []string{"Knows", "Used"}},
	intake.FlagTwoMachines:    {"flag.disk_detail", []string{"Knows", "Used"}},
	intake.FlagSignature:      {"flag.signature_detail", []string{"Entry", "Epoch"}},
	intake.FlagClock:          {"flag.clock_detail", []string{"First", "Last", "Epoch"}},
}

// flagDetail says what a flag is about, in words. What has none is said in the program's own, as a technical detail.
func flagDetail(ctx context.Context, f intake.Flag, products map[uuid.UUID]catalog.Product, stores names) ui.Cell {
	subject := f.Subject()
	switch {
	case f.Code == intake.FlagInvalid:
		said, unsaid := figureFaults(ctx, f.Detail)
		return ui.Cell{Part: detailWords(said, unsaid)}
	case f.Code == intake.FlagUnknownProduct && subject != uuid.Nil:
		if p, known := products[subject]; known {
			return ui.Cell{Text: ui.T(ctx, "flag.product_known", "Product", language(ctx, p.Name)), Sub: p.SKU, Href: link(ctx, "/stock?"+query("product", p.ID.String()))}
		}
		return ui.Cell{Text: ui.T(ctx, "flag.product_detail"), Sub: subject.String()}
	case f.Code == intake.FlagOtherStore && subject != uuid.Nil:
		return ui.Cell{Text: ui.T(ctx, "flag.other_store_detail", "Store", stores.of(subject))}
	case f.Code == intake.FlagOrder && subject != uuid.Nil:
		return ui.Cell{Text: ui.T(ctx, "flag.order_detail"), Href: link(ctx, orderAddress(subject))}
	case f.Code == intake.FlagNoHold && subject != uuid.Nil:
		return ui.Cell{Text: ui.T(ctx, "flag.hold_detail")}
	case f.Code == intake.FlagNoHold, f.Code == intake.FlagNoReceipt, f.Code == intake.FlagDoubt:
		return ui.Cell{Text: ui.T(ctx, "flag.approved_detail")}
	case f.Code == intake.FlagAside:
		return ui.Cell{Text: ui.T(ctx, "flag.aside_detail", "Key", strings.TrimPrefix(f.Detail, "key "))}
	}
	words, numbers := flagDetails[f.Code], f.Numbers()
	if len(numbers) == 0 || len(numbers) != len(words.names) {
		return ui.Cell{Part: detailWords(nil, f.Detail)}
	}
	var args []any
	for i, name := range words.names {
		args = append(args, name, strconv.FormatUint(numbers[i], 10)) // they name entries and receipts: no thousands
	}
	return ui.Cell{Text: ui.T(ctx, words.word, args...)}
}

// figureFault is how a figure that does not agree is written: see retail.Sale.Check.
var figureFault = regexp.MustCompile(`^(?:line (\d+): )?(.+?) is (-?\d+) instead of (-?\d+)$`)

// figureWords are the figures of sales, refunds and Zs that may not agree.
var figureWords = map[string]string{
	"amount": "figure.amount", "discount": "figure.discount", "total": "report.total", "rounding": "figure.rounding",
	"sum of tenders": "flag.tenders", "shares of the discount": "flag.shares", "sold less refunded": "flag.net",
	"counted": "shifts.counted", "expected": "shifts.expected", "difference": "shifts.difference",
}

// figureFaults says which figures do not agree. What cannot be said in words is left as the program wrote it.
func figureFaults(ctx context.Context, detail string) (said []string, unsaid string) {
	var rest []string
	for line := range strings.Lines(detail) {
		line = strings.TrimSpace(line)
		m := figureFault.FindStringSubmatch(line)
		if m == nil {
			rest = append(rest, line)
			continue
		}
		name := figureName(ctx, m[2])
		if name == "" {
			rest = append(rest, line)
			continue
		}
		if n, err := strconv.Atoi(m[1]); err == nil { // counted from 0
			name = ui.T(ctx, "flag.of_line", "Line", fmt.Sprint(n+1), "Figure", name)
		}
		has, _ := strconv.ParseInt(m[3], 10, 64)
		wants, _ := strconv.ParseInt(m[4], 10, 64)
		said = append(said, ui.T(ctx, "flag.figure", "Figure", name,
			"Has", ui.PlainMoney(ctx, money.Amount(has)), "Wants", ui.PlainMoney(ctx, money.Amount(wants))))
	}
	return said, strings.Join(rest, "; ")
}

// figureName is a figure in words, "TPS: amount" among them; empty for one of a later version.
func figureName(ctx context.Context, figure string) string {
	if word, ok := figureWords[figure]; ok {
		return ui.T(ctx, word)
	}
	code, of, ok := strings.Cut(figure, ": ")
	switch {
	case ok && of == "amount":
		return taxName(ctx, code)
	case ok && of == "base":
		return ui.T(ctx, "report.base_of", "Tax", taxName(ctx, code))
	}
	return ""
}

package till_test

import (
	"errors"
	"testing"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
	"comptant/terminal/till/tilltest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Whatever is pressed, in any order, twice or with a journal that fails now and then: every sale checks, receipts are
// numbered 1 to n, and what was on the ticket when the payment began is what was sold.
func TestAnyPressesMakeSalesThatAddUp(t *testing.T) {
	codes := []string{coffee.SKU, timbits.SKU, syrup.SKU, "1.240*" + apples.SKU, stamps.SKU, "2*" + pen.Barcodes[0], "unknown"}
	rapid.Check(t, func(r *rapid.T) {
		w := signedIn(t)
		ctx := t.Context()
		var due money.Amount
		var turns []till.Turn
		sold := 0
		tender := func(take func(till.Turn) (till.Payment, error)) {
			if len(turns) == 0 {
				return
			}
			turn := rapid.SampledFrom(turns).Draw(r, "turn")
			p, err := take(turn)
			if err != nil {
				return
			}
			if p.Sold != nil && len(tilltest.Bodies[retail.Sale](w.journal)) > sold {
				sold++
				require.Equal(r, due, p.Sold.Receipt.Sale.Total)
			}
			turns = append(turns, p.Turn)
		}
		line := func() int { return rapid.IntRange(-1, 4).Draw(r, "line") }
		r.Repeat(map[string]func(*rapid.T){
			"scan":      func(r *rapid.T) { _, _ = w.Scan(ctx, rapid.SampledFrom(codes).Draw(r, "code")) },
			"pending":   func(r *rapid.T) { _ = w.SetPending(money.Quantity(rapid.Int64Range(0, 5).Draw(r, "q")) * money.One) },
			"increment": func(r *rapid.T) { _ = w.Increment(line(), rapid.IntRange(-3, 3).Draw(r, "pieces")) },
			"remove":    func(*rapid.T) { _ = w.Remove(line()) },
			"lock": func(r *rapid.T) {
				w.Lock()
				require.NoError(r, w.SignIn(ctx, robert, "777777"))
			},
			"language": func(r *rapid.T) { w.SetLang(rapid.SampledFrom([]string{"fr", "en"}).Draw(r, "lang")) },
			"pay": func(*rapid.T) {
				_, began := w.Payment()
				if p, err := w.StartPayment(); err == nil && !began {
					due = p.Total
					turns = append(turns, p.Turn)
				}
			},
			"back": func(*rapid.T) { _ = w.CancelPayment() },
			"cash": func(r *rapid.T) {
				given := money.Amount(rapid.Int64Range(0, 1000).Draw(r, "nickels") * 5)
				tender(func(n till.Turn) (till.Payment, error) { return w.TenderCash(ctx, n, given) })
			},
			"card": func(r *rapid.T) {
				part := money.Amount(rapid.Int64Range(1, 3000).Draw(r, "cents"))
				tender(func(n till.Turn) (till.Payment, error) { return w.TenderCard(ctx, n, part, "1", "4417") })
			},
			"fail once": func(r *rapid.T) {
				w.journal.Fails = errors.New("disk full")
				tender(func(n till.Turn) (till.Payment, error) { return w.TenderCash(ctx, n, 100_000) })
				w.journal.Fails = nil
			},
			"": func(r *rapid.T) {
				sales := tilltest.Bodies[retail.Sale](w.journal)
				require.Len(r, sales, sold)
				for i, s := range sales {
					require.Equal(r, uint64(i+1), s.Number)
					require.NoError(r, s.Check())
				}
				k := w.Ticket()
				require.Less(r, k.Selected, max(len(k.Lines), 1))
			},
		})
	})
}

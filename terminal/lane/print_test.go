package lane_test

import (
	"log/slog"
	"testing"

	"comptant/shared/retail"
	"comptant/shared/secret"
	"comptant/terminal/lane"
	"comptant/terminal/printer/emulator"
	"comptant/terminal/till"

	"github.com/stretchr/testify/require"
)

// A till sells while its printer prints nothing; when the printer goes on, the receipts come in their order.
func TestSellsWhateverThePrinterDoes(t *testing.T) {
	p := emulator.New(48)
	defer p.Unplug()
	address, err := p.Listen()
	require.NoError(t, err)
	l, err := lane.Open(t.Context(), lane.Config{
		Dir: enrolled(t), App: "test", Log: slog.New(slog.NewTextHandler(t.Output(), nil)), PrintTo: "tcp://" + address,
	})
	require.NoError(t, err)
	changed := make(chan struct{}, 1)
	l.OnChange(func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	})
	pin, err := secret.Hash("1234", secret.Params{Memory: 8, Time: 1, Threads: 1})
	require.NoError(t, err)
	alice := retail.Staff{ID: id(), Name: "Alice", Role: retail.RoleCashier, PIN: pin, Lang: "fr"}
	coffee := retail.Product{ID: id(), SKU: "100204", Name: retail.Text{FR: "Café filtre"}, Price: 199, Class: retail.Exempt}
	publish(t, l, map[retail.RowType]any{retail.RowStaff: alice, retail.RowProduct: coffee})
	require.NoError(t, l.Till.SignIn(t.Context(), alice.ID, "1234"))
	require.NoError(t, l.Till.OpenShift(t.Context(), 20000))
	sell := func() *till.Sold {
		_, err := l.Till.Scan(t.Context(), coffee.SKU)
		require.NoError(t, err)
		pay, err := l.Till.StartPayment()
		require.NoError(t, err)
		pay, err = l.Till.TenderCash(t.Context(), pay.Turn, 2000)
		require.NoError(t, err)
		return pay.Sold
	}
	until := func(is func(till.Status) bool) {
		for {
			s, err := l.Till.Status(t.Context())
			require.NoError(t, err)
			if is(s) {
				return
			}
			<-changed
		}
	}

	p.Hold()
	first := sell()
	require.NoError(t, p.Until(t.Context(), func(s emulator.Seen) bool { return s.Drawer == 1 }), "at once")
	until(func(s till.Status) bool { return s.Printer.Waiting == 1 })
	second := sell()
	until(func(s till.Status) bool { return s.Printer.Waiting == 2 })
	require.Empty(t, p.Seen().Cut())
	p.Release()
	require.NoError(t, <-first.Printed)
	require.NoError(t, <-second.Printed)
	require.NoError(t, p.Err())
	cut := p.Seen().Cut()
	require.Len(t, cut, 2)
	require.Equal(t, []string{first.Code}, cut[0].Barcodes())
	require.Equal(t, []string{second.Code}, cut[1].Barcodes())
	require.Empty(t, l.Paper(retail.Receipt{}), "it is on paper")

	p.Cover(true)
	third := sell()
	until(func(s till.Status) bool { return s.Printer.Trouble == till.PrinterCover })
	require.NoError(t, l.Close())
	require.ErrorContains(t, <-third.Printed, third.Code)
	require.Equal(t, []string{third.Code}, l.Till.Missing())

	_, err = lane.Open(t.Context(), lane.Config{Dir: enrolled(t), Log: slog.New(slog.DiscardHandler), PrintTo: "lpt1"})
	require.ErrorContains(t, err, "lpt1")
}

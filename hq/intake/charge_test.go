package intake_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/sales"
	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// Deposits and fees are no revenue and no tax at headquarters either: what is recorded is the sum of the entries, whatever was
// given back, and one cent that is touched is found.
func TestChargesAreTheSumOfTheEntries(t *testing.T) {
	w := newWorld(t)
	w.products[1].Charges = []retail.Charge{
		{Code: "CONSIGNE-10", Name: retail.Text{FR: "Consigne"}, Unit: 10, Class: retail.Exempt},
		{Code: "ECO", Name: retail.Text{FR: "Écofrais"}, Unit: 15, Class: retail.Taxable},
	}
	l := w.enrol(1)
	sale := l.ticket(1000, 3000, 0, 2000)
	require.NoError(t, sale.Check())
	l.add(journal.KindSale, sale)
	back, err := retail.NewRefund(sale, nil, []retail.RefundPart{{Of: 1, Quantity: money.One}})
	require.NoError(t, err)
	back.Number, back.BusinessDate, back.Receipt = 2, today, retail.ReceiptID{Till: l.id, Epoch: l.epoch, Number: 1}
	due := money.CashRound(back.Total)
	back.Rounding, back.Tenders = due-back.Total, []retail.Tender{{Kind: retail.TenderCash, Amount: due}}
	require.NoError(t, back.Check())
	l.add(journal.KindRefund, back)
	l.push(1)
	w.sound()
	require.Zero(t, w.count(`SELECT count(*) FROM journal.flag`))

	report, err := sales.ReadReport(ctx, w.db, sales.Filter{Stores: []retail.Location{w.store}, Period: sales.Period{From: today, To: today}})
	require.NoError(t, err)
	require.Equal(t, []sales.Charge{{Code: "CONSIGNE-10", Amount: 20}, {Code: "ECO", Amount: 30}}, report.Total.ByCharge)
	require.EqualValues(t, 50, report.Total.Charges)
	require.Equal(t, report.Total.TaxOf("TPS")+report.Total.TaxOf("TVQ"), report.Total.Collected())
	require.Equal(t, sale.Revenue()-back.Revenue(), report.Total.Revenue)

	restore := w.keep()
	for _, sql := range []string{
		`UPDATE sales.daily_charge SET amount = amount + 1 WHERE code = 'ECO'`,
		`UPDATE sales.document SET charges = charges + 1 WHERE NOT refund`,
		`UPDATE sales.hourly SET charges = charges + 1`,
	} {
		_, err := w.db.Exec(ctx, sql)
		require.NoError(t, err)
		faults, err := w.desk.Verify(ctx, uuid.Nil)
		require.NoError(t, err)
		require.Len(t, faults, 1, sql)
		restore()
	}
}

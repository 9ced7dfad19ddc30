package sales_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"comptant/hq/db"
	"comptant/hq/pgtest"
	"comptant/hq/sales"
	"comptant/hq/stock"
)

// exported is a report of two sales, one of them in a store whose name is a formula.
func exported(t *testing.T) sales.Export {
	d := pgtest.New(t)
	var n seq
	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, montreal)
	a, b := n.sale(nord, 20261122, noon, 123456), n.sale(sud, 20261122, noon, 599)
	b.Refund, b.Revenue, b.Lines[0].Revenue, b.Lines[0].Quantity = true, -310, -310, -1240
	a.Taxes = []sales.Tax{{Code: "TPS", Rate: 5000, Base: 123456, Amount: 6173}}
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error {
		if err := stock.PutLocations(ctx, tx, shops...); err != nil {
			return err
		}
		if err := stock.Set(ctx, tx, noon, uuid.New(), []stock.Found{{Location: nord.ID, Product: goods[0], OnHand: 1500}}); err != nil {
			return err
		}
		return sales.Record(ctx, tx, []sales.Document{a, b})
	}))
	report, err := sales.ReadReport(ctx, d, sales.Filter{Stores: shops[:2], Period: sales.Period{From: 20261122, To: 20261122}})
	require.NoError(t, err)
	require.EqualValues(t, 1500, *report.Best[0].Remaining)
	return sales.Export{Report: report, Product: func(uuid.UUID) (string, string) { return "204310", "@SUM(A1)" }}
}

func TestCSV(t *testing.T) {
	e := exported(t)
	for lang, want := range map[string][]string{
		"fr": {";1234,56;1;", ";-3,10;0;", ";'=Sud;", "Revenu;", ";'@SUM(A1);-0,240;1231,46;0,00;1,500", ";61,73\r\n"},
		"en": {",1234.56,1,", ",-3.10,0,", ",'=Sud,", "Revenue,", ",'@SUM(A1),-0.240,1231.46,0.00,1.500", ",61.73\r\n"},
	} {
		e.Lang = lang
		var b bytes.Buffer
		require.NoError(t, e.File().WriteCSV(&b))
		text, ok := strings.CutPrefix(b.String(), "\ufeff")
		require.True(t, ok)
		for _, w := range want {
			require.Contains(t, text, w)
		}
		r := csv.NewReader(strings.NewReader(text))
		r.FieldsPerRecord = -1
		if lang == "fr" {
			r.Comma = ';'
		}
		rows, err := r.ReadAll()
		require.NoError(t, err)
		require.Len(t, rows, 2+3+2+1+2+1)
	}
}

func TestXLSX(t *testing.T) {
	e := exported(t)
	e.Lang = "en"
	var b bytes.Buffer
	require.NoError(t, e.File().WriteXLSX(&b))
	f, err := excelize.OpenReader(&b)
	require.NoError(t, err)
	defer f.Close()
	require.Equal(t, []string{"Stores", "Days", "Best sellers"}, f.GetSheetList())
	rows, err := f.GetRows("Stores")
	require.NoError(t, err)
	require.Len(t, rows, 4)
	require.Equal(t, []string{"NO", "Magasin Nord", "1,234.56"}, rows[1][:3])
	require.Equal(t, "=Sud", rows[2][1])
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet)
		require.NoError(t, err)
		for i, row := range rows {
			for j := range row {
				cell, err := excelize.CoordinatesToCellName(j+1, i+1)
				require.NoError(t, err)
				formula, err := f.GetCellFormula(sheet, cell)
				require.NoError(t, err)
				require.Empty(t, formula)
			}
		}
	}
	raw, err := f.GetCellValue("Stores", "C4", excelize.Options{RawCellValue: true})
	require.NoError(t, err)
	require.Equal(t, "1231.46", raw)
}

package importer

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/pgtest"
	"comptant/shared/retail"
)

func TestTaxRatesWithTheirDays(t *testing.T) {
	d := pgtest.New(t)
	ctx := t.Context()
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error { return catalog.EnsureTaxRates(ctx, tx, retail.Quebec("1", "2")) }))
	apply := func(text string) Plan {
		plan, err := read(t, Taxes, text).Apply(ctx, d, time.Now())
		require.NoError(t, err)
		return plan
	}
	preview := func(text string) []string {
		plan, err := read(t, Taxes, text).Preview(ctx, d)
		require.NoError(t, err)
		return reasons(plan.Bad)
	}
	same := "code,rate,from\nTPS,5,2008-01-01\nTVQ,9.975,2013-01-01\n"
	require.Equal(t, tally{Unchanged: 2}, apply(same).tally())

	require.Equal(t, []string{"line 2: TVQ from 2013-01-01 is still charged when that from 2027-01-01 begins: give it an end"},
		preview("code,taux,du\nTVQ,10,2027-01-01\n"))
	next := "code;taux;du;au\ntvq;9,975 %;2013-01-01;2027-01-01\ntvq;10;2027-01-01;\n"
	require.Equal(t, tally{New: 1, Changed: 1}, apply(next).tally())
	require.Equal(t, tally{Unchanged: 2}, apply(next).tally())
	all, err := catalog.TaxRates(ctx, d)
	require.NoError(t, err)
	before, after := all.On(20261231), all.On(20270101)
	require.EqualValues(t, []any{9975, 10_000}, []any{int(before[1].Rate), int(after[1].Rate)})
	require.Equal(t, []any{before[1].Name, before[1].Registration, before[1].Order}, []any{after[1].Name, after[1].Registration, after[1].Order},
		"what the file does not say goes on")

	france := "code,name,rate,classes,from,included,registration,place\nTVA,TVA,20,taxable,2014-01-01,oui,FR 32,1\n" +
		"TVA-R,TVA réduite,5.5,4,2014-01-01,yes,FR 32,2\n"
	require.Equal(t, tally{New: 2}, apply(france).tally())
	all, err = catalog.TaxRates(ctx, d)
	require.NoError(t, err)
	last := all[slices.IndexFunc(all, func(t retail.TaxRate) bool { return t.Code == "TVA-R" })]
	require.Equal(t, []any{"TVA-R", []retail.TaxClass{4}, true, "FR 32", 5500}, []any{last.Code, last.Classes, last.Included, last.Registration, int(last.Rate)})

	require.Equal(t, []string{"line 2: no name"}, preview("code,rate,from\nTVP,7,2027-01-01\n"))
	require.Equal(t, []string{
		`line 2: rate: "x" is not a percentage from 0 to 100, with three decimals at most`,
		`line 3: from: "demain" is not a day such as 2026-11-22`, "line 4: to: 2026-01-01 is not after 2026-01-01",
		`line 5: classes: "luxe" is not a tax class`, `line 6: place: "0" is not a number from 1 to 99`, "line 7: from: no day",
		`line 8: rate: "101" is not a percentage from 0 to 100, with three decimals at most`,
	}, reasons(read(t, Taxes, "code,rate,from,to,classes,place\nA,x,2026-01-01,,,\nA,5,demain,,,\nA,5,2026-01-01,2026-01-01,,\n"+
		"A,5,2026-01-01,,luxe,\nA,5,2026-01-01,,,0\nA,5,,,,\nA,101,2026-01-01,,,\n").Bad))
	plan, err := read(t, Taxes, "code,name,rate,from\nTVP,TVP,7,2027-01-01\nTVP,TVP,8,2027-06-01\n").Apply(ctx, d, time.Now())
	require.ErrorIs(t, err, ErrBadRows)
	require.Len(t, plan.Bad, 1)
	now, err := catalog.TaxRates(ctx, d)
	require.NoError(t, err)
	require.Equal(t, all, now, "nothing is half imported")
}

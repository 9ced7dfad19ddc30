package importer

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/pgtest"
	"comptant/shared/money"
	"comptant/shared/retail"
)

func productsOf(t *testing.T, d *db.DB, skus ...string) (known map[string]catalog.Product, err error) {
	err = d.InTx(t.Context(), func(tx *db.Tx) error {
		known, err = productsBySKU(t.Context(), tx, skus)
		return err
	})
	return known, err
}

func TestChargesAndTheProductsThatCarryThem(t *testing.T) {
	d := pgtest.New(t)
	apply := func(kind Kind, text string) Plan {
		plan, err := read(t, kind, text).Apply(t.Context(), d, time.Now())
		require.NoError(t, err)
		return plan
	}
	charges := "code;nom;montant;taxe\nconsigne-10;Consigne;0,10;exonéré\nECO-15;Écofrais;0,15;taxable\n"
	require.Equal(t, 2, apply(Charges, charges).New)
	require.Equal(t, 2, apply(Charges, charges).Unchanged)
	products := "sku,nom,prix,consignes,règle de taxe\n1,Cola,1.89,consigne-10,\n2,Muffin,2.00,,Bakery:6:détaxé\n3,Lampe,6.49,ECO-15 CONSIGNE-10,\n"
	require.Equal(t, 3, apply(Products, products).New)
	require.Equal(t, 3, apply(Products, products).Unchanged, "importing a file again changes nothing")

	known, err := productsOf(t, d, "1", "2", "3")
	require.NoError(t, err)
	require.Equal(t, []retail.Charge{{Code: "CONSIGNE-10", Name: retail.Text{FR: "Consigne"}, Unit: 10, Class: retail.Exempt}}, known["1"].Charges)
	require.Equal(t, retail.ClassRule{Group: "bakery", From: 6 * money.One, Class: retail.ZeroRated}, known["2"].Rule)
	require.Len(t, known["3"].Charges, 2)

	require.Equal(t, 1, apply(Charges, "code,name,amount\nCONSIGNE-10,Consigne,0.25\n").Changed, "what is empty stays")
	known, err = productsOf(t, d, "1")
	require.NoError(t, err)
	require.EqualValues(t, 25, known["1"].Charges[0].Unit)
	require.Equal(t, retail.Exempt, known["1"].Charges[0].Class)
	require.Equal(t, 2, apply(Products, "sku,nom,prix,consignes,taxrule\n1,Cola,1.89,aucune,\n2,Muffin,2.00,,-\n").Changed)
	known, err = productsOf(t, d, "1", "2")
	require.NoError(t, err)
	require.Empty(t, known["1"].Charges)
	require.Equal(t, retail.ClassRule{}, known["2"].Rule)

	plan, err := read(t, Products, "sku,nom,prix,consignes\n1,Cola,1.89,VERRE\n").Preview(t.Context(), d)
	require.NoError(t, err)
	require.Equal(t, []string{"line 2: charges: there is no VERRE"}, reasons(plan.Bad))
	f := read(t, Products, "sku,nom,prix,taxrule\n1,Muffin,2.00,six\n2,Muffin,2.00,a:0:taxable\n")
	require.Equal(t, []string{
		`line 2: tax rule: "six" is not of the form group:6:zero-rated`, `line 3: tax rule: "a:0:taxable" is not of the form group:6:zero-rated`,
	}, reasons(f.Bad))
	require.Equal(t, []string{`line 2: code: "a b" is not 1 to 20 letters, digits, points or hyphens`, "line 3: no amount"},
		reasons(read(t, Charges, "code,nom,montant\na b,X,1\nC,X,\n").Bad))
}

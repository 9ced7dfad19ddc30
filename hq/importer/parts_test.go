package importer

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/pgtest"
	"comptant/hq/users"
	"comptant/shared/money"
)

func TestPricesAndBarcodesAsFilesOfTheirOwn(t *testing.T) {
	d := pgtest.New(t)
	apply(t, d, Products, "sku,name,price,cost,barcode\nA,Tea,2,1.10,4006381333931\nB,Coffee,3,1.50,\n")
	require.Equal(t, tally{Changed: 1, Unchanged: 1}, apply(t, d, Prices, "Code à barres;Nouveau prix\n4006381333931;\"2,25 $\"\nB;3\n"))
	get := func(sku string) catalog.Product {
		p, err := catalog.ByCode(t.Context(), d, sku)
		require.NoError(t, err)
		return p
	}
	require.EqualValues(t, 225, get("A").Price)
	require.EqualValues(t, 110, get("A").Cost)
	require.Equal(t, "Tea", get("A").Name.FR)

	// Each row adds, and takes nothing away.
	require.Equal(t, tally{New: 2, Unchanged: 1}, apply(t, d, Barcodes, "UPC,SKU\n036000291452,A\n96385074,A\n4006381333931,A\n"))
	require.Equal(t, []string{"0036000291452", "4006381333931", "96385074"}, get("A").Barcodes)
	require.Equal(t, tally{Unchanged: 3}, apply(t, d, Barcodes, "UPC,SKU\n036000291452,A\n96385074,A\n4006381333931,A\n"))

	plan, err := read(t, Barcodes, "SKU,UPC\nB,96385074\nZ,5901234123457\nB,\nB,5901234123457\nA,5901234123457\nB,12\n").Apply(t.Context(), d, now)
	require.ErrorIs(t, err, ErrBadRows)
	require.Equal(t, []string{
		`line 2: barcode 96385074 is that of the product with SKU A`, `line 3: there is no product "Z"`, `line 4: no barcode`,
		`line 5: barcode 5901234123457 is on line 3 already`, `line 6: barcode 5901234123457 is on line 3 already`,
		`line 7: barcode: "12" is not an EAN or UPC with a right check digit`,
	}, reasons(plan.Bad))
	plan, err = read(t, Prices, "sku,price\nA,1\nA,2\n4006381333931,3\nZ,1\nB,\n").Apply(t.Context(), d, now)
	require.ErrorIs(t, err, ErrBadRows)
	require.Equal(t, []string{
		`line 3: product A is on line 2 already`, `line 4: product 4006381333931 is on line 2 already`, `line 5: there is no product "Z"`, `line 6: no price`,
	}, reasons(plan.Bad))
	require.EqualValues(t, 225, get("A").Price)
}

// A price whose row names a store is of that store alone.
func TestPricesOfOneStore(t *testing.T) {
	d := pgtest.New(t)
	apply(t, d, Stores, "store,name,type\nNO,Nord,store\nSU,Sud,store\nDEP,Dépôt,entrepôt\n")
	apply(t, d, Products, "sku,name,price\nA,Tea,2\nB,Coffee,3\n")
	file := "SKU;Prix;Magasin\nA;1,75;no\nA;2,50;\nB;3;Nord\nA;1,80;SU\n"
	require.Equal(t, tally{Changed: 4}, apply(t, d, Prices, file))
	require.Equal(t, tally{Unchanged: 4}, apply(t, d, Prices, file))
	for store, prices := range map[string]string{"NO": "175 300", "SU": "180", "": ""} {
		var found string
		require.NoError(t, d.QueryRow(t.Context(), `
			SELECT coalesce(string_agg(l.price::text, ' ' ORDER BY p.sku), '') FROM catalog.price_book b JOIN catalog.price_line l USING (version)
			JOIN catalog.product p ON p.id = l.product_id JOIN stock.location s ON s.id = b.store_id WHERE s.code = $1`, store).Scan(&found))
		require.Equal(t, prices, found, store)
	}
	p, err := catalog.ByCode(t.Context(), d, "A")
	require.NoError(t, err)
	require.EqualValues(t, 250, p.Price, "everywhere else")

	plan, err := read(t, Prices, "sku,price,store\nA,1,XX\nA,1,DEP\nA,1,NO\nA,2,Nord\nZ,1,NO\nA,,NO\nA,Partout,\n").Apply(t.Context(), d, now)
	require.ErrorIs(t, err, ErrBadRows)
	require.Equal(t, []string{
		`line 2: there is no store "XX"`, `line 3: there is no store "DEP"`, `line 5: product A of store Nord is on line 4 already`,
		`line 6: there is no product "Z"`, `line 7: no price`, `line 8: price: "Partout" is for a store that has its own`,
	}, reasons(plan.Bad))

	// A word ends the price of one store; who has none of its own has nothing to end.
	ending := "sku,price,store\nA,everywhere,NO\nB,Comme partout,SU\nA,1.90,SU\n"
	plan, err = read(t, Prices, ending).Preview(t.Context(), d)
	require.NoError(t, err)
	require.Equal(t, tally{Changed: 2, Unchanged: 1}, plan.tally())
	require.Equal(t, 1, plan.Ended)
	apply(t, d, Prices, ending)
	own, err := catalog.OwnOf(t.Context(), d, now, []uuid.UUID{p.ID})
	require.NoError(t, err)
	require.Len(t, own[p.ID], 1)
	require.Contains(t, slices.Collect(maps.Values(own[p.ID])), money.Amount(190))
	plan, err = read(t, Prices, ending).Preview(t.Context(), d)
	require.NoError(t, err)
	require.Equal(t, tally{Unchanged: 3}, plan.tally())
	require.Zero(t, plan.Ended)
}

func TestProductsKnownByTheirBarcode(t *testing.T) {
	d := pgtest.New(t)
	plan, err := read(t, Products, "barcode,name\n4006381333931,Crayon\n").Apply(t.Context(), d, now)
	require.ErrorIs(t, err, ErrBadRows)
	require.Equal(t, []string{`line 2: no price: the product is new, and the file has no column for it`}, reasons(plan.Bad))
	require.Equal(t, tally{New: 1}, apply(t, d, Products, "barcode,name,price\n4006381333931,Crayon,2\n"))
	require.Equal(t, tally{Changed: 1}, apply(t, d, Products, "barcode,name\n4006381333931,Crayon de bois\n"))
	p, err := catalog.ByCode(t.Context(), d, "4006381333931")
	require.NoError(t, err)
	require.EqualValues(t, 200, p.Price)
	require.Equal(t, "Crayon de bois", p.Name.FR)
}

func TestCustomers(t *testing.T) {
	d := pgtest.New(t)
	apply(t, d, Stores, "code,name\n1,Un\n")
	const file = "No client;Prénom;Nom;Téléphone;Courriel;Magasin\n" +
		"12;Zoé;Côté;514 555-0101;zoe@exemple.ca;1\n" +
		"13;;Garage Roy;(450) 555-0102;;\n"
	require.Equal(t, tally{New: 2}, apply(t, d, Customers, file))
	require.Equal(t, tally{Unchanged: 2}, apply(t, d, Customers, file))
	require.EqualValues(t, 1, count(t, d, `SELECT count(*) FROM users.customer_store`))
	require.EqualValues(t, 1, count(t, d, `SELECT count(*) FROM feed.item WHERE feed LIKE 'store%'`), "the store's tills hear of theirs")
	// By address, as somebody else's list has them; what it does not say stays.
	require.Equal(t, tally{Changed: 1}, apply(t, d, Customers, "name,email\nZoé Côté-Roy,ZOE@exemple.ca\n"))
	found, err := users.FindCustomers(t.Context(), d, "zoé", 10)
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Equal(t, "514 555-0101", found[0].Phone)

	require.NoError(t, d.InTx(t.Context(), func(tx *db.Tx) error { return users.EraseCustomer(t.Context(), tx, newID("customer", "12"), now) }))
	require.Equal(t, tally{Unchanged: 2}, apply(t, d, Customers, file), "who was erased stays erased")
	found, err = users.FindCustomers(t.Context(), d, newID("customer", "12").String(), 10)
	require.NoError(t, err)
	require.Empty(t, found[0].Name)
	require.NotEqual(t, uuid.Nil, found[0].ID)

	plan, err := read(t, Customers, "id,name,phone,email,store\n1,,,,\n2,A,12,,\n3,B,,no,\n,C,,,\n4,D,,d@x.ca,\n4,E,,,\n5,F,,d@x.ca,\n6,G,,,9\n").Apply(t.Context(), d, now)
	require.ErrorIs(t, err, ErrBadRows)
	require.Equal(t, []string{
		`line 2: no name`, `line 3: phone: "12" is not a number with its area code`, `line 4: e-mail: "no" is not an address`,
		`line 5: no number, e-mail or phone to know the customer by`, `line 7: customer 4 is on line 6 already`, `line 8: e-mail d@x.ca is on line 6 already`,
		`line 9: there is no store "9"`,
	}, reasons(plan.Bad))
}

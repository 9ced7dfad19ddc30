package importer

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/pgtest"
	"comptant/hq/stock"
	"comptant/shared/money"
	"comptant/shared/retail"
)

var now = time.Date(2026, 11, 22, 19, 0, 0, 0, time.UTC)

// tally is what a plan counts.
type tally struct{ New, Changed, Unchanged int }

func (p Plan) tally() tally { return tally{p.New, p.Changed, p.Unchanged} }

// apply imports a text, and first looks at the same plan without doing it.
func apply(t *testing.T, d *db.DB, kind Kind, text string) tally {
	t.Helper()
	f := read(t, kind, text)
	preview, err := f.Preview(t.Context(), d)
	require.NoError(t, err)
	done, err := f.Apply(t.Context(), d, now)
	require.NoError(t, err, "%s", reasons(preview.Bad))
	require.Equal(t, preview.tally(), done.tally())
	return done.tally()
}

func count(t *testing.T, d *db.DB, sql string, args ...any) (n int64) {
	t.Helper()
	require.NoError(t, d.QueryRow(t.Context(), sql, args...).Scan(&n))
	return n
}

// realData is where a set of real data is, which is not part of the repository: below COMPTANT_DATA, or a folder shared/data
// beside it. Without that folder the test is skipped; in it, what is missing is a failure.
func realData(t *testing.T, set string) string {
	t.Helper()
	dir := os.Getenv("COMPTANT_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		t.Skip("skipped: no data")
	}
	dir = filepath.Join(dir, set)
	require.DirExists(t, dir)
	return dir
}

func TestToys(t *testing.T) {
	folder := realData(t, "toys")
	d := pgtest.New(t)
	for _, again := range []bool{false, true} {
		for _, c := range []struct {
			kind Kind
			file string
			rows int
		}{{Stores, "stores.csv", 50}, {Products, "products.csv", 35}, {Stock, "inventory.csv", 1593}} {
			in, err := os.Open(filepath.Join(folder, c.file))
			require.NoError(t, err)
			f, err := Read(in, c.kind, nil)
			require.NoError(t, err)
			require.NoError(t, in.Close())
			require.Empty(t, f.Bad)
			require.Equal(t, c.rows, f.Rows())
			plan, err := f.Apply(t.Context(), d, now)
			require.NoError(t, err)
			want := tally{New: c.rows}
			if again {
				want = tally{Unchanged: c.rows}
			}
			require.Equal(t, want, plan.tally(), c.file)
		}
		// facts.json of the data.
		require.EqualValues(t, 29742*money.One, count(t, d, `SELECT sum(on_hand)::bigint FROM stock.level`))
		require.EqualValues(t, 30020958, count(t, d, `SELECT sum(on_hand / 1000 * unit_cost)::bigint FROM stock.level WHERE on_hand > 0`))
		require.EqualValues(t, 41024058, count(t, d, `
			SELECT sum(on_hand / 1000 * price)::bigint FROM stock.level JOIN catalog.product p ON p.id = product_id`))
		require.EqualValues(t, 5, count(t, d, `SELECT count(*) FROM catalog.category`))
	}
	p, err := catalog.ByCode(t.Context(), d, "18")
	require.NoError(t, err)
	require.Equal(t, "Lego Bricks", p.Name.FR)
	require.EqualValues(t, 3999, p.Price)
	require.EqualValues(t, 3499, p.Cost)
}

func TestOnlyWhatAFileSaysChanges(t *testing.T) {
	d := pgtest.New(t)
	food := retail.Category{ID: uuid.New(), Name: retail.Text{FR: "Épicerie", EN: "Grocery"}, Order: 1}
	tea := catalog.Product{Product: retail.Product{
		ID: uuid.New(), SKU: "7", Name: retail.Text{FR: "Thé", EN: "Tea"}, Category: food.ID, Price: 250, Class: retail.ZeroRated,
		Barcodes: []string{"4006381333931"}, Pack: 12, MadeHere: false, Favourite: 3,
	}, Cost: 120}
	require.NoError(t, d.InTx(t.Context(), func(tx *db.Tx) error {
		require.NoError(t, catalog.PutCategories(t.Context(), tx, food))
		_, err := catalog.PutProducts(t.Context(), tx, time.Now(), []catalog.Product{tea})
		return err
	}))
	get := func() catalog.Product {
		p, err := catalog.Get(t.Context(), d, tea.ID)
		require.NoError(t, err)
		return p
	}
	require.Equal(t, tally{Unchanged: 1}, apply(t, d, Products, "sku,name,price,category,cost\n7,Tea,2.50,grocery,\n"))
	require.Equal(t, tea, get())

	require.Equal(t, tally{New: 1, Changed: 1}, apply(t, d, Products, "sku,name,price,cost,tax\n7,Thé vert,2.75,1.30,\n8,Coffee,3,,détaxé\n"))
	tea.Name.FR, tea.Price, tea.Cost = "Thé vert", 275, 130
	require.Equal(t, tea, get())
	coffee, err := catalog.ByCode(t.Context(), d, "8")
	require.NoError(t, err)
	require.Equal(t, retail.ZeroRated, coffee.Class)
	require.EqualValues(t, 2, count(t, d, `SELECT count(*) FROM catalog.category`), "and one for what has none")

	require.Equal(t, tally{Changed: 1}, apply(t, d, Products, "sku,name,price,barcode\n7,Thé vert,2.75,\"96385074, 4006381333931\"\n"))
	require.Equal(t, []string{"4006381333931", "96385074"}, get().Barcodes)

	// The file is right about a barcode that moves from one of its products to another.
	require.Equal(t, tally{Changed: 2}, apply(t, d, Products, "sku,name,price,barcode\n7,Thé vert,2.75,96385074\n8,Coffee,3,4006381333931\n"))
}

func TestStoresKeepTheirIds(t *testing.T) {
	d := pgtest.New(t)
	require.Equal(t, tally{New: 2}, apply(t, d, Stores, "Store_ID,Store_Name,Ville,Type\n1,Un,Laval,\nCL,Dépôt,Dorval,entrepôt\n"))
	require.Equal(t, tally{Changed: 1, Unchanged: 1}, apply(t, d, Stores, "Store_ID,Store_Name,Zone\n1,Un,America/Cancun\nCL,Dépôt,\n"))
	all, err := stock.Locations(t.Context(), d)
	require.NoError(t, err)
	require.Equal(t, []retail.Location{
		{ID: newID("location", "01"), Kind: retail.LocationStore, Code: "01", Name: "Un", Zone: "America/Cancun", Address: "Laval"},
		{ID: newID("location", "CL"), Kind: retail.LocationWarehouse, Code: "CL", Name: "Dépôt", Zone: defaultZone, Address: "Dorval"},
	}, all)
	require.NoError(t, d.InTx(t.Context(), func(tx *db.Tx) error {
		return catalog.EnsureCurrencies(t.Context(), tx, retail.Currencies())
	}))
	require.Equal(t, tally{Changed: 1, Unchanged: 1}, apply(t, d, Stores, "code,name,devise\n01,Un,eur\nCL,Dépôt,CAD\n"))
	all, err = stock.Stores(t.Context(), d)
	require.NoError(t, err)
	require.Equal(t, "EUR", all[0].Currency)
	f := read(t, Stores, "code,name,currency\n02,Dépôt,\n03,Trois,XXX\n")
	plan, err := f.Apply(t.Context(), d, now)
	require.ErrorIs(t, err, ErrBadRows)
	require.Equal(t, []string{`line 2: name: "Dépôt" is that of CL`, `line 3: currency: nothing is known of "XXX"`}, reasons(plan.Bad))
}

func TestStockRefersToWhatIsThere(t *testing.T) {
	d := pgtest.New(t)
	apply(t, d, Stores, "code,name\n1,Un\nCV,Centre-Ville\n")
	apply(t, d, Products, "sku,name,price,cost,barcode\nA,Tea,2,1.10,4006381333931\nB,Coffee,3,1.50,\nC,Soup,4,,\n")
	_, err := d.Exec(t.Context(), `UPDATE catalog.product SET made_here = true WHERE sku = 'C'`)
	require.NoError(t, err)

	f := read(t, Stock, "store,product,on hand\n1,A,5\n9,A,5\n1,Z,5\n1,C,5\n01,4006381333931,6\nCentre-ville,B,\"1,5\"\n1,B,x\n")
	plan, err := f.Apply(t.Context(), d, now)
	require.ErrorIs(t, err, ErrBadRows)
	require.Equal(t, []string{
		`line 3: there is no store "9"`,
		`line 4: there is no product "Z"`,
		`line 5: product "C" is made where it is sold, and holds no stock`,
		`line 6: product 4006381333931 of store 01 is on line 2 already`,
		`line 8: stock on hand: quantity "x": not a number`,
	}, reasons(plan.Bad))
	require.Zero(t, count(t, d, `SELECT count(*) FROM stock.level`))

	require.Equal(t, tally{New: 2}, apply(t, d, Stock, "store,product,on hand,cost\n1,4006381333931,-2,\nCentre-ville,B,\"1,5\",1.75\n"))
	require.Equal(t, tally{Changed: 1, Unchanged: 1}, apply(t, d, Stock, "store,product,on hand\n1,A,10\ncv,B,1.5\n"))
	require.EqualValues(t, 10_000+1_500, count(t, d, `SELECT sum(quantity)::bigint FROM stock.movement`))
	require.EqualValues(t, 110, count(t, d, `SELECT unit_cost FROM stock.level WHERE on_hand = 10000`))
	require.EqualValues(t, 175, count(t, d, `SELECT unit_cost FROM stock.level WHERE on_hand = 1500`))
}

func TestABarcodeOfAnotherProductIsABadRow(t *testing.T) {
	d := pgtest.New(t)
	apply(t, d, Products, "sku,name,price,barcode\nA,Tea,2,4006381333931\n")
	plan, err := read(t, Products, "sku,name,price,barcode\nB,Coffee,2,\nC,Cocoa,3,4006381333931\n").Apply(t.Context(), d, now)
	require.ErrorIs(t, err, ErrBadRows)
	require.Equal(t, []string{`line 3: barcode 4006381333931 is that of the product with SKU A`}, reasons(plan.Bad))
	require.EqualValues(t, 1, count(t, d, `SELECT count(*) FROM catalog.product`))

	// A row of the file without barcodes keeps those of its product.
	plan, err = read(t, Products, "sku,name,price,barcode\nA,Tea,2,\nC,Cocoa,3,4006381333931\n").Apply(t.Context(), d, now)
	require.ErrorIs(t, err, ErrBadRows)
	require.Equal(t, []string{`line 3: barcode 4006381333931 is that of the product with SKU A`}, reasons(plan.Bad))
}

func TestNothingIsHalfImported(t *testing.T) {
	d := pgtest.New(t)
	apply(t, d, Stores, "code,name\n1,Un\n")
	apply(t, d, Products, "sku,name,price\nA,Tea,2\n")
	before := world(t, d)

	t.Run("one bad row of many", func(t *testing.T) {
		var b strings.Builder
		b.WriteString("sku,name,category,price\n")
		for range 500 {
			b.WriteString(uuid.NewString()[:8] + ",Thing,New,1\n")
		}
		b.WriteString("Z,Thing,New,free\n")
		plan, err := read(t, Products, b.String()).Apply(t.Context(), d, now)
		require.ErrorIs(t, err, ErrBadRows)
		require.Len(t, plan.Bad, 1)
		require.Equal(t, 502, plan.Bad[0].Line)
		require.Equal(t, before, world(t, d))
	})
	t.Run("a failure in the middle", func(t *testing.T) {
		// The database breaks at the last product's barcode, when categories and products are written.
		_, err := d.Exec(t.Context(), `
			CREATE FUNCTION catalog.broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'broken'; END $$;
			CREATE TRIGGER broken BEFORE INSERT ON catalog.barcode FOR EACH ROW WHEN (NEW.code = '0036000291452') EXECUTE FUNCTION catalog.broken();
			CREATE TRIGGER broken BEFORE INSERT ON stock.movement FOR EACH ROW WHEN (NEW.quantity = 13000) EXECUTE FUNCTION catalog.broken()`)
		require.NoError(t, err)
		f := read(t, Products, "sku,name,category,price,barcode\nA,Tea changed,New,3,\nB,Coffee,Newer,4,4006381333931\nC,Cocoa,Newest,5,036000291452\n")
		_, err = f.Apply(t.Context(), d, now)
		require.ErrorContains(t, err, "broken")
		require.Equal(t, before, world(t, d))

		apply(t, d, Products, "sku,name,price\nB,Coffee,2\n")
		stocked := world(t, d)
		_, err = read(t, Stock, "store,sku,on hand\n1,A,7\n1,B,13\n").Apply(t.Context(), d, now)
		require.ErrorContains(t, err, "broken")
		require.Equal(t, stocked, world(t, d))
	})
	t.Run("interrupted", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		after := world(t, d)
		_, err := read(t, Stores, "code,name\n2,Deux\n").Apply(ctx, d, now)
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, after, world(t, d))
	})
}

// world is everything an import could touch, the feed included, as one text.
func world(t *testing.T, d *db.DB) (text string) {
	t.Helper()
	require.NoError(t, d.QueryRow(t.Context(), `
		SELECT concat_ws(E'\n',
			(SELECT string_agg(p::text, E'\n' ORDER BY id) FROM catalog.product p),
			(SELECT string_agg(c::text, E'\n' ORDER BY id) FROM catalog.category c),
			(SELECT string_agg(b::text, E'\n' ORDER BY code) FROM catalog.barcode b),
			(SELECT string_agg(l::text, E'\n' ORDER BY id) FROM stock.location l),
			(SELECT string_agg(v::text, E'\n' ORDER BY v::text) FROM stock.level v),
			(SELECT string_agg(m::text, E'\n' ORDER BY m::text) FROM stock.movement m),
			(SELECT string_agg(h::text, E'\n' ORDER BY feed) FROM feed.head h))`).Scan(&text))
	return text
}

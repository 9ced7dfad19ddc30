package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"comptant/shared/barcode"
	"comptant/shared/money"
	"comptant/sync/e2e/fleet"
)

// supervisor is Catherine's PIN.
const supervisor = "3333"

// article is what is scanned.
type article struct {
	id    uuid.UUID
	code  string
	price money.Amount
}

// assortment is what the store of a day sells: goods of the demo, and what a counter and a market stall have besides.
type assortment struct {
	goods    []article
	drinks   []article // with a deposit
	weighed  article   // its labels carry a weight
	labelled article   // its labels carry a price
	open     article   // its price is asked
}

var (
	byWeight = barcode.Scheme{Prefix: "20", Item: 5, Digits: 5, Value: barcode.Weight}
	byPrice  = barcode.Scheme{Prefix: "20", Item: 5, Digits: 5, Value: barcode.Price}
)

// The numbers of the weighed and the labelled article on the scale.
const (
	apples = 41
	cheese = 42
)

func newAssortment(t *testing.T, hq *fleet.HQ) (s assortment) {
	t.Helper()
	s.weighed, s.labelled = article{code: byWeight.Make(apples, 0), price: 650}, article{code: byPrice.Make(cheese, 0)}
	s.open = article{code: barcode.Make("290", 43)}
	file := filepath.Join(t.TempDir(), "goods.csv")
	require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, `sku,namefr,nameen,price,barcode,taxclass,weighed,label,openprice
DAY-1,"Pommes McIntosh, le kg","McIntosh apples, per kg",6.50,%s,zero-rated,yes,weight,no
DAY-2,"Fromage à la coupe","Cheese from the counter",0,%s,zero-rated,no,price,no
DAY-3,"Bouquet du marché","Bouquet from the market",0,%s,taxable,no,none,yes
`, s.weighed.code, s.labelled.code, s.open.code), 0o600))
	_, err := hq.Command(t.Context(), "import", "products", file, "--apply")
	require.NoError(t, err)

	database := connect(t, hq)
	list := func(where string) (all []article) {
		rows, err := database.Query(t.Context(), `
			SELECT p.id, b.code, p.price FROM catalog.barcode b JOIN catalog.product p ON p.id = b.product_id
			WHERE NOT p.weighed AND NOT p.made_here AND p.price BETWEEN 100 AND 3000 AND `+where+` ORDER BY p.sku LIMIT 40`)
		require.NoError(t, err)
		all, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (a article, err error) {
			return a, row.Scan(&a.id, &a.code, &a.price)
		})
		require.NoError(t, err)
		require.NotEmpty(t, all, where)
		return all
	}
	s.goods, s.drinks = list(`p.charges = '{}'`), list(`p.charges <> '{}'`)
	return s
}

// codes are n goods, a different row of them for each first.
func (s assortment) codes(n, first int) (codes []string) {
	for i := range n {
		codes = append(codes, s.article(first+i).code)
	}
	return codes
}

func (s assortment) article(n int) article { return s.goods[n%len(s.goods)] }

package till_test

import (
	"slices"
	"testing"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
	"comptant/terminal/till/tilltest"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestScanAddsInEveryFormOfACode(t *testing.T) {
	w := signedIn(t)
	w.scan("0012345678905", "012345678905", " 012345678905\t", "2*012345678905", "100216")
	k := w.Ticket()
	require.Len(t, k.Lines, 1)
	require.Equal(t, 6*money.One, k.Lines[0].Quantity)
	require.Equal(t, 6, k.Items)
}

func TestUnknownCodeIsAnAnswerAndTheNextScanWorks(t *testing.T) {
	w := signedIn(t)
	require.NoError(t, w.SetPending(3*money.One))
	s, err := w.Scan(t.Context(), "4001009910461")
	require.NoError(t, err)
	require.False(t, s.Known)
	require.Equal(t, "4001009910461", s.Code)
	require.Empty(t, w.Ticket().Lines)
	require.Equal(t, 3*money.One, w.Ticket().Pending, "the item it was typed for has not come yet")
	w.scan(syrup.Barcodes[0])
	require.Equal(t, 3*money.One, w.Ticket().Lines[0].Quantity)
	require.Zero(t, w.Ticket().Pending)
}

func TestTenScansLandInOrder(t *testing.T) {
	w := signedIn(t)
	for range 2 {
		for _, p := range []retail.Product{coffee, timbits, syrup, stamps, pen} {
			w.scan(p.SKU)
		}
	}
	var skus []string
	for _, l := range w.Ticket().Lines {
		skus = append(skus, l.SKU)
		require.Equal(t, 2*money.One, l.Quantity)
	}
	require.Equal(t, []string{coffee.SKU, timbits.SKU, syrup.SKU, stamps.SKU, pen.SKU}, skus)
	require.Equal(t, 4, w.Ticket().Selected, "the line that changed last")
}

func TestTicketShowsWhatTheScreenDraws(t *testing.T) {
	w := signedIn(t)
	w.scan("2*"+coffee.SKU, "10*"+timbits.SKU, syrup.SKU, "1.240*"+apples.SKU, stamps.SKU)
	k := w.Ticket()
	require.Equal(t, 15, k.Items, "something weighed is one item")
	require.Equal(t, money.Amount(398+250+1149+544+110), k.Subtotal)
	require.Len(t, k.Taxes, 2)
	require.Equal(t, []money.Amount{32, 65}, []money.Amount{k.Taxes[0].Amount, k.Taxes[1].Amount})
	require.Equal(t, money.Amount(2548), k.Total)
	require.Equal(t, money.Amount(2550), k.CashDue)
	require.Equal(t, money.Amount(2), k.Rounding)
	require.Equal(t, []string{"TPS", "TVQ"}, k.Lines[0].Taxes)
	require.Empty(t, k.Lines[2].Taxes)
	require.Equal(t, "Café filtre", k.Lines[0].Name)
	w.SetLang("en")
	k = w.Ticket()
	require.Equal(t, "Filter coffee", k.Lines[0].Name, "switched at once")
	require.Equal(t, []string{"GST", "QST"}, k.Lines[0].Taxes)
	w.SetLang("de")
	require.Equal(t, "en", w.Lang())
}

func TestQuantities(t *testing.T) {
	w := signedIn(t)
	w.scan(pen.SKU, syrup.SKU)
	require.NoError(t, w.Increment(0, 1))
	require.Equal(t, 0, w.Ticket().Selected)
	require.Equal(t, 2*money.One, w.Ticket().Lines[0].Quantity)
	require.NoError(t, w.Increment(0, -5))
	require.Equal(t, money.One, w.Ticket().Lines[0].Quantity, "minus never removes")
	require.NoError(t, w.SetQuantity(1, 12*money.One))
	require.NoError(t, w.Select(0))
	require.Equal(t, 0, w.Ticket().Selected)

	refused(t, till.KeyWhole, w.SetQuantity(0, 1500))
	refused(t, till.KeyQuantity, w.SetQuantity(0, 0))
	refused(t, till.KeyQuantity, w.SetQuantity(0, 10_000*money.One))
	refused(t, till.KeyQuantity, w.SetPending(-1))
	refused(t, till.KeyNoLine, w.SetQuantity(2, money.One))
	refused(t, till.KeyNoLine, w.Remove(-1))
	_, err := w.Scan(t.Context(), "4001002043132*"+pen.SKU)
	refused(t, till.KeyQuantity, err)
	_, err = w.Scan(t.Context(), "0*"+pen.SKU)
	refused(t, till.KeyQuantity, err)
	refused(t, till.KeyWeight, w.Add(t.Context(), apples, 0))
	require.NoError(t, w.Add(t.Context(), apples, 1240))
	require.NoError(t, w.Add(t.Context(), apples, 500))
	require.NoError(t, w.Increment(2, 1))
	require.Equal(t, []money.Quantity{1000, 12_000, 1240, 500}, quantities(w.Ticket()), "each weighed piece is its own")
}

func quantities(k till.Ticket) []money.Quantity {
	var q []money.Quantity
	for _, l := range k.Lines {
		q = append(q, l.Quantity)
	}
	return q
}

func TestRemoveAndClear(t *testing.T) {
	w := signedIn(t)
	require.Equal(t, -1, w.Ticket().Selected)
	w.scan(coffee.SKU, pen.SKU, syrup.SKU)
	require.NoError(t, w.Remove(1))
	require.Equal(t, 1, w.Ticket().Selected, "the line that moved up")
	require.Equal(t, syrup.SKU, w.Ticket().Lines[1].SKU)
	require.NoError(t, w.Remove(1))
	require.Equal(t, 0, w.Ticket().Selected)
	require.NoError(t, w.Remove(0))
	require.Equal(t, -1, w.Ticket().Selected)
	w.scan(coffee.SKU)
	require.NoError(t, w.Clear())
	require.Empty(t, w.Ticket().Lines)
}

// A new price never changes what the customer saw scanned: it makes a line of its own.
func TestNewPriceMakesANewLine(t *testing.T) {
	w := signedIn(t)
	w.scan(pen.SKU)
	i := slices.IndexFunc(w.goods.Products, func(p retail.Product) bool { return p.ID == pen.ID })
	w.goods.Products[i].Price, w.goods.Prices = 125, 1285
	w.scan(pen.SKU)
	k := w.Ticket()
	require.Len(t, k.Lines, 2)
	require.Equal(t, money.Amount(235), k.Subtotal)
	p := w.pay()
	_, err := w.TenderCard(t.Context(), p.Turn, p.Left, "1", "4417")
	require.NoError(t, err)
	require.Equal(t, uint64(1285), tilltest.Bodies[retail.Sale](w.journal)[0].Prices)
}

// A tile that was drawn before a price changed sells at the new one.
func TestATileSellsAtThePriceInForce(t *testing.T) {
	w := signedIn(t)
	i := slices.IndexFunc(w.goods.Products, func(p retail.Product) bool { return p.ID == pen.ID })
	w.goods.Products[i].Price = 125
	require.NoError(t, w.Add(t.Context(), pen, 0))
	require.Equal(t, money.Amount(125), w.Ticket().Subtotal)
}

func TestTicketStaysWithinOneEntry(t *testing.T) {
	w := signedIn(t)
	for range 250 {
		require.NoError(t, w.Add(t.Context(), apples, 1240))
	}
	refused(t, till.KeyTooLong, w.Add(t.Context(), apples, 1240))
	p := w.pay()
	_, err := w.TenderCard(t.Context(), p.Turn, p.Left, "1", "4417")
	require.NoError(t, err, "and such a sale can be committed")
}

func TestFind(t *testing.T) {
	w := signedIn(t)
	w.goods.Stock[syrup.ID] = till.Stock{Known: true, Here: -money.One, RestockBelow: 25 * money.One}
	found, total, err := w.Search(t.Context(), "SIROP", 8)
	require.NoError(t, err)
	require.Equal(t, 1, total)
	require.Equal(t, till.LevelNegative, found[0].Level)
	categories, err := w.Categories(t.Context())
	require.NoError(t, err)
	tiles, err := w.Tiles(t.Context(), categories[0].ID, 20)
	require.NoError(t, err)
	require.Len(t, tiles, 6)
	tiles, err = w.Tiles(t.Context(), uuid.Nil, 20)
	require.NoError(t, err)
	require.Empty(t, tiles)
	s, err := w.Price(t.Context(), pen.Barcodes[0])
	require.NoError(t, err)
	require.Equal(t, pen.ID, s.Product.ID)
	require.Empty(t, w.Ticket().Lines, "a price check adds nothing")
}

func TestOnlyTheTaxesOfTheDayAreCharged(t *testing.T) {
	w := signedIn(t)
	w.goods.Rates[0].To, w.goods.Rates[1].From = 20261123, 20261123
	w.scan(pen.SKU)
	taxes := w.Ticket().Taxes
	require.Len(t, taxes, 1)
	require.Equal(t, "TPS", taxes[0].Code)
}

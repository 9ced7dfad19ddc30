package wire

import (
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"comptant/shared/retail"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/require"
)

var (
	receipt   = retail.ReceiptID{Till: id, Epoch: 1, Number: 4218}
	chainEnds = []retail.ChainEnd{{Epoch: 2, Seq: 300, Hash: hash[:]}}
	parts     = []retail.RefundPart{{Of: 1, Quantity: 1500}}
	text      = retail.Text{FR: "Café", EN: "Coffee"}
	sold      = retail.Sale{
		Number: 7, BusinessDate: 20261122, Currency: "CAD", Lines: []retail.Line{{
			Product: id, SKU: "CAF-250", Name: "Café 250 g", Quantity: 2000, UnitPrice: 899, Amount: 1798, Class: 2,
		}}, Tenders: []retail.Tender{{Kind: retail.TenderCash, Amount: 1800, Given: 2000}}, Total: 1798, Rounding: 2,
	}
)

// rows are the bodies of every type of row, with every key filled.
var rows = map[retail.RowType]any{
	retail.RowLocation: retail.Location{
		ID: id, Kind: retail.LocationStore, Code: "MTL1", Name: "Centre-ville", Zone: "America/Toronto", Address: "1, rue X", Currency: "EUR",
	},
	retail.RowCategory: retail.Category{ID: id, Name: text, Order: 3},
	retail.RowProduct: retail.Product{
		ID: id, SKU: "CAF-250", Name: text, Category: id, Price: 899, Class: 2, Barcodes: []string{"0061234567890"}, Pack: 12, Weighed: true,
		MadeHere: true, Favourite: 2, OpenPrice: true, Label: retail.LabelPrice,
		Charges: []retail.Charge{{Code: "CONSIGNE-10", Name: text, Unit: 10, Class: 3, Amount: 20, Within: 3}},
		Rule:    retail.ClassRule{Group: "single-serving", From: 6000, Class: 2, Below: 1},
	},
	retail.RowTaxRate: retail.TaxRate{
		ID: id, Code: "TPS", Name: text, Rate: 5000, Classes: []retail.TaxClass{2}, From: 20080101, To: 20300101, Included: true,
		Registration: "R123", Order: 1,
	},
	retail.RowDepot:     retail.Depot{OnHand: 12_000, At: 1_763_800_000_123},
	retail.RowPriceBook: retail.PriceBook{Version: 1285, From: 1_763_800_000_123, Lines: []retail.PriceLine{{Product: id, Price: 849}}},
	retail.RowStoreBook: retail.PriceBook{Version: 1286, From: 1_763_800_000_123, Lines: []retail.PriceLine{
		{Product: id, Price: 799}, {Product: id, Everywhere: true},
	}},
	retail.RowStorePrice: retail.StorePrice{Price: 799},
	retail.RowRights:     retail.Rights{Role: retail.RoleCashier, Alone: []retail.Deed{retail.DeedPrice}, Discount: 10_000, Refund: 5000},
	retail.RowCurrency: retail.Currency{
		Code: "EUR", Symbol: "€", Minor: "c", Notes: retail.Currencies()[1].Notes, Coins: retail.Currencies()[1].Coins,
		Rolls: retail.Currencies()[1].Rolls, CashStep: 1,
	},
	retail.RowElsewhere: retail.Elsewhere{Stores: []retail.StoreStock{
		{Store: id, OnHand: 4000, InTransit: 1000, At: 1_763_800_000_123, OutBelow: 1000, OverAbove: 90_000},
	}},
	retail.RowStock: retail.Stock{
		OnHand: 4000, InTransit: 1000, At: 1_763_800_000_123, RestockBelow: 3000, OutBelow: 1000, OverAbove: 90_000, PerDay: 500,
		Counted: retail.Happened{At: 1_763_800_000_123, Till: id, Epoch: 1, Seq: 9, Ref: id},
	},
	retail.RowStaff: retail.Staff{ID: id, Name: "Alice", Role: retail.RoleCashier, PIN: "$argon2id$", Lang: "fr", Badge: []byte("badge")},
	retail.RowRestock: retail.Restock{
		ID: id, State: retail.RestockReceived, At: 1_763_800_000_123, By: id,
		Lines: []retail.RestockLine{{Product: id, Asked: 12_000, Approved: 11_000, Shipped: 10_000, Received: 9000}},
	},
	retail.RowShipment: retail.Shipment{
		ID: id, Code: "EXP-0311", Restock: id, At: 1_763_800_000_123, Received: true, Lines: []retail.StockLine{{Product: id, Quantity: 12_000}},
		From: id,
	},
	retail.RowMark: retail.Mark{Ends: chainEnds, Forks: chainEnds, Deferred: chainEnds},
	retail.RowSent: retail.Sent{
		ID: id, To: id, At: 1_763_800_000_123, Received: true, Lines: []retail.SentLine{{Product: id, Sent: 3000, Received: 2000}},
	},
	retail.RowCustomer: retail.Customer{ID: id, Name: "Ann", Phone: "514 555-0100", Email: "a@b.ca", At: 1_763_800_000_123, Erased: true},
	retail.RowNotice:   retail.Notice{Entry: chainEnds[0], Code: "deferred", At: 1_763_800_000_123},
	retail.RowHoldAsked: retail.HoldAsked{
		ID: id, Receipt: receipt, For: id, Parts: parts, Released: true,
	},
	retail.RowHoldGiven: retail.HoldGiven{
		Hold: retail.RefundHold{ID: id, Receipt: receipt, For: id, Parts: parts}, State: retail.HoldGranted, Sale: sold,
	},
	retail.RowOrder: retail.Order{
		ID: id, Code: "W-000042", Attempt: 2, State: retail.OrderReady, At: 1_763_800_000_123, Until: 1_763_803_600_123, Name: "Ann",
		Customer: id, Currency: "CAD", Prices: 1285, Lines: sold.Lines, Total: 1798, Approval: "P-77", LastFour: "4242",
		Taxes: []retail.Tax{{Code: "TPS", Rate: 5000, Registration: "R123", Classes: []retail.TaxClass{1}, Name: text}},
	},
	retail.RowKnown:    retail.Known{Ends: chainEnds, Holes: chainEnds},
	retail.RowControl:  retail.Control{LockedAt: 1_763_800_000_123, Reason: "Inventaire", By: "Ann"},
	retail.RowLogAsked: retail.LogAsked{At: 1_763_800_000_123},
	retail.RowFound: retail.ReceiptFound{
		ID: id, Receipt: receipt, Sale: sold, Before: parts, At: 1_763_800_000_123, Place: "Centre-ville", Like: []retail.ReceiptMatch{
			{Printed: retail.Printed{Store: "MTL1", Till: 2, Epoch: 1, Number: 4218}, Paid: 1800, At: 1_763_800_000_123, LastFour: "4242"},
		},
	},
}

// grownRows have keys that their type got later; the names are those of their lines in the file.
var grownRows = map[string]any{
	"row-5/promised": retail.Depot{OnHand: 12_000, At: 1_763_800_000_123, Promised: 2000},
	"row-6/since":    retail.PriceBook{Version: 1285, Since: 1_763_800_000_123},
	"row-20/promised": retail.Stock{
		OnHand: 4000, At: 1_763_800_000_123, RestockBelow: 3000, OutBelow: 1000, OverAbove: 90_000, Promised: 2000,
	},
	"row-50/promised": retail.Elsewhere{Stores: []retail.StoreStock{
		{Store: id, OnHand: 4000, At: 1_763_800_000_123, OutBelow: 1000, OverAbove: 90_000, Promised: 2000},
	}},
}

// TestGoldenRows reads what headquarters has published, for ever: a till keeps rows of an older or a later version. A line of the
// file is never changed.
func TestGoldenRows(t *testing.T) {
	path := filepath.Join("testdata", "v1", "rows.txt")
	if *update {
		writeRows(t, path)
	}
	golden, order := goldenLines(t, path)
	for kind := range rows {
		require.Contains(t, golden, fmt.Sprintf("row-%d/full", kind), "no golden bytes: go test -run TestGoldenRows -update")
	}
	for name := range grownRows {
		require.Contains(t, golden, name, "no golden bytes: go test -run TestGoldenRows -update")
	}
	for _, name := range order {
		t.Run(name, func(t *testing.T) {
			var kind retail.RowType
			what, how, _ := strings.Cut(name, "/")
			_, err := fmt.Sscanf(what, "row-%d", &kind)
			require.NoError(t, err)
			want, grew := grownRows[name]
			if !grew {
				want = rows[kind]
			}
			if how == "minimal" {
				want = reflect.Zero(reflect.TypeOf(want)).Interface()
			}
			got := reflect.New(reflect.TypeOf(want))
			require.NoError(t, cbor.Unmarshal(golden[name], got.Interface()))
			require.Equal(t, encoded(t, want), encoded(t, got.Elem().Interface()))
			if how != "later" {
				require.Equal(t, hex.EncodeToString(golden[name]), encoded(t, want))
			}
		})
	}
}

// encoded is a body as it is sent, so that an empty list is the same as none.
func encoded(t *testing.T, body any) string {
	b, err := encMode.Marshal(body)
	require.NoError(t, err)
	return hex.EncodeToString(b)
}

// TestEveryKeyOfARowIsGolden: a key that no golden row fills could change its meaning unseen.
func TestEveryKeyOfARowIsGolden(t *testing.T) {
	for kind, body := range rows {
		v := reflect.ValueOf(body)
		for i := range v.NumField() {
			grew := slices.ContainsFunc(slices.Collect(maps.Values(grownRows)), func(g any) bool {
				return reflect.TypeOf(g) == v.Type() && !reflect.ValueOf(g).Field(i).IsZero()
			})
			require.True(t, grew || !v.Field(i).IsZero(), "row %d, %s", kind, v.Type().Field(i).Name)
		}
	}
}

// writeRows appends what has no golden bytes yet.
func writeRows(t *testing.T, path string) {
	golden, order := goldenLines(t, path)
	var out strings.Builder
	for _, name := range order {
		fmt.Fprintf(&out, "%s %x\n", name, golden[name])
	}
	for _, kind := range slices.Sorted(maps.Keys(rows)) {
		name := fmt.Sprintf("row-%d", kind)
		if golden[name+"/full"] != nil {
			continue
		}
		full, err := encMode.Marshal(rows[kind])
		require.NoError(t, err)
		least, err := encMode.Marshal(reflect.Zero(reflect.TypeOf(rows[kind])).Interface())
		require.NoError(t, err)
		fmt.Fprintf(&out, "%s/full %x\n%s/later %x\n%s/minimal %x\n", name, full, name, grown(t, full), name, least)
	}
	for _, name := range slices.Sorted(maps.Keys(grownRows)) {
		if golden[name] == nil {
			fmt.Fprintf(&out, "%s %s\n", name, encoded(t, grownRows[name]))
		}
	}
	require.NoError(t, os.WriteFile(path, []byte(out.String()), 0o644))
}

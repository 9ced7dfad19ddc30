package journal_test

import (
	"bytes"
	"encoding/hex"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"comptant/shared/journal"
	"comptant/shared/retail"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden bytes of entries that have none yet")

// later is a key no version has yet.
const later = 99

var (
	product = uuid.MustParse("01930000-0000-7000-8000-0000000000a1")
	cashier = uuid.MustParse("01930000-0000-7000-8000-0000000000b1")
	other   = uuid.MustParse("01930000-0000-7000-8000-0000000000c1")
	receipt = retail.ReceiptID{Till: other, Epoch: 1, Number: 4218}
	end     = retail.ChainEnd{Epoch: 2, Seq: 300, Hash: bytes.Repeat([]byte{0xaa}, 32)}
	line    = retail.Line{
		Product: product, SKU: "CAF-250", Name: "Café 250 g", Quantity: 2000, UnitPrice: 899, Discount: 100, Amount: 1698, Class: 2,
	}
	tax = retail.Tax{
		Code: "TPS", Rate: 5000, Base: 1698, Amount: 85, Registration: "R123", Included: true, Classes: []retail.TaxClass{2},
		Name: retail.Text{FR: "TPS", EN: "GST"},
	}
	cash  = retail.Tender{Kind: retail.TenderCash, Amount: 1000, Given: 2000}
	card  = retail.Tender{Kind: retail.TenderCard, Amount: 783, Approval: "A1B2", LastFour: "4242"}
	parts = []retail.RefundPart{{Of: 1, Quantity: 1500}}
	stock = []retail.StockLine{{Product: product, Quantity: 12000}}
)

// full are the bodies of version 1 with every key filled.
var full = map[journal.Kind]any{
	journal.KindEpochOpen: retail.EpochOpen{
		Nonce: []byte("sixteen bytes ok"), Store: other, Reason: retail.EpochRestored, File: end, Sentinel: end,
	},
	journal.KindSale: retail.Sale{
		Number: 7, BusinessDate: 20261122, Currency: "CAD", Prices: 5000, Lines: []retail.Line{line}, Taxes: []retail.Tax{tax},
		Tenders: []retail.Tender{cash, card}, Total: 1783, Rounding: -3,
	},
	journal.KindRefund: retail.Refund{
		Number: 8, BusinessDate: 20261123, Currency: "CAD", Receipt: receipt, Lines: []retail.RefundLine{{Of: 1, Line: line}},
		Taxes: []retail.Tax{tax}, Tenders: []retail.Tender{card}, Total: 783, Rounding: 2, Reason: "damaged", Approver: cashier, Hold: other,
	},
	journal.KindVoid: retail.Void{
		Number: 9, BusinessDate: 20261123, Currency: "CAD", Receipt: receipt, Lines: []retail.RefundLine{{Of: 1, Line: line}},
		Taxes: []retail.Tax{tax}, Tenders: []retail.Tender{card}, Total: 783, Rounding: 2, Reason: "mistake", Approver: cashier,
	},
	journal.KindOverride: retail.Override{
		Deed: retail.DeedPrice, BusinessDate: 20261122, Reason: "label", Approver: cashier, Product: product, Quantity: 2000,
		Amount: 100, Was: 899, Price: 849,
	},
	journal.KindDrawerOpen:     retail.DrawerOpen{BusinessDate: 20261122, Reason: "change", Approver: cashier},
	journal.KindRefundHold:     retail.RefundHold{ID: other, Receipt: receipt, For: till, Parts: parts, Before: parts, Released: true},
	journal.KindShiftOpen:      retail.ShiftOpen{Shift: 3, BusinessDate: 20261122, Float: 20000},
	journal.KindRestockRequest: retail.RestockRequest{ID: other, Lines: stock},
	journal.KindReceive:        retail.Receive{Shipment: other, Lines: stock},
	journal.KindTransferOut:    retail.TransferOut{ID: other, To: till, Lines: stock, Approver: cashier},
	journal.KindSignIn:         retail.SignIn{Name: "Alice Tremblay"},
	journal.KindCount:          retail.Count{Session: other, Product: product, Quantity: 37500, Done: true},
	journal.KindCashMove: retail.CashMove{
		BusinessDate: 20261122, Currency: "CAD", Amount: -5000, Reason: retail.CashSafe, Note: "dépôt",
	},
	journal.KindShiftClose: retail.ShiftClose{
		Number: 4, Shift: 3, BusinessDate: 20261122, Currency: "CAD", Opened: end, Float: 20000, Count: []retail.Denomination{
			{Value: 2000, Count: 9}, {Value: 25, Roll: 40, Count: 2},
		}, Counted: 20000, Expected: 20700, Difference: -700, Perpetual: 1_000_000, Waiting: 143, OpenedAt: 1_763_800_000_000,
		Totals: retail.ShiftTotals{
			Tickets: 2, Sold: 1783, Refunds: 1, Refunded: 783, Voids: 1, Discounts: 100, Revenue: 915, Rounding: -5,
			Taxes:   []retail.TaxTotal{{Code: "TPS", Rate: 5000, Name: retail.Text{FR: "TPS", EN: "GST"}, Base: 915, Amount: 85}},
			Tenders: []retail.TenderTotal{{Kind: retail.TenderCash, In: 1000, Out: 300}, {Kind: retail.TenderCard, In: 783, Out: 488}},
			CashIn:  5000, CashOut: 5000, First: receipt, Last: receipt,
		},
	},
	journal.KindChainHead: retail.ChainHead{Head: end, Sig: bytes.Repeat([]byte{0xbb}, 64)},
	journal.KindClock:     retail.Clock{Epoch: 2, From: 7, To: 40, Correction: -3_600_000, Error: 12},

	journal.KindOrderAccept: retail.OrderAnswer{Order: other, Attempt: 2},
	journal.KindOrderShort:  retail.OrderMissing{Order: other, Attempt: 2, Lines: stock},
	journal.KindOrderReady:  retail.OrderAnswer{Order: other, Attempt: 2},
}

// discounted is a sale with the keys that say why its prices are what they are.
var discounted = retail.Sale{
	Number: 7, BusinessDate: 20261122, Currency: "CAD", Prices: 5000, Lines: []retail.Line{{
		Product: product, SKU: "CAF-250", Name: "Café 250 g", Quantity: 2000, UnitPrice: 849, Discount: 270, Amount: 1428, Class: 2,
		Off: retail.Discount{Rate: 10_000, Reason: "damaged"}, Share: 100, Reason: "label", List: 899, Note: "sans couvercle",
	}}, Taxes: []retail.Tax{tax}, Tenders: []retail.Tender{cash}, Total: 1428, Rounding: 2,
	Off:       retail.Discount{Amount: 100, Reason: "loyal"},
	Approvals: []retail.Approval{{Deed: retail.DeedPrice, By: cashier, Reason: "label"}}, Note: "reviendra",
}

// charged is a sale with deposits and fees, and with a class that depends on the rest of the sale.
var charged = retail.Sale{
	Number: 8, BusinessDate: 20261122, Currency: "CAD", Prices: 5000, Lines: []retail.Line{{
		Product: product, SKU: "COL-355", Name: "Cola, 355 ml", Quantity: 2000, UnitPrice: 189, Amount: 378, Class: 2,
		Charges: []retail.Charge{
			{Code: "CONSIGNE-10", Name: retail.Text{FR: "Consigne", EN: "Deposit"}, Unit: 10, Class: 3, Amount: 20, Within: 3},
		},
		Rule: retail.ClassRule{Group: "single-serving", From: 6000, Class: 2, Below: 1},
	}}, Taxes: []retail.Tax{tax}, Tenders: []retail.Tender{cash}, Total: 398, Rounding: 2,
}

// owned is a sale of somebody: the id, and nothing else of them.
var owned = retail.Sale{
	Number: 9, BusinessDate: 20261122, Currency: "CAD", Lines: []retail.Line{line}, Tenders: []retail.Tender{cash}, Total: 1698, Customer: other,
}

// euros is a sale in another currency, which rounds what is paid in cash to one cent.
var euros = retail.Sale{
	Number: 10, BusinessDate: 20261122, Currency: "EUR", Lines: []retail.Line{line}, Taxes: []retail.Tax{tax}, Tenders: []retail.Tender{cash},
	Total: 1698, CashStep: 1,
}

// chargedClose is a Z with deposits and fees.
var chargedClose = retail.ShiftClose{
	Number: 5, Shift: 4, BusinessDate: 20261122, Currency: "CAD", Opened: end, Totals: retail.ShiftTotals{
		Charges: []retail.ChargeTotal{{Code: "CONSIGNE-10", Name: retail.Text{FR: "Consigne", EN: "Deposit"}, Amount: 20}},
	},
}

// handedOver is a sale that hands an order of the shop over, which was paid there.
var handedOver = retail.Sale{
	Number: 11, BusinessDate: 20261122, Currency: "CAD", Prices: 5000, Lines: []retail.Line{line}, Taxes: []retail.Tax{tax},
	Tenders: []retail.Tender{{Kind: retail.TenderOnline, Amount: 1698, Approval: "P-77", LastFour: "4242"}}, Total: 1698,
	Customer: other, Order: product, OrderCode: "W-000042",
}

// undefined are the kinds whose number is taken and whose body no version has yet.
var undefined = []journal.Kind{journal.KindAdjust, journal.KindTransferIn, journal.KindOrderCollected}

func TestEveryKindIsGoldenOrNotYetDefined(t *testing.T) {
	kinds := append(slices.Collect(maps.Keys(full)), undefined...)
	slices.Sort(kinds)
	require.Equal(t, kinds, slices.Compact(slices.Clone(kinds)), "one or the other")
	for i, k := range kinds {
		require.EqualValues(t, i+1, k)
	}
	last := kinds[len(kinds)-1]
	require.NotEqual(t, fmt.Sprintf("kind-%d", last), last.String())
	require.Equal(t, fmt.Sprintf("kind-%d", last+1), (last + 1).String(), "a new kind belongs in this test")
}

// shape is one way an entry of a kind may look.
type shape struct {
	entry journal.Entry
	body  any
}

// shapes are, of every kind, the least entry and one that has everything.
func shapes() map[string]shape {
	all := map[string]shape{}
	for kind, body := range full {
		least := reflect.Zero(reflect.TypeOf(body)).Interface()
		all[kind.String()+"/minimal"] = shape{journal.Entry{Version: 1, Kind: kind}, least}
		all[kind.String()+"/full"] = shape{journal.Entry{
			Version: 1, Kind: kind, Time: 1_763_800_000_123, Offset: -250, Error: 40, Shift: 3, User: cashier,
		}, body}
	}
	all["refund/doubt"] = shape{journal.Entry{Version: 1, Kind: journal.KindRefund, User: cashier}, retail.Refund{
		Number: 8, BusinessDate: 20261123, Currency: "CAD", Receipt: receipt, Lines: []retail.RefundLine{{Of: 1, Line: line}},
		Tenders: []retail.Tender{card}, Total: 783, Reason: "defect", Approver: cashier, Doubt: true,
	}}
	all["refund/written-off"] = shape{journal.Entry{Version: 1, Kind: journal.KindRefund, User: cashier}, retail.Refund{
		Number: 8, BusinessDate: 20261123, Currency: "CAD", Receipt: receipt, Lines: []retail.RefundLine{{Of: 1, Line: line}},
		Tenders: []retail.Tender{card}, Total: 783, Reason: "defect", WriteOff: true,
	}}
	all["refund-hold/doubt"] = shape{
		journal.Entry{Version: 1, Kind: journal.KindRefundHold},
		retail.RefundHold{ID: other, Receipt: receipt, For: till, Before: parts, Doubt: true},
	}
	all["sale/charged"] = shape{journal.Entry{Version: 1, Kind: journal.KindSale, User: cashier}, charged}
	all["shift-close/charged"] = shape{journal.Entry{Version: 1, Kind: journal.KindShiftClose, User: cashier}, chargedClose}
	all["sale/owned"] = shape{journal.Entry{Version: 1, Kind: journal.KindSale, User: cashier}, owned}
	all["sale/euros"] = shape{journal.Entry{Version: 1, Kind: journal.KindSale, User: cashier}, euros}
	all["shift-open/counted"] = shape{journal.Entry{Version: 1, Kind: journal.KindShiftOpen, User: cashier}, retail.ShiftOpen{
		Shift: 4, BusinessDate: 20261123, Float: 20500, Count: []retail.Denomination{{Value: 2000, Count: 10}, {Value: 25, Roll: 40, Count: 0}, {Value: 500, Count: 1}},
	}}
	all["shift-open/confirmed"] = shape{journal.Entry{Version: 1, Kind: journal.KindShiftOpen, User: cashier}, retail.ShiftOpen{
		Shift: 5, BusinessDate: 20261124, Float: 20000, Uncertain: true, Confirmed: true,
	}}
	all["sale/order"] = shape{journal.Entry{Version: 1, Kind: journal.KindSale, User: cashier}, handedOver}
	all["sale/discounted"] = shape{journal.Entry{Version: 1, Kind: journal.KindSale, User: cashier}, discounted}
	return all
}

// TestGoldenEntries reads what tills have written, for ever. A line of the file is never changed.
func TestGoldenEntries(t *testing.T) {
	path := filepath.Join("testdata", "v1", "entries.txt")
	golden, order := read(t, path)
	want := shapes()
	if *update {
		write(t, path, golden, order, want)
		golden, order = read(t, path)
	}
	for name := range want {
		require.Contains(t, golden, name, "no golden bytes: go test -run TestGoldenEntries -update")
	}
	entries := make([][]byte, len(order))
	for i, name := range order {
		entries[i] = golden[name]
		t.Run(name, func(t *testing.T) {
			kind, how, _ := strings.Cut(name, "/")
			switch how {
			case "minimal", "full", "discounted", "charged", "owned", "doubt", "written-off", "euros", "counted", "confirmed", "order":
				same(t, golden[name], want[name])
				again, err := journal.Encode(want[name].entry, want[name].body)
				require.NoError(t, err)
				require.Equal(t, hex.EncodeToString(golden[name]), hex.EncodeToString(again))
			case "later":
				same(t, golden[name], want[kind+"/full"])
			default:
				t.Fatalf("no such shape: %s", name)
			}
		})
	}
	// The bytes are what is chained: keys nobody knows here are under the hash.
	head := journal.Chain(till, 1, 1, journal.Genesis(till, 1), entries[:24])[23].Hash
	require.Equal(t, goldenHead, head.String())
}

// same decodes an entry and compares it, its body included.
func same(t *testing.T, b []byte, want shape) {
	t.Helper()
	e, err := journal.Decode(b)
	require.NoError(t, err)
	body, err := decodeBody(e)
	require.NoError(t, err)
	require.Equal(t, want.body, body)
	e.Body = nil
	require.Equal(t, want.entry, e)
}

// decodeBody reads the body as the kind's type.
func decodeBody(e journal.Entry) (any, error) {
	switch e.Kind {
	case journal.KindEpochOpen:
		return journal.DecodeBody[retail.EpochOpen](e)
	case journal.KindSale:
		return journal.DecodeBody[retail.Sale](e)
	case journal.KindRefund:
		return journal.DecodeBody[retail.Refund](e)
	case journal.KindRefundHold:
		return journal.DecodeBody[retail.RefundHold](e)
	case journal.KindVoid:
		return journal.DecodeBody[retail.Void](e)
	case journal.KindOverride:
		return journal.DecodeBody[retail.Override](e)
	case journal.KindDrawerOpen:
		return journal.DecodeBody[retail.DrawerOpen](e)
	case journal.KindShiftOpen:
		return journal.DecodeBody[retail.ShiftOpen](e)
	case journal.KindRestockRequest:
		return journal.DecodeBody[retail.RestockRequest](e)
	case journal.KindReceive:
		return journal.DecodeBody[retail.Receive](e)
	case journal.KindTransferOut:
		return journal.DecodeBody[retail.TransferOut](e)
	case journal.KindCount:
		return journal.DecodeBody[retail.Count](e)
	case journal.KindCashMove:
		return journal.DecodeBody[retail.CashMove](e)
	case journal.KindShiftClose:
		return journal.DecodeBody[retail.ShiftClose](e)
	case journal.KindChainHead:
		return journal.DecodeBody[retail.ChainHead](e)
	case journal.KindClock:
		return journal.DecodeBody[retail.Clock](e)
	case journal.KindSignIn:
		return journal.DecodeBody[retail.SignIn](e)
	case journal.KindOrderAccept, journal.KindOrderReady:
		return journal.DecodeBody[retail.OrderAnswer](e)
	case journal.KindOrderShort:
		return journal.DecodeBody[retail.OrderMissing](e)
	}
	return nil, fmt.Errorf("no body of %s", e.Kind)
}

// read gives the lines of a golden file, "name hex", and their order.
func read(t *testing.T, path string) (map[string][]byte, []string) {
	text, err := os.ReadFile(path)
	if !*update {
		require.NoError(t, err)
	}
	golden, order := map[string][]byte{}, []string(nil)
	for l := range strings.Lines(string(text)) {
		name, digits, ok := strings.Cut(strings.TrimSpace(l), " ")
		require.True(t, ok, l)
		b, err := hex.DecodeString(digits)
		require.NoError(t, err, name)
		require.NotContains(t, golden, name)
		golden[name], order = b, append(order, name)
	}
	return golden, order
}

// write appends what has no golden bytes yet.
func write(t *testing.T, path string, golden map[string][]byte, order []string, want map[string]shape) {
	var text strings.Builder
	for _, name := range order {
		fmt.Fprintf(&text, "%s %x\n", name, golden[name])
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if golden[name] != nil {
			continue
		}
		b, err := journal.Encode(want[name].entry, want[name].body)
		require.NoError(t, err)
		fmt.Fprintf(&text, "%s %x\n", name, b)
		if kind, ok := strings.CutSuffix(name, "/full"); ok {
			fmt.Fprintf(&text, "%s/later %x\n", kind, grown(t, b))
		}
	}
	require.NoError(t, os.WriteFile(path, []byte(text.String()), 0o644))
}

// grown adds a key of a later version to every map of an entry.
func grown(t *testing.T, b []byte) []byte {
	var v any
	require.NoError(t, cbor.Unmarshal(b, &v))
	mode, err := cbor.CoreDetEncOptions().EncMode()
	require.NoError(t, err)
	out, err := mode.Marshal(grow(v))
	require.NoError(t, err)
	return out
}

func grow(v any) any {
	switch v := v.(type) {
	case map[any]any:
		for k := range v {
			v[k] = grow(v[k])
		}
		v[uint64(later)] = map[uint64]any{1: "of a later version"}
		return v
	case []any:
		for i := range v {
			v[i] = grow(v[i])
		}
	}
	return v
}

// TestWhatALaterTillWrites is stored and chained as it is, and not read.
func TestWhatALaterTillWrites(t *testing.T) {
	newKind, err := hex.DecodeString("a5000101186302000650" + strings.Repeat("00", 16) + "07a10163616263")
	require.NoError(t, err)
	e, err := journal.Decode(newKind)
	require.NoError(t, err)
	require.Equal(t, "kind-99", e.Kind.String())

	newVersion, err := hex.DecodeString("a5000201020200" + "0650" + strings.Repeat("00", 16) + "07a1016461626364")
	require.NoError(t, err)
	e, err = journal.Decode(newVersion)
	require.NoError(t, err)
	require.Equal(t, journal.KindSale, e.Kind)
	_, err = journal.DecodeBody[retail.Sale](e)
	require.ErrorContains(t, err, "newer")

	v := journal.NewVerifier(till, 1)
	for _, l := range journal.Chain(till, 1, 1, journal.Genesis(till, 1), [][]byte{newKind, newVersion}) {
		require.NoError(t, v.Add(l))
	}
}

const goldenHead = "8aa98b1268345278ef6554c57145c5cf9ced2d05bdeac3d6c6e0f01ab6e65463"

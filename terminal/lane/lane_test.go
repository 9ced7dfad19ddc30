package lane_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/shared/secret"
	"comptant/sync/wire"
	"comptant/terminal/lane"
	"comptant/terminal/ledger"
	"comptant/terminal/till"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func id() uuid.UUID { return uuid.Must(uuid.NewV7()) }

// enrolled makes the folder of a till that never saw headquarters again.
func enrolled(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	require.NoError(t, ledger.Enrol(t.Context(), dir, ledger.Enrolment{
		Till: id(), Number: 1, Currency: "CAD", URL: "http://127.0.0.1:1", Key: private, HQKey: public, Epoch: 1,
		Store: retail.Location{ID: id(), Code: "CV", Name: "Magasin Centre-Ville", Zone: "America/Toronto"},
	}))
	return dir
}

func open(t *testing.T, dir string) *lane.Lane {
	t.Helper()
	l, err := lane.Open(t.Context(), lane.Config{
		Dir: dir, App: "test", Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
		Dial: func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no network") },
	})
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// publish puts rows into the lane's copy of the global feed, as the link would.
func publish(t *testing.T, l *lane.Lane, bodies map[retail.RowType]any) {
	t.Helper()
	var rows []wire.Row
	for kind, body := range bodies {
		raw, err := cbor.Marshal(body)
		require.NoError(t, err)
		rows = append(rows, wire.Row{Seq: uint64(len(rows) + 1), Type: kind, ID: id(), Body: raw})
	}
	publishRows(t, l, rows)
}

func publishRows(t *testing.T, l *lane.Lane, rows []wire.Row) {
	t.Helper()
	page := wire.Changes{Feed: "global", Gen: 1, Upto: uint64(len(rows)), Rows: rows}
	for _, row := range rows {
		page.Digest += wire.RowHash(row.Type, row.ID, row.Seq, row.Body)
	}
	require.NoError(t, l.Ledger.Follow(t.Context(), []string{"global"}))
	require.NoError(t, l.Ledger.Publish(t.Context(), page))
}

// The lane sells with no network, and again after a restart.
func TestSellsWithoutNetwork(t *testing.T) {
	dir := enrolled(t)
	l := open(t, dir)
	pin, err := secret.Hash("1234", secret.Params{Memory: 8, Time: 1, Threads: 1})
	require.NoError(t, err)
	alice := retail.Staff{ID: id(), Name: "Alice", Role: retail.RoleCashier, PIN: pin, Lang: "fr"}
	coffee := retail.Product{
		ID: id(), SKU: "100204", Name: retail.Text{FR: "Café filtre", EN: "Coffee"}, Price: 199, Class: retail.Taxable,
	}
	publish(t, l, map[retail.RowType]any{
		retail.RowStaff: alice, retail.RowProduct: coffee,
		retail.RowTaxRate: retail.TaxRate{
			ID: id(), Code: "TPS", Rate: 5000, Classes: []retail.TaxClass{retail.Taxable}, From: 20080101,
		},
	})
	ctx, cancel := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- l.Run(ctx) }()
	changed := make(chan struct{}, 100)
	l.OnChange(func() { changed <- struct{}{} })

	sell := func(l *lane.Lane) *till.Sold {
		require.NoError(t, l.Till.SignIn(t.Context(), alice.ID, "1234"))
		if !l.Till.Shift().Open() {
			require.NoError(t, l.Till.OpenShift(t.Context(), 20000))
		}
		s, err := l.Till.Scan(t.Context(), "2*100204")
		require.NoError(t, err)
		require.True(t, s.Known)
		p, err := l.Till.StartPayment()
		require.NoError(t, err)
		p, err = l.Till.TenderCash(t.Context(), p.Turn, 2000)
		require.NoError(t, err)
		require.NotNil(t, p.Sold)
		require.NoError(t, <-p.Sold.Printed)
		return p.Sold
	}
	first := sell(l)
	require.Equal(t, uint64(1), first.Receipt.Number)
	require.FileExists(t, filepath.Join(dir, "receipts", first.Code+".pdf"))
	<-changed
	status, err := l.Till.Status(t.Context())
	require.NoError(t, err)
	require.False(t, status.Online)
	require.Equal(t, 4, status.Count, "epoch-open, sign-in, shift-open, sale")
	cancel()
	require.NoError(t, <-ran)
	require.NoError(t, l.Close())

	l = open(t, dir)
	second := sell(l)
	require.Equal(t, uint64(2), second.Receipt.Number)
	requireChain(t, l)
}

// Prices change at their moment with no network, and each sale says which it was made at; what is on an open ticket stays
// as it was scanned.
func TestPricesChangeAtTheirMomentOffline(t *testing.T) {
	moment := time.Date(2026, 11, 30, 11, 0, 0, 0, time.UTC)
	now := moment.Add(-time.Hour)
	l, err := lane.Open(t.Context(), lane.Config{
		Dir: enrolled(t), App: "test", Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Now: func() time.Time { return now },
	})
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	pin, err := secret.Hash("1234", secret.Params{Memory: 8, Time: 1, Threads: 1})
	require.NoError(t, err)
	alice := retail.Staff{ID: id(), Name: "Alice", Role: retail.RoleCashier, PIN: pin, Lang: "fr"}
	coffee := retail.Product{ID: id(), SKU: "100204", Name: retail.Text{FR: "Café filtre"}, Price: 199, Class: retail.Exempt}
	var rows []wire.Row
	row := func(kind retail.RowType, id uuid.UUID, body any) {
		raw, err := cbor.Marshal(body)
		require.NoError(t, err)
		rows = append(rows, wire.Row{Seq: uint64(len(rows) + 1), Type: kind, ID: id, Body: raw})
	}
	row(retail.RowStaff, alice.ID, alice)
	row(retail.RowProduct, coffee.ID, coffee)
	row(retail.RowPriceBook, uuid.Nil, retail.PriceBook{Version: 11})
	row(retail.RowPriceBook, id(), retail.PriceBook{
		Version: 12, From: moment.UnixMilli(), Lines: []retail.PriceLine{{Product: coffee.ID, Price: 219}},
	})
	publishRows(t, l, rows)
	require.NoError(t, l.Ledger.Measured(t.Context(), now, time.Millisecond))
	require.NoError(t, l.Till.SignIn(t.Context(), alice.ID, "1234"))
	require.NoError(t, l.Till.OpenShift(t.Context(), 20000))
	scan := func() {
		_, err := l.Till.Scan(t.Context(), coffee.SKU)
		require.NoError(t, err)
	}
	pay := func() retail.Sale {
		p, err := l.Till.StartPayment()
		require.NoError(t, err)
		p, err = l.Till.TenderCard(t.Context(), p.Turn, p.Left, "1", "4417")
		require.NoError(t, err)
		require.NoError(t, <-p.Sold.Printed)
		return p.Sold.Receipt.Sale
	}
	now = moment.Add(-time.Millisecond)
	scan()
	sale := pay()
	require.EqualValues(t, 199, sale.Total)
	require.EqualValues(t, 11, sale.Prices)
	status, err := l.Till.Status(t.Context())
	require.NoError(t, err)
	require.Equal(t, till.NextPrices{Version: 12, From: moment}, status.NextPrices)

	scan()
	now = moment
	require.EqualValues(t, 199, l.Till.Ticket().Total, "scanned before")
	sale = pay()
	require.EqualValues(t, 199, sale.Total)
	require.EqualValues(t, 11, sale.Prices)

	now = now.Add(-time.Millisecond)
	scan()
	now = moment
	scan()
	sale = pay()
	require.EqualValues(t, 199+219, sale.Total, "each as it was scanned")
	require.EqualValues(t, 12, sale.Prices)
}

func requireChain(t *testing.T, l *lane.Lane) {
	t.Helper()
	epochs, err := l.Ledger.Epochs(t.Context())
	require.NoError(t, err)
	require.Len(t, epochs, 1)
	b, err := l.Ledger.Read(t.Context(), wire.Path{Epoch: 1}, 0, 100, 1<<20)
	require.NoError(t, err)
	v := journal.NewVerifier(l.Ledger.Enrolment().Till, 1)
	for _, k := range journal.Chain(l.Ledger.Enrolment().Till, 1, b.First, b.Prev, b.Entries) {
		require.NoError(t, v.Add(k))
	}
	_, head := v.Head()
	require.Equal(t, epochs[0].Hash, head)
}

func TestEnrol(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "till")
	reply := `{"till":"0192aaaa-0000-7000-8000-000000000001","number":3,"store":"0192aaaa-0000-7000-8000-000000000002",
		"code":"ND","name":"Magasin Nord","zone":"America/Toronto","currency":"CAD","epoch":100,
		"hq":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}`
	hq := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		require.Equal(t, wire.EnrolPath, r.URL.Path)
		_, _ = w.Write([]byte(reply))
	}))
	defer hq.Close()
	require.NoError(t, lane.Enrol(t.Context(), dir, hq.URL, "CODE", "test"))
	l := open(t, dir)
	got := l.Till.Identity()
	require.Equal(t, 3, got.Number)
	require.Equal(t, "ND", got.Store.Code)
	require.Equal(t, hq.URL, l.Ledger.Enrolment().URL)
	epochs, err := l.Ledger.Epochs(t.Context())
	require.NoError(t, err)
	require.Equal(t, uint64(100), epochs[0].Epoch)

	info, err := os.Stat(dir)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm(), "the device's key is inside")
	_, err = lane.Open(t.Context(), lane.Config{Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	require.ErrorIs(t, err, ledger.ErrNotEnrolled)
}

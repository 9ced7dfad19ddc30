package lane_test

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/shared/secret"
	"comptant/sync/wire"
	"comptant/terminal/till"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/require"
)

// A training leaves every file of the till as it was, byte for byte: database, its log, sentinel, ticket, identity.
func TestATrainingLeavesTheFilesAsTheyWere(t *testing.T) {
	dir := enrolled(t)
	l := open(t, dir)
	pin, err := secret.Hash("1234", secret.Params{Memory: 8, Time: 1, Threads: 1})
	require.NoError(t, err)
	alice := retail.Staff{ID: id(), Name: "Alice", Role: retail.RoleCashier, PIN: pin, Lang: "fr"}
	sophie := retail.Staff{ID: id(), Name: "Sophie", Role: retail.RoleSupervisor, PIN: pin, Lang: "fr"}
	syrup := retail.Product{ID: id(), SKU: "204310", Name: retail.Text{FR: "Sirop"}, Price: 1149, Class: retail.ZeroRated}
	var rows []wire.Row
	for _, row := range []struct {
		kind retail.RowType
		body any
	}{{retail.RowStaff, alice}, {retail.RowStaff, sophie}, {retail.RowProduct, syrup}} {
		raw, err := cbor.Marshal(row.body)
		require.NoError(t, err)
		rows = append(rows, wire.Row{Seq: uint64(len(rows) + 1), Type: row.kind, ID: id(), Body: raw})
	}
	rows[2].ID = syrup.ID
	publishRows(t, l, rows)
	ctx := t.Context()
	require.NoError(t, l.Till.SignIn(ctx, alice.ID, "1234"))
	require.NoError(t, l.Till.OpenShift(ctx, 20000))
	sell := func() till.Payment {
		s, err := l.Till.Scan(ctx, "2*204310")
		require.NoError(t, err)
		require.True(t, s.Known)
		p, err := l.Till.StartPayment()
		require.NoError(t, err)
		p, err = l.Till.TenderCash(ctx, p.Turn, 5000)
		require.NoError(t, err)
		require.NoError(t, <-p.Sold.Printed)
		return p
	}
	sell()
	stock, err := l.Ledger.StockOf(ctx, syrup.ID)
	require.NoError(t, err)

	before := filesOf(t, dir)
	by, err := l.Till.Approve(ctx, retail.Need{Deed: retail.DeedTraining}, sophie.ID, "1234", "training")
	require.NoError(t, err)
	require.NoError(t, l.Till.StartTraining(ctx, by))
	p := sell()
	r, err := l.Till.Refundable(ctx, 0, 1)
	require.NoError(t, err)
	_, err = l.Till.Refund(ctx, r, []retail.RefundPart{{Of: 0, Quantity: money.One}}, till.Payback{Kind: retail.TenderCash}, "mistake", till.Approval{})
	require.NoError(t, err)
	_, err = l.Till.Scan(ctx, "204310")
	require.NoError(t, err)
	require.NoError(t, l.Till.Hold(ctx, "Marie"))
	_, err = l.Till.Scan(ctx, "204310")
	require.NoError(t, err)
	_, err = l.Till.RequestRestock(ctx, []retail.StockLine{{Product: syrup.ID, Quantity: 12 * money.One}})
	require.NoError(t, err)
	here, err := l.Ledger.StockOf(ctx, syrup.ID)
	require.NoError(t, err)
	require.Equal(t, stock, here, "what is sold in a training is still on the shelf")
	l.Till.Lock()
	l.Till.Close()
	require.FileExists(t, filepath.Join(dir, "receipts", p.Sold.Code+".pdf"))
	require.Equal(t, before, filesOf(t, dir))

	require.NoError(t, l.Till.SignIn(ctx, alice.ID, "1234"))
	require.Equal(t, uint64(2), sell().Sold.Receipt.Number)
	require.NotEqual(t, before, filesOf(t, dir), "what is real is written")
	requireChain(t, l)
}

// filesOf are all that the till keeps, but for what it printed and SQLite's own index of its log.
func filesOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && d.Name() == "receipts" {
			return errorOr(err, fs.SkipDir)
		}
		if d.IsDir() || strings.HasSuffix(path, "-shm") {
			return nil
		}
		b, err := os.ReadFile(path)
		files[strings.TrimPrefix(path, dir)] = fmt.Sprintf("%d bytes, %x", len(b), sha256.Sum256(b))
		return err
	}))
	require.NotEmpty(t, files)
	return files
}

func errorOr(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

package ledger

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"log/slog"
	"testing"
	"time"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/sync/wire"
	"comptant/terminal/till"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

var day = time.Date(2026, 11, 22, 15, 30, 0, 0, time.UTC)

// folder is an enrolled till's folder.
type folder struct {
	dir  string
	till uuid.UUID
}

func newFolder(t testing.TB) folder {
	t.Helper()
	f := folder{dir: t.TempDir(), till: uuid.Must(uuid.NewV7())}
	f.enrol(t, 100)
	return f
}

func (f folder) enrol(t testing.TB, epoch uint64) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	require.NoError(t, Enrol(t.Context(), f.dir, Enrolment{
		Till: f.till, Number: 1, Currency: "CAD", URL: "http://hq.test", Key: private, HQKey: public, Epoch: epoch,
		Store: retail.Location{ID: uuid.Must(uuid.NewV7()), Code: "CV", Name: "Magasin Centre-Ville", Zone: "America/Toronto"},
	}))
}

func (f folder) config(t testing.TB) Config {
	return Config{
		Dir: f.dir, App: "test", Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
		Now: func() time.Time { return day },
	}
}

// open opens the folder and closes it at the end of the test, unless shut did before.
func (f folder) open(t testing.TB) *Ledger {
	t.Helper()
	return openWith(t, f.config(t))
}

// openWith opens a folder that is configured otherwise.
func openWith(t testing.TB, cfg Config) *Ledger {
	t.Helper()
	l, err := Open(t.Context(), cfg)
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func shut(t testing.TB, l *Ledger) {
	t.Helper()
	require.NoError(t, l.Close())
}

var timbit, coffee = uuid.MustParse("0192aaaa-0000-7000-8000-000000000001"), uuid.MustParse("0192aaaa-0000-7000-8000-000000000002")

func line(product uuid.UUID, units int64, price money.Amount) retail.Line {
	q := money.Quantity(units) * money.One
	return retail.Line{
		Product: product, SKU: "T1", Name: "Timbit", Quantity: q, UnitPrice: price, Amount: price.Mul(q),
		Class: retail.Taxable,
	}
}

func saleDraft(lines ...retail.Line) till.Draft {
	var total money.Amount
	for _, l := range lines {
		total += l.Amount
	}
	return till.Draft{
		Kind: journal.KindSale, Shift: 1, Numbered: true,
		Body: func(number uint64) any {
			return retail.Sale{
				Number: number, BusinessDate: 20261122, Currency: "CAD", Prices: 7, Lines: lines, Total: total,
				Tenders: []retail.Tender{{Kind: retail.TenderCard, Amount: total, LastFour: "4242", Approval: "A1"}},
			}
		},
	}
}

func sell(t testing.TB, l *Ledger) till.Written {
	t.Helper()
	w, err := l.Commit(t.Context(), saleDraft(line(timbit, 3, 25), line(coffee, 1, 199)))
	require.NoError(t, err)
	return w
}

// requireSound checks everything that must hold of a folder: chains, gap-free receipts, counters and projections.
func requireSound(t testing.TB, l *Ledger) {
	t.Helper()
	ctx := context.Background()
	paths, err := l.Epochs(ctx)
	require.NoError(t, err)
	var entries, sales, refunds int
	for _, e := range paths {
		links, err := list(ctx, l.ledger.read, scanLink,
			`SELECT epoch, seq, prev, hash, bytes FROM path_entry WHERE epoch = ? AND branch = ? ORDER BY seq`, e.Epoch, e.Branch)
		require.NoError(t, err)
		requireChained(t, l, e, links)
		if e.Branch > 0 {
			continue
		}
		requireCount(t, l, len(links), `SELECT count(*) FROM entry WHERE epoch = ?`, e.Epoch)
		var number, gone, closes uint64
		for _, k := range links {
			entry, err := journal.Decode(k.Bytes)
			require.NoError(t, err)
			if entry.Kind == journal.KindShiftClose {
				z, err := journal.DecodeBody[retail.ShiftClose](entry)
				require.NoError(t, err)
				if closes++; closes == 1 && e.Floor > 0 {
					closes = z.Number
				}
				require.Equal(t, closes, z.Number, "epoch %d: Zs have no gap", e.Epoch)
				requireCount(t, l, 1, `SELECT count(*) FROM shift_close WHERE epoch = ? AND number = ? AND seq = ?`, e.Epoch, closes, k.Seq)
			}
			if entry.Kind == journal.KindRefund || entry.Kind == journal.KindVoid { // of the same keys
				refund, err := journal.DecodeBody[retail.Refund](entry)
				require.NoError(t, err)
				if number++; number == 1 && e.Floor > 0 {
					gone, number = refund.Number-1, refund.Number
				}
				require.Equal(t, number, refund.Number, "epoch %d: receipts have no gap", e.Epoch)
				requireCount(t, l, 1, `SELECT count(*) FROM (SELECT epoch, number, seq FROM refund UNION ALL SELECT epoch, number, seq FROM void)
					WHERE epoch = ? AND number = ? AND seq = ?`, e.Epoch, number, k.Seq)
				refunds++
			}
			if entry.Kind != journal.KindSale {
				continue
			}
			number++
			sale, err := journal.DecodeBody[retail.Sale](entry)
			require.NoError(t, err)
			if number == 1 && e.Floor > 0 {
				gone, number = sale.Number-1, sale.Number // the first ones were deleted
			}
			require.Equal(t, number, sale.Number, "epoch %d: receipts have no gap", e.Epoch)
			r, err := l.Receipt(ctx, e.Epoch, number)
			require.NoError(t, err)
			require.Equal(t, sale, r.Sale)
			requireCount(t, l, len(sale.Lines), `SELECT count(*) FROM sale_line WHERE epoch = ? AND number = ?`, e.Epoch, number)
			requireCount(t, l, len(sale.Tenders), `SELECT count(*) FROM sale_tender WHERE epoch = ? AND number = ?`, e.Epoch, number)
			requireCount(t, l, -int(sale.Units()), `SELECT sum(quantity) FROM movement WHERE epoch = ? AND seq = ?`, e.Epoch, k.Seq)
		}
		if closes > 0 || e.Floor == 0 {
			requireCount(t, l, int(closes), `SELECT closes FROM epoch WHERE epoch = ?`, e.Epoch)
		}
		if number > 0 || e.Floor == 0 {
			requireCount(t, l, int(number), `SELECT receipts FROM epoch WHERE epoch = ?`, e.Epoch)
		}
		entries, sales = entries+len(links), sales+int(number-gone)
	}
	sales -= refunds
	requireCount(t, l, entries, `SELECT count(*) FROM entry`)
	requireCount(t, l, sales, `SELECT count(*) FROM sale`)
	require.Equal(t, l.head.hash, l.sentinel.last.Hash, "the sentinel ends where the database does")
}

// requireChained checks that the entries of a path chain on to each other, from its floor to its end.
func requireChained(t testing.TB, l *Ledger, s wire.EpochState, links []journal.Link) {
	t.Helper()
	head, err := l.HashAt(context.Background(), s.Path(), s.Floor)
	require.NoError(t, err)
	for i, k := range links {
		require.Equal(t, s.Floor+uint64(i)+1, k.Seq)
		require.Equal(t, head, k.Prev)
		require.Equal(t, k.Hash, journal.Next(head, l.identity.Till, k.Epoch, k.Seq, k.Bytes))
		head = k.Hash
	}
	require.Equal(t, s.Last, s.Floor+uint64(len(links)))
	require.Equal(t, s.Hash, head)
}

func requireCount(t testing.TB, l *Ledger, want int, query string, args ...any) {
	t.Helper()
	n, _, err := one(context.Background(), l.ledger.read, value[int], query, args...)
	require.NoError(t, err)
	require.Equal(t, want, n, query)
}

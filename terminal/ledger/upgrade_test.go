package ledger

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"comptant/sync/wire"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// unpack puts a folder of testdata/upgrade somewhere.
func unpack(t *testing.T, path string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	plain, err := gzip.NewReader(f)
	require.NoError(t, err)
	for files := tar.NewReader(plain); ; {
		head, err := files.Next()
		if errors.Is(err, io.EOF) {
			return dir
		}
		require.NoError(t, err)
		if head.Typeflag != tar.TypeReg {
			continue
		}
		body, err := io.ReadAll(files)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, filepath.Base(head.Name)), body, 0o600))
	}
}

// sendable is every entry of a ledger as it would be sent: epoch, branch, number and bytes.
func sendable(t *testing.T, l *Ledger) (lines []string) {
	t.Helper()
	states, err := l.Epochs(t.Context())
	require.NoError(t, err)
	for _, s := range states {
		require.Zero(t, s.Acked)
		b, err := l.Read(t.Context(), s.Path(), 0, 1000, 1<<30)
		require.NoError(t, err)
		for i, e := range b.Entries {
			lines = append(lines, fmt.Sprintf("%d %d %d %x", s.Epoch, s.Branch, b.First+uint64(i), e))
		}
	}
	return lines
}

// A till's folder of every earlier schema is opened, and what it has not sent is sent as it was written: see
// testdata/upgrade.
func TestOldFolders(t *testing.T) {
	archives, err := filepath.Glob("testdata/upgrade/*.tgz")
	require.NoError(t, err)
	require.Len(t, archives, 6)
	for _, archive := range archives {
		t.Run(filepath.Base(archive), func(t *testing.T) {
			f := folder{dir: unpack(t, archive), till: uuid.MustParse("0192aaaa-0000-7000-8000-00000000000f")}
			raw, err := os.ReadFile(filepath.Join(f.dir, "entries"))
			require.NoError(t, err)
			written := strings.Split(strings.TrimSpace(string(raw)), "\n")
			require.Greater(t, len(written), 8)

			l := f.open(t)
			require.Equal(t, f.till, l.Identity().Till)
			require.Equal(t, "CV", l.Identity().Store.Code)
			require.Equal(t, written, sendable(t, l), "every entry, to the byte, and no other")
			requireSound(t, l)
			waiting, err := l.Waiting(t.Context())
			require.NoError(t, err)
			require.Equal(t, len(written), waiting.Count)
			shift, err := l.Shift(t.Context())
			require.NoError(t, err)
			require.True(t, shift.Open())
			oldSale, err := l.Receipt(t.Context(), 100, 1)
			require.NoError(t, err)
			require.EqualValues(t, 274, oldSale.Sale.Total)

			// It goes on in the same epoch, and says all of it once more after another start.
			before := l.head
			w := sell(t, l)
			require.Equal(t, before.epoch, w.Epoch)
			require.Equal(t, before.seq+1, w.Seq)
			require.Equal(t, before.receipt+1, w.Number)
			shut(t, l)
			l = f.open(t)
			require.Equal(t, written, withoutLast(t, l, w.Epoch))
			requireSound(t, l)
			shut(t, l)

			// Without the sentinel too, and in a copy put back as a backup of an earlier program would be.
			backup := filepath.Join(unpack(t, archive), ledgerFile)
			fresh := folder{dir: filepath.Join(t.TempDir(), "new"), till: f.till}
			require.NoError(t, PutBack(t.Context(), fresh.config(t), backup))
			again := fresh.open(t)
			require.Equal(t, before.epoch+1, again.head.epoch)
			require.Subset(t, sendable(t, again), written)
			requireSound(t, again)
		})
	}
}

// withoutLast is what would be sent but for the newest entry of an epoch's own path.
func withoutLast(t *testing.T, l *Ledger, epoch uint64) (lines []string) {
	t.Helper()
	p, ok, err := l.path(t.Context(), wire.Path{Epoch: epoch})
	require.NoError(t, err)
	require.True(t, ok)
	last := fmt.Sprintf("%d 0 %d ", epoch, p.Last)
	for _, line := range sendable(t, l) {
		if !strings.HasPrefix(line, last) {
			lines = append(lines, line)
		}
	}
	return lines
}

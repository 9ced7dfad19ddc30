package wire

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"comptant/shared/journal"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// device is the key of the exports below.
var device = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))

// chained is a run of small entries as a message.
func chained(epoch, first uint64, prev journal.Hash, n int) Entries {
	m := Entries{Epoch: epoch, First: first, Prev: prev}
	for i := range n {
		m.Entries = append(m.Entries, fmt.Appendf(nil, "entry %d", first+uint64(i)))
	}
	m.Head = journal.Chain(id, epoch, first, prev, m.Entries)[n-1].Hash
	return m
}

// exported is the file of these batches.
func exported(t require.TestingT, batches ...Entries) []byte {
	var file bytes.Buffer
	w, err := NewExport(&file, ExportHead{Till: id, Key: device.Public().(ed25519.PublicKey), HQ: []byte("hq"), Time: 5, App: "1.0"}, device)
	require.NoError(t, err)
	for _, b := range batches {
		require.NoError(t, w.Add(b))
	}
	require.NoError(t, w.Close())
	return file.Bytes()
}

func someBatches() []Entries {
	one := chained(1, 4, journal.Hash{1}, 3)
	two := chained(1, 7, one.Head, 2)
	hole := chained(1, 12, journal.Hash{9}, 1)
	hole.Hole = true
	return []Entries{one, two, hole, chained(2, 1, journal.Genesis(id, 2), 4)}
}

// readAll is what a reader makes of a file: all of it, or an error.
func readAll(file []byte) (batches []Entries, err error) {
	e, err := ReadExport(bytes.NewReader(file))
	if err != nil {
		return nil, err
	}
	if err := e.Verify(device.Public().(ed25519.PublicKey)); err != nil {
		return nil, err
	}
	for b, err := range e.Batches() {
		if err != nil {
			return nil, err
		}
		batches = append(batches, b)
	}
	return batches, nil
}

func TestExportComesBackAsItWas(t *testing.T) {
	want := someBatches()
	got, err := readAll(exported(t, want...))
	require.NoError(t, err)
	require.Equal(t, want, got)
	got, err = readAll(exported(t))
	require.NoError(t, err)
	require.Empty(t, got)
}

// Files that were written are read for ever.
func TestGoldenExport(t *testing.T) {
	path := filepath.Join("testdata", "v1", "export.txt")
	if _, err := os.Stat(path); *update && err != nil {
		require.NoError(t, os.WriteFile(path, fmt.Appendf(nil, "export %x\n", exported(t, someBatches()...)), 0o644))
	}
	golden, _ := goldenLines(t, path)
	got, err := readAll(golden["export"])
	require.NoError(t, err)
	require.Equal(t, someBatches(), got)
	require.Equal(t, hex.EncodeToString(golden["export"]), hex.EncodeToString(exported(t, someBatches()...)))
}

func TestExportIsTakenWholeOrNotAtAll(t *testing.T) {
	file := exported(t, someBatches()...)
	for n := range file {
		_, err := readAll(file[:n])
		if n < len(exportMagic) {
			require.ErrorIs(t, err, ErrNotExport, n)
		} else {
			require.ErrorIs(t, err, ErrCutOff, n)
		}
	}
	for i := range file {
		for _, bit := range []byte{1, 128} {
			bad := bytes.Clone(file)
			bad[i] ^= bit
			_, err := readAll(bad)
			require.Error(t, err, "bit %d of byte %d", bit, i)
		}
	}
	_, err := readAll(append(bytes.Clone(file), 0))
	require.ErrorIs(t, err, ErrDamaged)
	_, err = readAll([]byte("SKU,price\n204310,9.99\n"))
	require.ErrorIs(t, err, ErrNotExport)
	e, err := ReadExport(bytes.NewReader(file))
	require.NoError(t, err)
	other := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{8}, ed25519.SeedSize))
	require.ErrorIs(t, e.Verify(other.Public().(ed25519.PublicKey)), BadSignature)
}

// A signature is no proof of a chain: what does not chain on is refused all the same.
func TestExportVerifiesTheChain(t *testing.T) {
	good := someBatches()
	for name, spoil := range map[string]func(b []Entries) []Entries{
		"head":    func(b []Entries) []Entries { b[1].Head[0] ^= 1; return b },
		"bytes":   func(b []Entries) []Entries { b[0].Entries[1] = []byte("another"); return b },
		"lost":    func(b []Entries) []Entries { return append(b[:1:1], chained(1, 8, b[1].Head, 1)) },
		"order":   func(b []Entries) []Entries { b[0], b[1] = b[1], b[0]; return b },
		"parent":  func(b []Entries) []Entries { b[1] = chained(1, 7, journal.Hash{3}, 1); return b },
		"empty":   func(b []Entries) []Entries { b[1].Entries = nil; return b },
		"no hole": func(b []Entries) []Entries { b[2].Hole = false; return b },
	} {
		batches := make([]Entries, len(good))
		copy(batches, someBatches())
		_, err := readAll(exported(t, spoil(batches)...))
		require.ErrorIs(t, err, ErrDamaged, name)
	}
}

func TestExportLaw(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var batches []Entries
		prev, first := journal.Hash(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "prev")), rapid.Uint64Range(1, 1<<40).Draw(t, "first")
		for range rapid.IntRange(0, 4).Draw(t, "batches") {
			b := chained(3, first, prev, rapid.IntRange(1, 5).Draw(t, "entries"))
			batches = append(batches, b)
			prev, first = b.Head, first+uint64(len(b.Entries))
		}
		got, err := readAll(exported(t, batches...))
		require.NoError(t, err)
		require.Equal(t, batches, got)
	})
}

func FuzzReadExport(f *testing.F) {
	f.Add(exported(f, someBatches()...))
	f.Add(exported(f))
	f.Add([]byte(exportMagic))
	f.Fuzz(func(t *testing.T, file []byte) {
		e, err := ReadExport(bytes.NewReader(file))
		if err != nil {
			return
		}
		// Also what nobody signed must only be refused.
		seen := 0
		for b, err := range e.Batches() {
			if err != nil {
				require.ErrorIs(t, err, ErrDamaged)
				break
			}
			seen += len(b.Entries)
			links := journal.Chain(e.Head.Till, b.Epoch, b.First, b.Prev, b.Entries)
			require.Equal(t, b.Head, links[len(links)-1].Hash)
		}
		if e.Verify(device.Public().(ed25519.PublicKey)) == nil && seen > 0 {
			again, err := readAll(file)
			require.NoError(t, err)
			require.NotEmpty(t, again)
		}
	})
}

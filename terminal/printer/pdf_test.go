package printer_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"comptant/terminal/printer"

	"github.com/stretchr/testify/require"
)

func TestPDFIsOnePageWithEveryLine(t *testing.T) {
	r := receipt(t, "fr", taxes, cardThenCash)
	for range 5 {
		r.Sale.Lines = append(r.Sale.Lines, r.Sale.Lines...)
	}
	pdf, err := printer.PDF(printer.Receipt(r, printer.Sheet))
	require.NoError(t, err)
	require.True(t, bytes.HasPrefix(pdf, []byte("%PDF-")))
	require.Equal(t, 1, bytes.Count(pdf, []byte("/Type /Page\n")), "however long")
	require.Contains(t, string(pdf), "Re\xe7u\xa0CV-01-1-004218")
	require.Contains(t, string(pdf), "1\xa0268,24\xa0$")
	require.Contains(t, string(pdf), "/Subtype /Image", "the barcode")
}

func TestFolderNeverWritesOverAReceipt(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "receipts")
	f, err := printer.NewFolder(dir)
	require.NoError(t, err)
	r := receipt(t, "fr", taxes, card)
	require.NoError(t, f.Print(t.Context(), r))
	first, err := os.ReadFile(filepath.Join(dir, "CV-01-1-004218.pdf"))
	require.NoError(t, err)
	r.Copy = true
	require.NoError(t, f.Print(t.Context(), r))
	require.NoError(t, f.Print(t.Context(), r))
	again, err := os.ReadFile(filepath.Join(dir, "CV-01-1-004218.pdf"))
	require.NoError(t, err)
	require.Equal(t, first, again)
	second, err := os.ReadFile(filepath.Join(dir, "CV-01-1-004218-2.pdf"))
	require.NoError(t, err)
	require.Contains(t, string(second), "DUPLICATA")
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, files, 3, "and nothing half written stays")
}

func TestFolderSaysWhyItCannotPrint(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "receipts")
	f, err := printer.NewFolder(dir)
	require.NoError(t, err)
	r := receipt(t, "en", taxes, card)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, f.Print(ctx, r), context.Canceled)
	require.NoError(t, os.RemoveAll(dir))
	require.ErrorContains(t, f.Print(t.Context(), r), "print CV-01-1-004218")

	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err = printer.NewFolder(file)
	require.Error(t, err)
}

package printer_test

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"comptant/shared/retail"
	"comptant/terminal/printer"
	"comptant/terminal/printer/emulator"
	"comptant/terminal/printer/escpos"
	"comptant/terminal/till"

	"github.com/stretchr/testify/require"
)

func open(t *testing.T, target string) *printer.Queue {
	t.Helper()
	q, err := printer.Open(target, slog.New(slog.NewTextHandler(t.Output(), nil)))
	require.NoError(t, err)
	t.Cleanup(func() { q.Close() })
	return q
}

// What comes out of a printer is the layout: over a socket and over a device file, on both papers. SCREENS=folder draws it.
func TestPaper(t *testing.T) {
	for name, r := range map[string]retail.Receipt{
		"sale-fr":   receipt(t, "fr", taxes, cardThenCash),
		"sale-en":   receipt(t, "en", taxes, cardThenCash),
		"copy-fr":   duplicate(receipt(t, "fr", vat, exactCash)),
		"refund-fr": refunded(t, receipt(t, "fr", taxes, card), exactCash),
		"refund-en": refunded(t, receipt(t, "en", taxes, card), card),
	} {
		for options, paper := range map[string]printer.Paper{
			"?paper=80": {Columns: 48, Page: escpos.Latin},
			"?paper=58&page=CP858&logo=testdata/logo.png": {Columns: 32, Page: escpos.CP858},
		} {
			p := emulator.New(paper.Columns)
			t.Cleanup(p.Unplug)
			address, err := p.Listen()
			require.NoError(t, err)
			device := filepath.Join(t.TempDir(), "lp0")
			targets := []string{"tcp://" + address, "usb:" + device}
			if err := p.Device(device); errors.Is(err, errors.ErrUnsupported) {
				targets = targets[:1]
			} else {
				require.NoError(t, err)
			}
			want := printer.Receipt(r, paper)
			for _, target := range targets {
				q := open(t, target+options)
				require.NoError(t, q.Print(t.Context(), r))
				q.OpenDrawer()
				require.NoError(t, p.Err())
				cut := p.Seen().Cut()
				strip := cut[len(cut)-1]
				var lines []string
				for _, l := range want.Lines {
					lines = append(lines, l.Text)
				}
				require.Equal(t, append(lines, ""), strip.Lines())
				require.Equal(t, []string{r.Code()}, strip.Barcodes())
				require.Equal(t, till.PrinterState{}, q.State())
			}
			require.Len(t, p.Seen().Cut(), len(targets))
			require.NoError(t, p.Until(t.Context(), func(s emulator.Seen) bool { return s.Drawer > 0 }))
			draw(t, p.Seen().Cut()[0], name)
		}
	}
}

func draw(t *testing.T, s emulator.Strip, name string) {
	t.Helper()
	folder := os.Getenv("SCREENS")
	if folder == "" {
		return
	}
	folder = filepath.Join(folder, "paper")
	require.NoError(t, os.MkdirAll(folder, 0o755))
	width := map[int]string{48: "-80mm", 32: "-58mm"}[s.Columns]
	f, err := os.Create(filepath.Join(folder, name+width+".png"))
	require.NoError(t, err)
	require.NoError(t, s.PNG(f))
	require.NoError(t, f.Close())
}

// A printer that is unplugged, over its real socket and its real device file.
func TestUnplugged(t *testing.T) {
	p := emulator.New(48)
	t.Cleanup(p.Unplug)
	address, err := p.Listen()
	require.NoError(t, err)
	q := open(t, "tcp://"+address)
	p.UnplugAfter(300)
	printed := make(chan error, 1)
	r := receipt(t, "fr", taxes, card)
	go func() { printed <- q.Print(t.Context(), r) }()
	off := make(chan struct{}, 1)
	q.OnChange(func() {
		select {
		case off <- struct{}{}:
		default:
		}
	})
	for q.State().Trouble != till.PrinterOff {
		<-off
	}
	p.Plug()
	require.NoError(t, <-printed)
	require.NoError(t, p.Err())
	cut := p.Seen().Cut()
	require.Contains(t, cut[len(cut)-1].Text(), "Imprimé de nouveau")
	require.Equal(t, []string{r.Code()}, cut[len(cut)-1].Barcodes())
}

func TestTargets(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "text"), []byte("no picture"), 0o600))
	for target, want := range map[string]string{
		"":                                 "want tcp://",
		"lpt1":                             "want tcp://",
		"tcp:host":                         "want tcp://",
		"usb:lp0":                          "want tcp://",
		"tcp://host?paper=57":              "80 or 58",
		"tcp://host?page=utf8":             "utf8",
		"tcp://host?colour=1":              "colour",
		"tcp://host?logo=" + dir + "/none": "no such file",
		"tcp://host?logo=" + dir + "/text": "logo",
		"tcp://host?%zz":                   "%zz",
		"folder:" + dir + "/text/below":    "receipts folder",
	} {
		_, err := printer.Open(target, slog.New(slog.DiscardHandler))
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "printer "+target)
	}
	open(t, "tcp://printer.example")
	open(t, "usb:/dev/usb/lp0?page=cp850")
}

func TestAFileIsNoPrinter(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, []byte("mine"), 0o600))
	q := open(t, "usb:"+file)
	changed := make(chan struct{}, 10)
	q.OnChange(func() { changed <- struct{}{} })
	go func() { _ = q.Print(t.Context(), receipt(t, "fr", taxes, card)) }()
	for q.State().Trouble != till.PrinterOff {
		<-changed
	}
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, "mine", string(content))
}

func TestFolderInTheQueue(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "what? a folder")
	q := open(t, "folder:"+dir)
	r := receipt(t, "fr", taxes, card)
	require.NoError(t, q.Print(t.Context(), r))
	q.OpenDrawer()
	require.FileExists(t, filepath.Join(dir, r.Code()+".pdf"))
	require.Empty(t, q.Close())
	require.Empty(t, q.Close(), "again")
}

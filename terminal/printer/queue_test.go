package printer

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"comptant/terminal/printer/emulator"
	"comptant/terminal/printer/escpos"
	"comptant/terminal/till"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// bench is a queue and the printer it prints on, in simulated time.
type bench struct {
	t       testing.TB
	machine *machine
	queue   *Queue
	printer *emulator.Printer
	off     atomic.Bool
	hangs   atomic.Bool // and says so only when it is given up
}

// simulated plays do with a printer, and ends by looking whether the printer understood everything.
func simulated(t *testing.T, do func(b *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := &bench{t: t, printer: emulator.New(wide)}
		b.machine = &machine{sheet: Sheet, silence: silentFor, dial: b.dial}
		b.queue = newQueue(b.machine, slog.New(slog.NewTextHandler(t.Output(), nil)))
		defer b.end()
		do(b)
		require.NoError(t, b.printer.Err())
	})
}

func (b *bench) end() {
	b.queue.Close()
	b.printer.Unplug()
}

func (b *bench) dial(ctx context.Context) (line, error) {
	if b.hangs.Load() {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if b.off.Load() {
		return nil, errors.New("nobody there")
	}
	ours, theirs := net.Pipe()
	go b.printer.Attach(theirs)
	return ours, nil
}

func (b *bench) unplug() {
	b.off.Store(true)
	b.printer.Unplug()
}

func (b *bench) plug() {
	b.printer.Plug()
	b.off.Store(false)
}

// slip is a document that is not like any other.
func slip(name string) Document {
	return Document{
		Name: name, Lines: []Line{{Text: "Reçu " + name, Bold: true}, {Text: "un café"}, {Text: "TOTAL", Tall: true}, {Text: "merci"}},
		Again: []Line{{Text: "encore"}}, Barcode: name,
	}
}

// print gives documents to the queue, in their order, and returns how each ended.
func (b *bench) print(docs ...Document) []chan error {
	var ended []chan error
	for _, d := range docs {
		c := make(chan error, 1)
		ended = append(ended, c)
		go func() { c <- b.queue.put(context.Background(), d) }()
		synctest.Wait()
	}
	return ended
}

// names are the documents on the pieces that were cut off, whole or not.
func (b *bench) names() []string {
	var names []string
	for _, s := range b.printer.Seen().Cut() {
		for _, l := range s.Lines() {
			if name, ok := strings.CutPrefix(l, "Reçu "); ok {
				names = append(names, name)
			}
		}
	}
	return names
}

func TestPrintsInOrder(t *testing.T) {
	simulated(t, func(b *bench) {
		for _, c := range b.print(slip("1"), slip("2"), slip("3")) {
			require.NoError(t, <-c)
		}
		require.Equal(t, []string{"1", "2", "3"}, b.names())
		require.Equal(t, []string{"2"}, b.printer.Seen().Cut()[1].Barcodes())
		require.Equal(t, till.PrinterState{}, b.queue.State())
	})
}

func TestWaitsForAPrinterThatIsOff(t *testing.T) {
	simulated(t, func(b *bench) {
		changes := 0
		b.queue.OnChange(func() { changes++ })
		b.unplug()
		ended := b.print(slip("1"), slip("2"))
		asked := time.Now()
		time.Sleep(7 * time.Minute)
		require.Equal(t, till.PrinterState{Trouble: till.PrinterOff, Waiting: 2, Since: asked}, b.queue.State())
		require.Positive(t, changes)
		b.plug()
		require.NoError(t, <-ended[0])
		require.NoError(t, <-ended[1])
		require.LessOrEqual(t, time.Since(asked), 7*time.Minute+longestWait)
		require.Equal(t, []string{"1", "2"}, b.names())
		require.Empty(t, b.queue.State().Trouble)
	})
}

// Somebody who asks for another receipt has the printer tried at once.
func TestAnotherReceiptWakesTheQueue(t *testing.T) {
	simulated(t, func(b *bench) {
		b.unplug()
		first := b.print(slip("1"))
		time.Sleep(3*time.Minute + 100*time.Millisecond)
		b.plug()
		now := time.Now()
		second := b.print(slip("2"))
		require.NoError(t, <-first[0])
		require.NoError(t, <-second[0])
		require.Zero(t, time.Since(now))
	})
}

func TestAReceiptNobodyWaitsForAnyMoreIsDropped(t *testing.T) {
	simulated(t, func(b *bench) {
		b.unplug()
		ended := b.print(slip("1"))
		time.Sleep(5 * time.Minute)
		ended = append(ended, b.print(slip("2"))...)
		began := time.Now()
		err := <-ended[0]
		require.ErrorIs(t, err, ErrExpired)
		require.ErrorContains(t, err, "nobody there")
		require.Equal(t, 5*time.Minute, time.Since(began))
		require.Equal(t, 1, b.queue.State().Waiting)
		b.plug()
		require.NoError(t, <-ended[1])
		time.Sleep(time.Hour)
		require.Equal(t, []string{"2"}, b.names())
	})
}

func TestAFullQueueRefuses(t *testing.T) {
	simulated(t, func(b *bench) {
		b.unplug()
		var ended []chan error
		for i := range mostWaiting {
			ended = append(ended, b.print(slip(fmt.Sprint(i)))...)
		}
		require.ErrorIs(t, <-b.print(slip("more"))[0], ErrFull)
		b.plug()
		for _, c := range ended {
			require.NoError(t, <-c)
		}
		require.Len(t, b.names(), mostWaiting)
		require.NotContains(t, b.names(), "more")
	})
}

func TestWhoGivesUpHasNothingPrinted(t *testing.T) {
	simulated(t, func(b *bench) {
		b.unplug()
		b.print(slip("1"))
		ctx, cancel := context.WithTimeout(b.t.Context(), time.Minute)
		defer cancel()
		require.ErrorIs(t, b.queue.put(ctx, slip("2")), context.DeadlineExceeded)
		b.plug()
		time.Sleep(time.Minute)
		require.Equal(t, []string{"1"}, b.names())
	})
}

func TestCloseNamesWhatWaits(t *testing.T) {
	simulated(t, func(b *bench) {
		b.unplug()
		ended := b.print(slip("1"), slip("2"))
		require.Equal(t, []string{"1", "2"}, b.queue.Close())
		require.ErrorIs(t, <-ended[0], ErrClosed)
		require.ErrorIs(t, <-ended[1], ErrClosed)
		require.ErrorIs(t, b.queue.put(b.t.Context(), slip("3")), ErrClosed)
	})
	simulated(t, func(b *bench) {
		b.printer.Hold()
		ended := b.print(slip("1"), slip("2"))
		time.AfterFunc(grace/2, b.printer.Release)
		require.Empty(t, b.queue.Close(), "what can be printed at once is")
		require.NoError(t, <-ended[0])
		require.NoError(t, <-ended[1])
	})
	simulated(t, func(b *bench) {
		b.printer.Hold()
		ended := b.print(slip("1"))
		began := time.Now()
		require.Equal(t, []string{"1"}, b.queue.Close())
		require.Equal(t, grace, time.Since(began), "a printer that hangs does not keep the till open")
		require.ErrorIs(t, <-ended[0], ErrClosed)
	})
}

// Whatever the moment at which the power goes or the line breaks, the receipt is on one piece of paper, whole, and what was
// begun before is another.
func TestAReceiptThatWasBrokenOffIsPrintedAgainWhole(t *testing.T) {
	logo := testLogo(t)
	rapid.Check(t, func(r *rapid.T) {
		power := rapid.Bool().Draw(r, "power")
		at := rapid.IntRange(1, 2600).Draw(r, "byte")
		synctest.Test(t, func(t *testing.T) {
			b := &bench{t: t, printer: emulator.New(wide)}
			b.machine = &machine{sheet: Sheet, silence: silentFor, dial: b.dial, logo: logo}
			b.queue = newQueue(b.machine, slog.New(slog.DiscardHandler))
			defer b.end()
			if power {
				b.printer.UnplugAfter(at)
			} else {
				b.printer.DisconnectAfter(at)
			}
			ended := b.print(slip("1"), slip("2"))
			time.Sleep(time.Minute)
			b.printer.Plug()
			first, second := <-ended[0], <-ended[1]
			require.NoError(t, b.printer.Err(), "%t %d", power, at)
			require.NoError(t, first)
			require.NoError(t, second)
			cut := b.printer.Seen().Cut()
			for _, name := range []string{"1", "2"} {
				whole := slices.IndexFunc(cut, func(s emulator.Strip) bool {
					lines := s.Lines()
					n := len(slip(name).Lines) + 1
					return len(lines) >= n && slices.Equal(lines[len(lines)-n:], []string{"Reçu " + name, "un café", "TOTAL", "merci", ""}) &&
						slices.Equal(s.Barcodes(), []string{name}) && len(lines) <= n+1
				})
				require.GreaterOrEqual(t, whole, 0, "%s is missing", name)
			}
			require.LessOrEqual(t, len(cut), 4)
			require.Empty(t, b.printer.Seen().Strips[len(cut)].Items)
		})
	})
}

func testLogo(t *testing.T) escpos.Raster {
	t.Helper()
	file := filepath.Join(t.TempDir(), "logo.png")
	f, err := os.Create(file)
	require.NoError(t, err)
	img := image.NewGray(image.Rect(0, 0, 160, 60))
	for i := range img.Pix {
		img.Pix[i] = uint8(i % 160 * 255 / 160)
	}
	require.NoError(t, png.Encode(f, img))
	require.NoError(t, f.Close())
	f, err = os.Open(file)
	require.NoError(t, err)
	defer f.Close()
	logo, err := escpos.Logo(f, wide)
	require.NoError(t, err)
	return logo
}

// A printer that runs out of paper goes on where it stopped: nothing is printed twice.
func TestPaperThatEndsInTheMiddle(t *testing.T) {
	simulated(t, func(b *bench) {
		b.printer.Paper(2)
		ended := b.print(slip("1"), slip("2"))
		time.Sleep(3 * time.Minute)
		s := b.queue.State()
		require.Equal(t, till.PrinterPaper, s.Trouble)
		require.Equal(t, 2, s.Waiting)
		b.printer.PaperLow(true)
		b.printer.Paper(-1)
		require.NoError(t, <-ended[0])
		require.NoError(t, <-ended[1])
		require.Equal(t, []string{"1", "2"}, b.names())
		require.NotContains(t, b.printer.Seen().Cut()[0].Text(), "encore")
		require.True(t, b.queue.State().PaperLow)
		require.Empty(t, b.queue.State().Trouble)
	})
	simulated(t, func(b *bench) {
		b.printer.Paper(0)
		ended := b.print(slip("1"))
		require.ErrorIs(t, <-ended[0], ErrExpired)
		require.Equal(t, till.PrinterPaper, b.queue.State().Trouble)
		b.printer.Paper(-1)
		b.printer.Cover(true)
		ended = b.print(slip("2"))
		time.Sleep(time.Minute)
		require.Equal(t, till.PrinterCover, b.queue.State().Trouble)
		b.printer.Cover(false)
		require.NoError(t, <-ended[0])
		require.Equal(t, []string{"2"}, b.names())
	})
}

func TestPrintersThatAnswerLess(t *testing.T) {
	simulated(t, func(b *bench) {
		b.printer.Silent(emulator.SaysNothing)
		require.NoError(t, <-b.print(slip("1"))[0])
		synctest.Wait() // it is sent, and more is not known
		require.Equal(t, []string{"1"}, b.names())
	})
	simulated(t, func(b *bench) {
		b.printer.Silent(emulator.NeverConfirms)
		require.NoError(t, <-b.print(slip("1"))[0])
		began := time.Now()
		require.NoError(t, <-b.print(slip("2"))[0])
		require.LessOrEqual(t, time.Since(began), askEvery+look, "it is known by then")
		require.Equal(t, []string{"1", "2"}, b.names())
	})
	simulated(t, func(b *bench) {
		require.NoError(t, <-b.print(slip("1"))[0])
		b.printer.Silent(emulator.NeverConfirms)
		ended := b.print(slip("2"))
		time.Sleep(lostAfter + firstWait/2)
		b.printer.Silent(emulator.Answers)
		require.NoError(t, <-ended[0])
		require.Equal(t, []string{"1", "2", "2"}, b.names(), "it always confirmed: it may have lost it")
		require.Contains(t, b.printer.Seen().Cut()[3].Text(), "encore")
	})
}

package printer

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"comptant/terminal/printer/emulator"

	"github.com/stretchr/testify/require"
)

func TestDrawer(t *testing.T) {
	simulated(t, func(b *bench) {
		b.queue.OpenDrawer()
		synctest.Wait()
		require.Equal(t, 1, b.printer.Seen().Drawer)
		b.printer.Hold() // slow, and a receipt is on its way
		ended := b.print(slip("1"))
		b.queue.OpenDrawer()
		time.Sleep(2 * look)
		require.Equal(t, 2, b.printer.Seen().Drawer, "at once, and not after the receipt")
		require.Empty(t, b.names())
		b.printer.Release()
		require.NoError(t, <-ended[0])
		b.printer.Silent(emulator.SaysNothing)
		b.queue.OpenDrawer()
		time.Sleep(openWithin)
		require.Equal(t, 3, b.printer.Seen().Drawer)
	})
}

// A drawer that could not be opened stays shut, whatever is mended later.
func TestADrawerNeverOpensByItself(t *testing.T) {
	for name, breaks := range map[string]struct{ do, mend func(*bench) }{
		"off":   {(*bench).unplug, (*bench).plug},
		"paper": {func(b *bench) { b.printer.Paper(0) }, func(b *bench) { b.printer.Paper(-1) }},
		"cover": {func(b *bench) { b.printer.Cover(true) }, func(b *bench) { b.printer.Cover(false) }},
		"hangs": {
			func(b *bench) {
				b.hangs.Store(true)
				b.print(slip("first"))
			}, func(b *bench) { b.hangs.Store(false) },
		},
		"in the middle": {
			func(b *bench) {
				b.printer.Paper(2)
				b.print(slip("first"))
				time.Sleep(askEvery)
			}, func(b *bench) { b.printer.Paper(-1) },
		},
	} {
		for _, also := range []bool{false, true} {
			t.Run(fmt.Sprint(name, also), func(t *testing.T) {
				simulated(t, func(b *bench) {
					breaks.do(b)
					b.queue.OpenDrawer()
					if also {
						b.print(slip("1"))
					}
					time.Sleep(openWithin + time.Second)
					breaks.mend(b)
					time.Sleep(20 * time.Minute)
					require.Zero(t, b.printer.Seen().Drawer)
				})
			})
		}
	}
}

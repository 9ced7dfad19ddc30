package hub_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// acts are what may happen to a till and its headquarters.
var acts = map[string]func(b *bubble, t *bubbleTill, n int){
	"sell": func(_ *bubble, t *bubbleTill, n int) {
		t.sell(n * 40)
		t.link.Notify()
	},
	"cut": func(_ *bubble, t *bubbleTill, _ int) { t.cut() },
	"roll back": func(b *bubble, t *bubbleTill, n int) {
		b.hq.forget(t.till, 1, min(n*40, len(b.hq.has(t.till, 1))))
	},
	"publish": func(b *bubble, _ *bubbleTill, n int) { b.hq.publish("global", products(n, "new")) },
	"another generation": func(b *bubble, _ *bubbleTill, _ int) {
		b.hq.restart("global")
	},
	"damage a row": func(_ *bubble, t *bubbleTill, _ int) {
		t.ledger.mu.Lock()
		defer t.ledger.mu.Unlock()
		for id, r := range t.rows["global"] {
			r.Body = []byte("damaged")
			t.rows["global"][id] = r
			return
		}
	},
	"feeds away": func(b *bubble, _ *bubbleTill, _ int) { b.hq.failFeeds(errNoDatabase) },
	"feeds back": func(b *bubble, _ *bubbleTill, _ int) { b.hq.failFeeds(nil) },
	"database away": func(b *bubble, _ *bubbleTill, _ int) {
		b.hq.mu.Lock()
		defer b.hq.mu.Unlock()
		b.hq.storeErr = errNoDatabase
	},
	"database back": func(b *bubble, _ *bubbleTill, _ int) {
		b.hq.mu.Lock()
		defer b.hq.mu.Unlock()
		b.hq.storeErr = nil
	},
	"disk full": func(_ *bubble, t *bubbleTill, _ int) {
		t.ledger.mu.Lock()
		defer t.ledger.mu.Unlock()
		t.fail = errNoDatabase
	},
	"disk cleared": func(_ *bubble, t *bubbleTill, _ int) {
		t.ledger.mu.Lock()
		defer t.ledger.mu.Unlock()
		t.fail = nil
	},
	"time passes": func(_ *bubble, _ *bubbleTill, n int) { time.Sleep(time.Duration(n) * 7 * time.Second) },
	"all settles": func(*bubble, *bubbleTill, int) { synctest.Wait() },
}

// TestWhateverHappens: 90 s after the link is back, headquarters has every entry once and in order, the till knows it,
// and the till shows what headquarters publishes.
func TestWhateverHappens(t *testing.T) {
	names := make([]string, 0, len(acts))
	for name := range acts {
		names = append(names, name)
	}
	slices.Sort(names)
	rapid.Check(t, func(rt *rapid.T) {
		script := rapid.SliceOfN(rapid.SampledFrom(names), 1, 25).Draw(rt, "script")
		sizes := rapid.SliceOfN(rapid.IntRange(1, 30), len(script), len(script)).Draw(rt, "sizes")
		var err error
		synctest.Test(t, func(t *testing.T) {
			b := newBubble(t)
			defer b.close()
			lane := b.till()
			defer lane.stop()
			for i, name := range script {
				acts[name](b, lane, sizes[i])
			}
			for _, name := range []string{"feeds back", "database back", "disk cleared", "publish", "cut"} {
				acts[name](b, lane, 1)
			}
			time.Sleep(90 * time.Second)
			synctest.Wait()
			err = agree(b, lane)
		})
		require.NoError(rt, err)
	})
}

func agree(b *bubble, t *bubbleTill) error {
	got := b.hq.has(t.till, 1)
	t.ledger.mu.Lock()
	defer t.ledger.mu.Unlock()
	if len(got) != len(t.epochs[1]) || t.acked[1] != uint64(len(got)) {
		return fmt.Errorf("till has %d entries, headquarters %d, acknowledged %d", len(t.epochs[1]), len(got), t.acked[1])
	}
	for i, l := range t.epochs[1] {
		if string(got[i]) != string(l.Bytes) {
			return fmt.Errorf("entry %d differs", i+1)
		}
	}
	b.hq.mu.Lock()
	defer b.hq.mu.Unlock()
	shown, published := t.rows["global"], b.hq.feed("global").rows
	if len(shown) != len(published) {
		return fmt.Errorf("till shows %d rows of %d", len(shown), len(published))
	}
	for id, r := range published {
		if got := shown[id]; got.Seq != r.Seq || string(got.Body) != string(r.Body) {
			return fmt.Errorf("row %s: %d %q instead of %d %q", id, got.Seq, got.Body, r.Seq, r.Body)
		}
	}
	return nil
}

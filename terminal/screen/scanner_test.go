package screen

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// wedge plays a keyboard against a Scanner on a clock of its own, calling Tick exactly when it is due.
type wedge struct {
	s   *Scanner
	now time.Time
	got []string
}

func newWedge(config ScannerConfig) *wedge {
	return &wedge{s: NewScanner(config), now: time.Date(2026, 11, 22, 14, 32, 0, 0, time.UTC)}
}

func (w *wedge) take(inputs []Input) {
	for _, in := range inputs {
		switch {
		case in.Scan != "":
			w.got = append(w.got, "<"+in.Scan+">")
		case in.Key != "":
			w.got = append(w.got, "["+string(in.Key)+"]")
		default:
			w.got = append(w.got, string(in.Rune))
		}
	}
}

func (w *wedge) wait(d time.Duration) {
	until := w.now.Add(d)
	for due := w.s.Due(); !due.IsZero() && !due.After(until); due = w.s.Due() {
		w.now = due
		w.take(w.s.Tick(due))
	}
	w.now = until
}

func (w *wedge) text(s string, gap time.Duration) {
	for _, r := range s {
		w.wait(gap)
		w.take(w.s.FeedRune(r, w.now))
	}
}

func (w *wedge) key(k fyne.KeyName, gap time.Duration) {
	w.wait(gap)
	w.take(w.s.FeedKey(k, w.now))
}

func (w *wedge) scan(code string) {
	w.text(code, 5*time.Millisecond)
	w.key(fyne.KeyReturn, 5*time.Millisecond)
}

func (w *wedge) result() string {
	w.wait(time.Second)
	return strings.Join(w.got, "")
}

const ms = time.Millisecond

func TestScannerTellsScansFromTyping(t *testing.T) {
	tests := []struct {
		name string
		play func(*wedge)
		want string
	}{
		{"a scan", func(w *wedge) { w.scan("4001002043133") }, "<4001002043133>"},
		{"a scan ended by Tab", func(w *wedge) {
			w.text("4001002043133", 5*ms)
			w.key(fyne.KeyTab, 5*ms)
		}, "<4001002043133>"},
		{"slow typing and Enter", func(w *wedge) {
			w.text("4001002043133", 90*ms)
			w.key(fyne.KeyReturn, 90*ms)
		}, "4001002043133[Return]"},
		{"a fast hand", func(w *wedge) {
			w.text("coffee", 45*ms)
			w.key(fyne.KeyReturn, 45*ms)
		}, "coffee[Return]"},
		{"two keys rolled into one another", func(w *wedge) {
			w.text("c", 90*ms)
			w.text("o", 12*ms)
			w.text("f", 90*ms)
		}, "cof"},
		{"a scan in the middle of typing", func(w *wedge) {
			w.text("cof", 120*ms)
			w.wait(200 * ms)
			w.scan("4001002043133")
			w.text("fee", 120*ms)
		}, "cof<4001002043133>fee"},
		{"a quantity before a scan", func(w *wedge) {
			w.text("3*", 150*ms)
			w.wait(300 * ms)
			w.scan("4001002043133")
		}, "3*<4001002043133>"},
		{"a quick run too short for a code", func(w *wedge) {
			w.text("1234", 5*ms)
			w.key(fyne.KeyReturn, 5*ms)
		}, "1234[Return]"},
		{"a quick run that nothing ends", func(w *wedge) { w.text("12345678", 5*ms) }, "12345678"},
		{"a key held down", func(w *wedge) {
			w.text("00000000", 30*ms)
			w.key(fyne.KeyReturn, 30*ms)
		}, "00000000[Return]"},
		{"a pause inside a scan", func(w *wedge) {
			w.text("40010", 3*ms)
			w.text("0", 80*ms)
			w.text("2043133", 3*ms)
			w.key(fyne.KeyReturn, 3*ms)
		}, "<4001002043133>"},
		{"a long pause of a busy machine inside a short code", func(w *wedge) {
			w.text("400", 3*ms)
			w.text("1", 300*ms)
			w.text("002", 3*ms)
			w.key(fyne.KeyReturn, 200*ms)
		}, "<4001002>"},
		{"a roll of the fingers, then typing", func(w *wedge) {
			w.text("400", 20*ms)
			w.text("1002043", 110*ms)
			w.key(fyne.KeyReturn, 110*ms)
		}, "4001002043[Return]"},
		{"control characters", func(w *wedge) { w.scan("\x1d4001002\x1d043133\x04") }, "<4001002043133>"},
		{"two keys at the end", func(w *wedge) {
			w.scan("4001002043133")
			w.key(fyne.KeyReturn, 5*ms)
		}, "<4001002043133>"},
		{"Enter by hand after a scan", func(w *wedge) {
			w.scan("4001002043133")
			w.key(fyne.KeyReturn, 500*ms)
		}, "<4001002043133>[Return]"},
		{"keys without characters keep their place", func(w *wedge) {
			w.text("ab", 100*ms)
			w.key(fyne.KeyF9, 10*ms)
			w.key(fyne.KeyEscape, 10*ms)
		}, "ab[F9][Escape]"},
		{"keys with characters come once", func(w *wedge) {
			w.key(fyne.Key1, 100*ms)
			w.take(w.s.FeedRune('1', w.now))
		}, "1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWedge(DefaultScanner)
			tt.play(w)
			require.Equal(t, tt.want, w.result())
		})
	}
}

func TestScannerLandsTenScansInTwoSecondsInOrder(t *testing.T) {
	w := newWedge(DefaultScanner)
	start := w.now
	var want string
	for i := range 10 {
		code := fmt.Sprintf("40010020431%02d", i)
		want += "<" + code + ">"
		w.wait(100 * ms)
		w.scan(code)
	}
	require.LessOrEqual(t, w.now.Sub(start), 2*time.Second)
	require.Equal(t, want, w.result())
}

func TestScannerStripsPrefixAndSuffix(t *testing.T) {
	w := newWedge(ScannerConfig{Gap: 35 * ms, MinLength: 6, Prefix: "]E0", Suffix: "#"})
	w.scan("]E04001002043133#")
	require.Equal(t, "<4001002043133>", w.result())
}

func TestScannerKeepsAScanWholeWhenTheWindowIsBusy(t *testing.T) {
	s := NewScanner(DefaultScanner)
	now := time.Date(2026, 11, 22, 14, 32, 0, 0, time.UTC)
	require.Empty(t, s.FeedRune('4', now))
	now = now.Add(120 * ms) // the window drew something; the rest of the code waited in its queue
	require.Empty(t, s.Tick(now), "a late tick must leave the waiting keys their chance")
	for _, r := range "001002043133" {
		require.Empty(t, s.FeedRune(r, now))
	}
	require.Equal(t, []Input{{Scan: "4001002043133"}}, s.FeedKey(fyne.KeyReturn, now))
}

func TestTypingIsHeldBackLessThanFiftyMilliseconds(t *testing.T) {
	s := NewScanner(DefaultScanner)
	now := time.Date(2026, 11, 22, 14, 32, 0, 0, time.UTC)
	s.FeedRune('c', now)
	require.Less(t, s.Due().Sub(now), 50*ms)
}

// Whatever is typed and scanned, each character comes out once, in order, and a scan only as a scan.
func TestScannerLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWedge(DefaultScanner)
		var want string
		for range rapid.IntRange(1, 8).Draw(t, "steps") {
			w.wait(60 * ms)
			if rapid.Bool().Draw(t, "scan") {
				code := rapid.StringMatching(`[1-9][0-9]{5,12}0`).Draw(t, "code")
				want += "<" + code + ">"
				w.scan(code)
			} else {
				text := rapid.StringMatching(`[a-zé0-9*,]{1,5}`).Draw(t, "text")
				want += text
				w.text(text, time.Duration(rapid.IntRange(40, 300).Draw(t, "gap"))*ms)
			}
		}
		require.Equal(t, want, w.result())
	})
}

package screen

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"fyne.io/fyne/v2"
)

// ScannerConfig says what a scan looks like on the wire of a keyboard.
type ScannerConfig struct {
	Gap       time.Duration // longest usual time between two keys of a scan
	MinLength int           // shorter runs are typing
	Prefix    string        // removed from the front of a code
	Suffix    string        // removed from its end
}

// DefaultScanner suits the wedge scanners we know: 1 to 20 ms between keys, Enter at the end.
var DefaultScanner = ScannerConfig{Gap: 35 * time.Millisecond, MinLength: 6}

// Input is one thing that came through the keyboard, once it is known what it is. Exactly one field is set.
type Input struct {
	Scan string       // a whole code
	Rune rune         // a character somebody typed
	Key  fyne.KeyName // a key without a character: Enter, Escape, F1, an arrow
}

// Scanner tells scanning from typing by the time between keys. It holds runes back until it knows: one rune for Gap,
// a run that looks like a scan a little longer. It has no clock and no timer: times come in, Due says when to call Tick.
type Scanner struct {
	config ScannerConfig
	run    []rune
	gaps   []time.Duration // between the run's runes
	last   time.Time       // of its last rune
	due    time.Time
	ended  time.Time // of the last scan
}

// looksLikeScan is how many quick keys in a row no hand strikes.
const looksLikeScan = 3

// patience is how many gaps a run that looks like a scan may pause: a busy machine may hold its keys that long before the
// window sees them, and half a code is a product lost. A hand that is taken for a scanner sees its text that much later.
const patience = 10

// late is how long after its time a Tick must come to show that the window was busy and that keys may be waiting.
const late = 15 * time.Millisecond

// NewScanner returns a scanner that has seen nothing.
func NewScanner(config ScannerConfig) *Scanner { return &Scanner{config: config} }

// Due is when Tick must be called, or the zero time when nothing is held back.
func (s *Scanner) Due() time.Time {
	if len(s.run) == 0 {
		return time.Time{}
	}
	return s.due
}

// FeedRune takes a character. It is given back as text or as part of a scan by a later call.
//
// The run ends only in Tick or FeedKey, not here by the clock: a rune that comes late while the run is still open was
// waiting in the queue of a busy window, so its time says nothing.
func (s *Scanner) FeedRune(r rune, now time.Time) []Input {
	if unicode.IsControl(r) {
		return nil
	}
	if len(s.run) > 0 {
		s.gaps = append(s.gaps, now.Sub(s.last))
	}
	s.run, s.last = append(s.run, r), now
	s.due = now.Add(s.hold())
	return nil
}

// FeedKey takes a key without a character. Enter and Tab end a scan and are then part of it.
func (s *Scanner) FeedKey(key fyne.KeyName, now time.Time) []Input {
	if !commandKeys[key] {
		return nil // it has a character, which comes by itself
	}
	if ends(key) {
		if code, ok := s.code(); ok {
			s.ended = now
			s.clear()
			return []Input{{Scan: code}}
		}
		// Some scanners end with two keys; the second must not pay.
		if len(s.run) == 0 && !s.ended.IsZero() && now.Sub(s.ended) <= s.config.Gap {
			return nil
		}
	}
	return append(s.flush(), Input{Key: key})
}

// Tick gives back what was held as typed text, once Due has passed.
func (s *Scanner) Tick(now time.Time) []Input {
	if len(s.run) == 0 || now.Before(s.due) {
		return nil
	}
	if now.Sub(s.due) > late {
		s.due = now.Add(s.config.Gap)
		return nil
	}
	return s.flush()
}

func (s *Scanner) hold() time.Duration {
	if len(s.run) >= looksLikeScan && s.quick() {
		return patience * s.config.Gap
	}
	return s.config.Gap
}

// quick says that the run's usual gap, which is the median, is a scanner's: a pause or two tell of the machine. A key held
// down repeats as fast as a scanner, hence a run of one character is typing.
func (s *Scanner) quick() bool {
	if len(s.gaps) == 0 || !slices.ContainsFunc(s.run, func(r rune) bool { return r != s.run[0] }) {
		return false
	}
	sorted := slices.Sorted(slices.Values(s.gaps))
	return sorted[len(sorted)/2] <= s.config.Gap
}

// code is the run as a scan.
func (s *Scanner) code() (string, bool) {
	if !s.quick() {
		return "", false
	}
	code := strings.TrimPrefix(string(s.run), s.config.Prefix)
	code = strings.TrimSpace(strings.TrimSuffix(code, s.config.Suffix))
	return code, len([]rune(code)) >= s.config.MinLength
}

func (s *Scanner) flush() []Input {
	var typed []Input
	for _, r := range s.run {
		typed = append(typed, Input{Rune: r})
	}
	s.clear()
	return typed
}

func (s *Scanner) clear() { s.run, s.gaps = s.run[:0], s.gaps[:0] }

func ends(key fyne.KeyName) bool {
	return key == fyne.KeyReturn || key == fyne.KeyEnter || key == fyne.KeyTab
}

var commandKeys = map[fyne.KeyName]bool{
	fyne.KeyReturn: true, fyne.KeyEnter: true, fyne.KeyTab: true, fyne.KeyEscape: true,
	fyne.KeyBackspace: true, fyne.KeyDelete: true, fyne.KeyInsert: true,
	fyne.KeyUp: true, fyne.KeyDown: true, fyne.KeyLeft: true, fyne.KeyRight: true,
	fyne.KeyPageUp: true, fyne.KeyPageDown: true, fyne.KeyHome: true, fyne.KeyEnd: true,
	fyne.KeyF1: true, fyne.KeyF2: true, fyne.KeyF3: true, fyne.KeyF4: true, fyne.KeyF5: true, fyne.KeyF6: true,
	fyne.KeyF7: true, fyne.KeyF8: true, fyne.KeyF9: true, fyne.KeyF10: true, fyne.KeyF11: true, fyne.KeyF12: true,
}

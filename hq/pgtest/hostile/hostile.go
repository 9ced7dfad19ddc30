// Package hostile is what somebody types who wants to break something, for tests of forms, addresses and bodies.
package hostile

import (
	"log/slog"
	"math/rand/v2"
	"regexp"
	"strings"
	"sync"

	"github.com/google/uuid"
)

// Mark is a part of much of what is typed. A statement that has it in its text was built from it.
const Mark = "zq7x"

// Script is typed, and must not come back as it is.
const Script = "<script>alert(1)</script>"

// Values are typed into anything.
var Values = []string{
	"", " ", "'", `"`, Mark + "'; DROP TABLE sales.line; --", Mark + `") OR 1=1 --`, "$1", "@stores", Mark + Script, Mark + "\x00", "\x00", Mark + "\xff\xfe",
	"\u202e" + Mark, strings.Repeat("9", 400), strings.Repeat(Mark, 5000), "-1", "0", "1", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "1e309", "NaN",
	"1,5", "1.5.5", "１２", "2026-02-30", "0000-00-00", "9999-12-31", "-001-01-01", "2026-11-22T25:61", uuid.Nil.String(), uuid.NewString(), uuid.NewString() + Mark,
	"../../etc/passwd", "%00", "%", "_", "true", "null", "[]", "{}", "é" + Mark, "store", "EUR", "\r\nSet-Cookie: " + Mark,
}

// Value is one of them.
func Value(r *rand.Rand) string { return Values[r.IntN(len(Values))] }

// id is what a statement has in its text only when it was built from one: none of ours names a row.
var id = regexp.MustCompile(`[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-`)

// Watch keeps the statements that were built from what was typed, and the errors that were logged. It may be told from several goroutines.
type Watch struct {
	mu    sync.Mutex
	found []string
}

// See looks at a statement.
func (w *Watch) See(sql string) {
	if strings.Contains(strings.ToLower(sql), Mark) || id.MatchString(sql) {
		w.keep("built from what was typed: " + sql)
	}
}

// Log is a log whose errors are kept: what is typed is never the fault of headquarters.
func (w *Watch) Log() *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelError}))
}

// Write takes a line of the log.
func (w *Watch) Write(line []byte) (int, error) {
	w.keep(string(line))
	return len(line), nil
}

func (w *Watch) keep(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.found = append(w.found, what[:min(len(what), 1000)])
}

// Found takes what was kept.
func (w *Watch) Found() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	found := w.found
	w.found = nil
	return found
}

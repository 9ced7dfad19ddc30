package till

import (
	"strings"

	"comptant/shared/retail"
)

// longestNote bounds a note, in runes, and mostNotes how many lines have one: a sale stays well within a journal entry.
const (
	longestNote = 60
	mostNotes   = 50
)

// NoteLine writes a note on a line; an empty one takes it away.
func (t *Till) NoteLine(line int, text string) error {
	if err := t.openLine(line); err != nil {
		return err
	}
	text = noteOf(text)
	notes := 0
	for _, l := range t.ticket.lines {
		if l.note != "" {
			notes++
		}
	}
	if l := &t.ticket.lines[line]; text == "" || l.note != "" || notes < mostNotes {
		l.note = text
		t.keep()
		return nil
	}
	return fail(retail.Invalid, KeyTooLong, "most", mostNotes)
}

// NoteTicket writes a note on the whole ticket.
func (t *Till) NoteTicket(text string) error {
	if err := t.open(); err != nil {
		return err
	}
	if len(t.ticket.lines) == 0 {
		return fail(retail.Invalid, KeyNoLine)
	}
	t.ticket.note = noteOf(text)
	t.keep()
	return nil
}

func noteOf(text string) string {
	r := []rune(strings.TrimSpace(text))
	return string(r[:min(len(r), longestNote)])
}

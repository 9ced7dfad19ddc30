package ui

import "github.com/a-h/templ"

// Flash is what just happened, or what is wrong with the whole page.
type Flash struct {
	Tone Tone // ToneOK, ToneWarn, ToneBad; ToneNone for a note
	Text string
}

func (f Flash) icon() Icon {
	switch f.Tone {
	case ToneOK:
		return IconOK
	case ToneWarn, ToneBad:
		return IconAlert
	default:
		return IconInfo
	}
}

// role: only what went wrong may interrupt a screen reader.
func (f Flash) role() string {
	if f.Tone == ToneBad {
		return "alert"
	}
	return "status"
}

// Tag is a status: icon and word.
type Tag struct {
	Tone Tone
	Icon Icon
	Text string
	Href string // optional
}

// Empty stands where a list has nothing to show.
type Empty struct {
	Icon   Icon
	Title  string
	Text   string          // what to do about it
	Action templ.Component // optional button
}

// Progress is long work: Done of Total.
type Progress struct {
	Label string
	Done  int64
	Total int64
	Note  string // formatted: "1 204 de 2 041"
}

// Pages leads through a long list.
type Pages struct {
	Note string // "1–14 de 2 041"
	Prev string // address; empty on the first page
	Next string // address; empty on the last page
}

// Confirm asks once more before a form is sent. Its children are the hidden fields and the reason, if one is asked.
type Confirm struct {
	Open   Button // opens the question; sends nothing
	Text   string // what will happen
	Action string // where the form posts
	Do     Button
}

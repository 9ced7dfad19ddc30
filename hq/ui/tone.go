package ui

// Tone is the colour of a status. It never stands alone: icon and word say the same.
type Tone string

// The tones of the style sheet.
const (
	ToneNone  Tone = ""
	ToneOK    Tone = "ok"
	ToneWarn  Tone = "warn"
	ToneBad   Tone = "bad"
	ToneMuted Tone = "muted"
	ToneTint  Tone = "tint" // chosen, now
)

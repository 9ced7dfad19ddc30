package ui

import "context"

// Change compares a figure with an earlier one: an arrow, then a signed text. Direction 0 is too small to matter and
// muted.
type Change struct {
	Direction int // 1 up, 0 flat, -1 down
	Text      string
}

// ChangeOf compares now with before, in percent; changes under 1 % are flat. Nil when before is zero: there is nothing
// to compare with.
func ChangeOf(ctx context.Context, now, before int64) *Change {
	if before == 0 {
		return nil
	}
	thousandths := (now - before) * 1000 / max(before, -before)
	change := &Change{Text: Percent(ctx, thousandths)}
	if thousandths > 0 {
		change.Text = "+" + change.Text
	}
	switch {
	case thousandths >= 10:
		change.Direction = 1
	case thousandths <= -10:
		change.Direction = -1
	}
	return change
}

func (c Change) icon() Icon {
	switch {
	case c.Direction > 0:
		return IconTrendUp
	case c.Direction < 0:
		return IconTrendDown
	default:
		return IconTrendFlat
	}
}

func (c Change) tone() Tone {
	switch {
	case c.Direction > 0:
		return ToneOK
	case c.Direction < 0:
		return ToneBad
	default:
		return ToneMuted
	}
}

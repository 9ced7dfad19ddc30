package ui

import (
	"context"
	"time"
)

// ResetLetter is the message with the link by which somebody chooses a new password, in their language.
func ResetLetter(ctx context.Context, lang, name, link string, life time.Duration) (subject, text string) {
	ctx = WithPrefs(ctx, Prefs{Lang: lang})
	return T(ctx, "reset.subject"), T(ctx, "reset.text", "Name", name, "Link", link, "Count", int(life.Minutes()))
}

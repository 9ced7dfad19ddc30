package ui

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestNumbersAndDatesFollowTheLanguage(t *testing.T) {
	fr, en := WithPrefs(t.Context(), Prefs{Lang: "fr"}), WithPrefs(t.Context(), Prefs{Lang: "en"})
	first := time.Date(2026, 8, 1, 16, 5, 9, 0, time.UTC)
	for _, c := range []struct{ want, got string }{
		{"−10\u00a0456,75\u00a0$", Money(fr, -1045675)},
		{"$0.05", Money(en, 5)},
		{"−1,440.94", PlainMoney(en, -144094)},
		{"−2", Quantity(fr, -2000)},
		{"0,04", Rate(fr, 37)},
		{"0", Rate(fr, 4)},
		{"1.9", Rate(en, 1857)},
		{"2", Rate(en, 1960)},
		{"20", Rate(fr, 19_600)},
		{"120", Rate(fr, 119_999)},
		{"3\u00a0214", Number(fr, 3214)},
		{"−1,234,567", Number(en, -1234567)},
		{"999", Number(en, 999)},
		{"−0,4\u00a0%", Percent(fr, -4)},
		{"38.4%", Percent(en, 384)},
		{"Dimanche 22 novembre 2026", LongDate(fr, sampleNow)},
		{"Sunday, 22 November 2026", LongDate(en, sampleNow)},
		{"Samedi 1er août 2026", LongDate(fr, first)},
		{"22\u00a0nov. 14:32", DateTime(fr, sampleNow)},
		{"1\u00a0Aug 2026", Date(en, first)},
		{"8\u00a0h", Hour(fr, 8)},
		{"maintenant", Ago(fr, 59*time.Second)},
		{"il y a 12 min", Ago(fr, 12*time.Minute)},
		{"1 minute ago", Ago(en, 90*time.Second)},
		{"il y a 2 jours", Ago(fr, 49*time.Hour)},
		{"2\u00a0h\u00a014", Age(fr, 134*time.Minute)},
		{"3 d", Age(en, 72*time.Hour)},
	} {
		require.Equal(t, c.want, c.got)
	}
}

func TestSmallChangesAreFlat(t *testing.T) {
	ctx := WithPrefs(t.Context(), Prefs{Lang: "en"})
	require.Equal(t, &Change{Direction: -1, Text: "−2.4%"}, ChangeOf(ctx, 1045675, 1071590))
	require.Equal(t, &Change{Direction: 1, Text: "+1.0%"}, ChangeOf(ctx, 101, 100))
	require.Equal(t, &Change{Text: "+0.9%"}, ChangeOf(ctx, 1009, 1000))
	require.Equal(t, &Change{Direction: 1, Text: "+200.0%"}, ChangeOf(ctx, 100, -100), "better than a loss")
	require.Nil(t, ChangeOf(ctx, 100, 0))
}

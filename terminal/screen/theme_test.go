package screen

import (
	"image/color"
	"io/fs"
	"math"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"github.com/stretchr/testify/require"
)

func TestContrast(t *testing.T) {
	const text, control = 4.5, 3
	pairs := []struct {
		on, under fyne.ThemeColorName
		least     float64
	}{
		{Foreground, Background, text},
		{Foreground, Surface, text},
		{Foreground, Raised, text},
		{Muted, Background, text},
		{Muted, Surface, text},
		{Muted, Raised, text},
		{Muted, Tint, text},
		{Primary, Surface, text},
		{OnPrimary, Primary, text},
		{OnTint, Tint, text},
		{Foreground, Tint, text},
		{OK, OKTint, text},
		{Warn, WarnTint, text},
		{Bad, BadTint, text},
		{Bad, Surface, text},
		{Warn, Surface, text},
		{White, Alarm, text},
		{Control, Surface, control},
		{Control, Background, control},
	}
	for i := range initialsCount {
		pairs = append(pairs, struct {
			on, under fyne.ThemeColorName
			least     float64
		}{White, initials(i), text})
	}
	for _, mode := range []Mode{Light, Dark} {
		th := NewTheme(mode)
		for _, p := range pairs {
			got := contrast(th.Color(p.on, 0), th.Color(p.under, 0))
			require.GreaterOrEqual(t, got, p.least, "%s on %s, mode %d", p.on, p.under, mode)
		}
	}
}

func TestThemeFollowsTheSystemUnlessToldOtherwise(t *testing.T) {
	require.Equal(t, hex("0F161B"), NewTheme(FollowSystem).Color(Background, theme.VariantDark))
	require.Equal(t, hex("F3F5F6"), NewTheme(FollowSystem).Color(Background, theme.VariantLight))
	require.Equal(t, hex("F3F5F6"), NewTheme(Light).Color(Background, theme.VariantDark))
}

func TestEveryIconIsDrawnAndUsed(t *testing.T) {
	icons := []Icon{
		IconBack, IconBackspace, IconBadge, IconCard, IconCash, IconCheck, IconChecked, IconClock, IconClose, IconCount,
		IconDelete, IconDown, IconEnter, IconError, IconHeld, IconJournal, IconLock, IconMinus, IconMore, IconNext,
		IconOffline, IconOK, IconOnline, IconOrders, IconPending, IconPerson, IconPlus, IconPrint, IconSearch, IconSell,
		IconSettings, IconSpent, IconStock, IconTruck, IconUnchecked, IconUndo, IconUp, IconWarning,
	}
	for _, icon := range icons {
		require.NotEmpty(t, icon.resource().Content(), icon)
	}
	drawn, err := fs.Glob(drawings, "icons/*.svg")
	require.NoError(t, err)
	require.Len(t, drawn, len(icons))
}

// contrast is that of WCAG 2.2, from 1 to 21.
func contrast(a, b color.Color) float64 {
	la, lb := luminance(a), luminance(b)
	return (math.Max(la, lb) + 0.05) / (math.Min(la, lb) + 0.05)
}

func luminance(c color.Color) float64 {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	linear := func(v uint8) float64 {
		f := float64(v) / 255
		if f <= 0.04045 {
			return f / 12.92
		}
		return math.Pow((f+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(n.R) + 0.7152*linear(n.G) + 0.0722*linear(n.B)
}

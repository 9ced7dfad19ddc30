package screen

import (
	_ "embed"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// Mode is how bright the till is. The zero value follows the system.
type Mode int

const (
	FollowSystem Mode = iota
	Light
	Dark
)

// Type sizes, in dp.
const (
	SizeCaption = 13
	SizeBody    = 15
	SizeAmount  = 17
	SizeHeading = 20
	SizeKey     = 24
	SizeWelcome = 28
	SizeTender  = 30
	SizeTotal   = 40
	SizeCounted = 56
)

// Spacing and corners, in dp.
const (
	gapSmall  = 4
	gap       = 8
	gapMedium = 12
	gapLarge  = 16

	radius    = 8
	radiusTag = 4

	border         = 1
	borderSelected = 2
)

//go:embed fonts/NotoSans-Regular.ttf
var regularTTF []byte

//go:embed fonts/NotoSans-Bold.ttf
var boldTTF []byte

var (
	regular = fyne.NewStaticResource("NotoSans-Regular.ttf", regularTTF)
	bold    = fyne.NewStaticResource("NotoSans-Bold.ttf", boldTTF)
)

type tillTheme struct{ mode Mode }

// NewTheme returns the till's look. Setting another one while the till runs changes every screen at once.
func NewTheme(mode Mode) fyne.Theme { return tillTheme{mode} }

func (t tillTheme) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	switch t.mode {
	case Light:
		variant = theme.VariantLight
	case Dark:
		variant = theme.VariantDark
	}
	c, ok := colours[name]
	if !ok {
		return theme.DefaultTheme().Color(name, variant)
	}
	if variant == theme.VariantDark {
		return c.dark
	}
	return c.light
}

func (tillTheme) Font(style fyne.TextStyle) fyne.Resource {
	switch {
	case style.Monospace || style.Symbol:
		return theme.DefaultTheme().Font(style)
	case style.Bold:
		return bold
	}
	return regular
}

func (tillTheme) Icon(name fyne.ThemeIconName) fyne.Resource { return theme.DefaultTheme().Icon(name) }

func (tillTheme) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case theme.SizeNameText:
		return SizeBody
	case theme.SizeNameCaptionText:
		return SizeCaption
	case theme.SizeNameSubHeadingText:
		return SizeAmount
	case theme.SizeNameHeadingText:
		return SizeHeading
	case theme.SizeNamePadding:
		// Between the rows of Fyne's lists: they touch, so that the tint of a selected one has no seam. A theme of the lists' own
		// (ThemeOverride) would do too, but with each row it makes Fyne forget how wide every text on the screen is.
		return 0
	case theme.SizeNameInnerPadding:
		return 8
	case theme.SizeNameSeparatorThickness:
		return 1
	case theme.SizeNameInputBorder:
		return borderSelected
	case theme.SizeNameScrollBar, theme.SizeNameScrollBarSmall:
		return 12
	case theme.SizeNameModalBlurRadius:
		return 0
	case theme.SizeNameInputRadius, theme.SizeNameSelectionRadius, theme.SizeNameScrollBarRadius,
		theme.SizeNameButtonRadius, theme.SizeNameCardRadius, theme.SizeNameDialogRadius,
		theme.SizeNamePopupRadius, theme.SizeNameMenuRadius, theme.SizeNameInnerWindowRadius:
		return radius
	}
	return theme.DefaultTheme().Size(name)
}

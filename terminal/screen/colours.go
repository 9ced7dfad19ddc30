package screen

import (
	"fmt"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// The roles a colour can have. Where Fyne has the role, its name is used, so that Fyne's own widgets agree with ours.
const (
	Background   = theme.ColorNameBackground
	Surface      = theme.ColorNameInputBackground
	Raised       = fyne.ThemeColorName("raised") // chips, key caps, disabled buttons
	Separator    = theme.ColorNameSeparator
	Control      = theme.ColorNameInputBorder // the border of what can be touched
	Foreground   = theme.ColorNameForeground
	Muted        = theme.ColorNamePlaceHolder
	Primary      = theme.ColorNamePrimary
	OnPrimary    = theme.ColorNameForegroundOnPrimary
	Tint         = theme.ColorNameSelection // selected
	OnTint       = fyne.ThemeColorName("onTint")
	OK           = theme.ColorNameSuccess
	OKTint       = fyne.ThemeColorName("okTint")
	Warn         = theme.ColorNameWarning
	WarnTint     = fyne.ThemeColorName("warnTint")
	Bad          = theme.ColorNameError
	BadTint      = fyne.ThemeColorName("badTint")
	Alarm        = fyne.ThemeColorName("alarm")    // the row of an unknown code, the same in light and dark
	White        = fyne.ThemeColorName("white")    // on Alarm and on initials
	Practice     = fyne.ThemeColorName("practice") // the whole window of a training, the same in light and dark
	Scrim        = fyne.ThemeColorName("scrim")    // what a dialog puts over the screen
	Transparent  = fyne.ThemeColorName("transparent")
	initialsName = "initials"
)

// initialsCount is the number of colours an initials square can have.
const initialsCount = 6

type pair struct{ light, dark string }

// palette holds the tokens of the design. Text on its ground has a contrast of at least 4.5 to 1, a control's border of
// at least 3 to 1; theme_test.go measures both.
var palette = map[fyne.ThemeColorName]pair{
	Background:  {"F3F5F6", "0F161B"},
	Surface:     {"FFFFFF", "18222A"},
	Raised:      {"E9EDF0", "24313A"},
	Separator:   {"D6DCE0", "33424D"},
	Control:     {"7D8993", "738591"},
	Foreground:  {"14202A", "EBF1F4"},
	Muted:       {"52606C", "A6B5BF"},
	Primary:     {"0B5A78", "5FC0E4"},
	OnPrimary:   {"FFFFFF", "05222E"},
	Tint:        {"E1EFF5", "15394A"},
	OnTint:      {"0A4A63", "A9DDF1"},
	OK:          {"1B6E3B", "6FD08F"},
	OKTint:      {"E3F3E8", "16352A"},
	Warn:        {"805000", "F0BB55"},
	WarnTint:    {"FDF1D6", "3A2E14"},
	Bad:         {"AD2317", "FF9384"},
	BadTint:     {"FCE8E5", "43211F"},
	Alarm:       {"AD2317", "AD2317"},
	White:       {"FFFFFF", "FFFFFF"},
	Practice:    {"8A3F90", "8A3F90"},
	Scrim:       {"14202A99", "000000B3"},
	Transparent: {"00000000", "00000000"},

	initials(0): {"0B6FA8", "0B6FA8"},
	initials(1): {"A84C00", "A84C00"},
	initials(2): {"00704F", "00704F"},
	initials(3): {"8A3F90", "8A3F90"},
	initials(4): {"7A5F00", "7A5F00"},
	initials(5): {"4B5963", "4B5963"},

	// Roles only Fyne's own widgets ask for.
	theme.ColorNameShadow:              {"00000000", "00000000"},
	theme.ColorNameButton:              {"FFFFFF", "18222A"},
	theme.ColorNameDisabled:            {"52606C", "A6B5BF"},
	theme.ColorNameDisabledButton:      {"E9EDF0", "24313A"},
	theme.ColorNameFocus:               {"E1EFF5", "15394A"},
	theme.ColorNameHover:               {"00000000", "00000000"},
	theme.ColorNamePressed:             {"E1EFF5", "15394A"},
	theme.ColorNameScrollBar:           {"7D8993", "738591"},
	theme.ColorNameScrollBarBackground: {"00000000", "00000000"},
	theme.ColorNameOverlayBackground:   {"FFFFFF", "18222A"},
	theme.ColorNameMenuBackground:      {"FFFFFF", "18222A"},
	theme.ColorNameHeaderBackground:    {"FFFFFF", "18222A"},
	theme.ColorNameHyperlink:           {"0B5A78", "5FC0E4"},
}

// colours is palette, read once.
var colours = readPalette()

type shades struct{ light, dark color.NRGBA }

func readPalette() map[fyne.ThemeColorName]shades {
	read := make(map[fyne.ThemeColorName]shades, len(palette))
	for name, p := range palette {
		read[name] = shades{light: hex(p.light), dark: hex(p.dark)}
	}
	return read
}

// hex reads RRGGBB or RRGGBBAA. The palette is ours, so anything else is a mistake in this file.
func hex(s string) color.NRGBA {
	c := color.NRGBA{A: 0xFF}
	var err error
	if len(s) == 8 {
		_, err = fmt.Sscanf(s, "%02X%02X%02X%02X", &c.R, &c.G, &c.B, &c.A)
	} else {
		_, err = fmt.Sscanf(s, "%02X%02X%02X", &c.R, &c.G, &c.B)
	}
	if err != nil {
		panic(fmt.Sprintf("colour %q: %v", s, err))
	}
	return c
}

func initials(i int) fyne.ThemeColorName {
	return fyne.ThemeColorName(fmt.Sprintf("%s%d", initialsName, i))
}

package ui

// KPI is one figure of the strip at the top of a page. All texts are formatted.
type KPI struct {
	ID     string // names the figure, so that a change of its text can be tinted; unique on the page
	Label  string
	Value  string
	Change *Change // nil when there is nothing to compare with
	Note   string  // what it is compared with
	Href   string  // what it is made of; optional
}

// KPIs is the strip. The first figure is the main one. Where Brief is set, a phone shows it instead of the others.
type KPIs struct {
	Figures []KPI
	Brief   string
}

// Alert is one kind of thing to look at, with one example.
type Alert struct {
	Tone    Tone
	Icon    Icon
	Title   string
	Example string
	Value   string // a count, or an age
	Href    string
}

// phoneAlerts is how many alerts a phone shows before "n more".
const phoneAlerts = 3

// StoreCard is a store on the overview.
type StoreCard struct {
	ID      string
	Name    string
	Href    string
	Tills   Tag // ToneOK "3/3 caisses", or ToneWarn "1/2 caisses · 2 h 14"
	Revenue string
	Change  *Change
	Partial bool // a till is silent: the revenue is not comparable, so it says "partial" instead of a change
	Tickets string
	Basket  string
	Trend   []int64 // revenue per day, oldest first
	TrendOf string  // what the trend shows, for a screen reader
	Alerts  []Tag
}

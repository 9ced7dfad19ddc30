package ui

import "github.com/a-h/templ"

// Shell is what surrounds a signed-in page.
type Shell struct {
	Title    string
	Subtitle string // beside the title: a date, a scope
	Nav      []NavItem
	User     string          // the person's name
	Events   string          // address of the page's event stream; empty when nothing on it is live
	Clock    string          // "16:05:09" where the stores are; needed with Events
	Filter   templ.Component // in the header, such as StoreFilter; may be nil
}

// NavItem is one place. On a phone the first four stand at the bottom, the rest under "More".
type NavItem struct {
	Label   string
	Href    string
	Icon    Icon
	Count   int // what waits there; 0 shows nothing
	Current bool
}

// phonePlaces is how many places fit at the bottom of a phone beside "More".
const phonePlaces = 4

func (s Shell) first() []NavItem { return s.Nav[:min(phonePlaces, len(s.Nav))] }
func (s Shell) rest() []NavItem  { return s.Nav[min(phonePlaces, len(s.Nav)):] }

func current(yes bool) string {
	if yes {
		return "page"
	}
	return "false"
}

func initial(name string) string {
	for _, r := range name {
		return string(r)
	}
	return ""
}

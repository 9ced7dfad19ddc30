package ui

import "github.com/a-h/templ"

// Shell is what surrounds a signed-in page.
type Shell struct {
	Title    string
	Subtitle string // beside the title: a date, a scope
	Parent   Parent // before the title, on a page to which no place of Nav leads
	Nav      []NavItem
	User     string          // the person's name
	Events   string          // address of the page's event stream; empty when nothing on it is live
	Clock    string          // "16:05:09" where the stores are; needed with Events
	Filter   templ.Component // in the header, such as StoreFilter; may be nil
}

// Parent is the page that another belongs to. Without an address there is none.
type Parent struct{ Label, Href string }

// NavItem is one place.
type NavItem struct {
	Label   string
	Href    string
	Icon    Icon
	Count   int // what waits there; 0 shows nothing
	Current bool
	Phone   bool // stands at the bottom of a phone, the others under "More"; four fit
}

// phone are the places at the bottom of a phone, or those under "More".
func (s Shell) phone(bottom bool) []NavItem {
	var items []NavItem
	room := phonePlaces
	for _, item := range s.Nav {
		there := item.Phone && room > 0
		if there {
			room--
		}
		if there == bottom {
			items = append(items, item)
		}
	}
	return items
}

// phonePlaces is how many places stand at the bottom of a phone, beside the button for the others.
const phonePlaces = 4

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

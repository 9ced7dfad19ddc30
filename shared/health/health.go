// Package health is what the doctors of the till and of headquarters say: what was looked at, how it is, and what to do about it.
package health

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
)

// State is how well one thing is.
type State string

// From good to bad. Soon works now, and somebody should look at it.
const (
	Well State = "ok"
	Soon State = "warning"
	Bad  State = "bad"
)

// Finding is what was found when one thing was looked at.
type Finding struct {
	Check string `json:"check"`
	Is    State  `json:"is"`
	Says  string `json:"says"`
	// Do is what a person can do about it; empty when all is well.
	Do string `json:"do,omitempty"`
}

// Worst is the worst of what was found.
func Worst(found []Finding) State {
	worst := Well
	for _, f := range found {
		switch {
		case f.Is == Bad:
			return Bad
		case f.Is == Soon:
			worst = Soon
		}
	}
	return worst
}

// Print writes what was found as a table, for a person.
func Print(to io.Writer, found []Finding) error {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	for _, f := range found {
		fmt.Fprintf(w, "%s\t%s\t%s\n", f.Is, f.Check, f.Says)
		if f.Do != "" {
			fmt.Fprintf(w, "\t\t-> %s\n", f.Do)
		}
	}
	return w.Flush()
}

// PrintJSON writes what was found for a program.
func PrintJSON(to io.Writer, found []Finding) error {
	out := json.NewEncoder(to)
	out.SetEscapeHTML(false)
	return out.Encode(found)
}

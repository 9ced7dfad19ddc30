package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"comptant/hq/intake"
	"comptant/hq/tills"
	"comptant/hq/ui"
)

// tillsShown is how many tills one page lists.
const tillsShown = 100

// tillChoices are the states by which tills are looked for, in the order of the choice.
var tillChoices = []struct {
	name, word string
	is         func(intake.TillState) bool
}{
	{"online", "tills.online", func(t intake.TillState) bool { return inUse(t) && t.State() == tills.Online }},
	{"offline", "tills.offline", func(t intake.TillState) bool { return inUse(t) && t.State() != tills.Online }},
	{"locked", "tills.locked", func(t intake.TillState) bool { return t.LockedAt != nil }},
	{"new", "tills.new", func(t intake.TillState) bool { return t.EnrolledAt == nil && t.RevokedAt == nil }},
	{"revoked", "tills.revoked", func(t intake.TillState) bool { return t.State() == tills.Revoked }},
	{"waiting", "tills.waiting", func(t intake.TillState) bool { return t.Waiting > 0 }},
	{"deferred", "journal.deferred", func(t intake.TillState) bool { return t.Deferred > 0 }},
	{"flagged", "journal.flagged", func(t intake.TillState) bool { return t.Flagged > 0 }},
}

// tillFilter is which tills a page lists, as its address says.
type tillFilter struct {
	store    uuid.UUID // the zero UUID for all
	state, q string
	from     int
	behind   func(intake.TillState) bool // nil where the page does not know what prices a till should sell at
}

func tillFilterOf(r *http.Request) tillFilter {
	f := tillFilter{state: r.FormValue("state"), q: strings.TrimSpace(r.FormValue("q"))}
	f.store, _ = uuid.Parse(r.FormValue("store"))
	f.from, _ = strconv.Atoi(r.FormValue("after"))
	f.from = max(f.from, 0)
	return f
}

// keeps says whether a till is one of them. It is looked for by its number, its machine, its id and the name of its store.
func (f tillFilter) keeps(ctx context.Context, t intake.TillState, stores names) bool {
	if f.store != uuid.Nil && t.Store != f.store {
		return false
	}
	for _, c := range tillChoices {
		if c.name == f.state && !c.is(t) {
			return false
		}
	}
	if f.state == behindState && f.behind != nil && !f.behind(t) {
		return false
	}
	text := strings.ToLower(tillName(ctx, stores, t) + " " + t.Host)
	for word := range strings.FieldsSeq(strings.ToLower(f.q)) {
		if !strings.Contains(text, word) && !strings.HasPrefix(t.ID.String(), word) {
			return false
		}
	}
	return true
}

// behindState is the choice of the tills that have not sold at their store's newest prices yet.
const behindState = "behind"

// page gives the tills that one page lists, and its foot.
func (f tillFilter) page(r *http.Request, states []intake.TillState, stores names) ([]intake.TillState, ui.Pages) {
	found := slices.DeleteFunc(slices.Clone(states), func(t intake.TillState) bool { return !f.keeps(r.Context(), t, stores) })
	foot := ui.Pages{Note: ui.T(r.Context(), "tills.count", "Count", len(found))}
	from := min(f.from, len(found))
	to := min(from+tillsShown, len(found))
	if from > 0 {
		foot.Prev = with(r)
		if from > tillsShown {
			foot.Prev = with(r, "after", fmt.Sprint(from-tillsShown))
		}
	}
	if to < len(found) {
		foot.Next = with(r, "after", fmt.Sprint(to))
	}
	return found[from:to], foot
}

func (f tillFilter) stateOptions(ctx context.Context) []ui.Option {
	options := []ui.Option{{Label: ui.T(ctx, "tills.any_state")}}
	for _, c := range tillChoices {
		options = append(options, ui.Option{Value: c.name, Label: ui.T(ctx, c.word), Selected: c.name == f.state})
	}
	if f.behind != nil {
		options = append(options, ui.Option{Value: behindState, Label: ui.T(ctx, "tills.behind"), Selected: f.state == behindState})
	}
	return options
}

// tillNames are what tills are called, by their id.
type tillNames map[uuid.UUID]string

func namesOfTills(ctx context.Context, states []intake.TillState, stores names) tillNames {
	all := make(tillNames, len(states))
	for _, t := range states {
		all[t.ID] = tillName(ctx, stores, t)
	}
	return all
}

// of is the name of a till; its id when it is gone.
func (n tillNames) of(id uuid.UUID) string {
	if name, ok := n[id]; ok {
		return name
	}
	return id.String()
}

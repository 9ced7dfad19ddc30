package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/intake"
	"comptant/hq/stock"
	"comptant/hq/tills"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/retail"

	"github.com/google/uuid"
)

// clockTolerance is how far a till's clock may be off before the page says so.
const clockTolerance = time.Minute

// booksLooked is among how many price books the newest of a store is looked for.
const booksLooked = 1000

func (s *site) tills(w http.ResponseWriter, r *http.Request) error {
	p := tillsPage{}
	if chosen := r.FormValue("till"); chosen != "" {
		var err error
		if p.chosen, err = idOf(chosen); err != nil {
			return err
		}
	}
	return s.showTills(w, r, p)
}

// tillsPage is the list of tills, what may be done to the one that is chosen, and the code that was just made.
type tillsPage struct {
	table ui.Table
	any   bool // there are tills, if none that the filter keeps
	// behind says how many tills have not sold at their store's newest prices yet, behindHref lists them; empty when all have.
	behind, behindHref string
	close              string // the address without the panel
	stores             []retail.Location
	chosen             uuid.UUID
	panel              *tillPanel
	// code enrols till number of the store named for a quarter of an hour. It is shown this once.
	code, store string
	number      int
}

// tillPanel is a till that something may be done to.
type tillPanel struct {
	intake.TillState
	name string
	zone *time.Location
}

// action is where a form about the till goes.
func (p tillPanel) action(do string) string { return "/tills/" + p.ID.String() + "/" + do }

func (s *site) showTills(w http.ResponseWriter, r *http.Request, p tillsPage) error {
	ctx := r.Context()
	var err error
	if p.stores, err = s.stores(ctx); err != nil {
		return err
	}
	short := shortNames(p.stores)
	states, err := s.tillStates(ctx, short)
	if err != nil {
		return err
	}
	f := tillFilterOf(r)
	if f.behind, err = s.behind(ctx); err != nil {
		return err
	}
	p.any, p.close = len(states) > 0, with(r, "till", "")
	count := 0
	for _, t := range states {
		if f.behind(t) {
			count++
		}
	}
	if count > 0 {
		p.behind, p.behindHref = ui.T(ctx, "tills.behind_n", "Count", count), "/tills?"+query("state", behindState)
	}
	at := slices.IndexFunc(states, func(t intake.TillState) bool { return t.ID == p.chosen })
	if at >= 0 && may(ctx, users.LockTills) && inUse(states[at]) {
		p.panel = &tillPanel{states[at], tillName(ctx, short, states[at]), zoneOf(p.stores)}
	}
	shown, foot := f.page(r, states, short)
	p.table = s.tillTable(r, shown, short, zoneOf(p.stores), f.behind)
	if p.panel != nil {
		p.table = withoutRoom(p.table)
	}
	p.table.Foot = ui.Pagination(foot)
	v := view{
		title: ui.T(ctx, "place.tills"), subtitle: ui.T(ctx, "tills.subtitle"),
		tools: tillTools("/tills", f, storeOptions(p.stores, f.store.String())),
	}
	if p.code == "" && p.panel == nil { // asking again would take away the code, or what is being typed
		v.live = []string{eventTills, eventSales, eventTime}
	}
	return s.show(w, r, v, tillsContent(p))
}

// tillStates are all tills by the name of their store and their number.
func (s *site) tillStates(ctx context.Context, stores names) ([]intake.TillState, error) {
	states, err := s.Journal.Tills(ctx)
	states = slices.DeleteFunc(states, func(t intake.TillState) bool { return !sees(ctx, t.Store) })
	slices.SortStableFunc(states, func(a, b intake.TillState) int {
		return cmp.Or(cmp.Compare(stores.of(a.Store), stores.of(b.Store)), cmp.Compare(a.Number, b.Number))
	})
	return states, err
}

// behind tells the tills in use that have not sold at the newest prices of their store yet. What a till has of prices that are of one store
// is heard only when it sells at them.
func (s *site) behind(ctx context.Context) (func(intake.TillState) bool, error) {
	books, err := catalog.Books(ctx, s.DB, s.Now(), booksLooked)
	if err != nil {
		return nil, err
	}
	newest := map[uuid.UUID]int64{}
	return func(t intake.TillState) bool {
		version, known := newest[t.Store]
		if !known {
			for _, b := range books { // the newest first
				if b.State == catalog.BookInForce && (b.Store == uuid.Nil || b.Store == t.Store) {
					version = b.Version
					break
				}
			}
			newest[t.Store] = version
		}
		return inUse(t) && t.Prices < version
	}, nil
}

// withoutRoom is a table of tills with what there is room for beside a panel.
func withoutRoom(t ui.Table) ui.Table {
	keep := []int{0, 1, 4, 6}
	columns := make([]ui.Column, len(keep))
	for i, at := range keep {
		columns[i] = t.Columns[at]
	}
	t.Columns = columns
	for r, row := range t.Rows {
		cells := make([]ui.Cell, len(keep))
		for i, at := range keep {
			cells[i] = row.Cells[at]
		}
		t.Rows[r].Cells = cells
	}
	return t
}

func (s *site) tillTable(r *http.Request, states []intake.TillState, stores names, zone *time.Location, behind func(intake.TillState) bool) ui.Table {
	ctx := r.Context()
	t := ui.Table{Caption: ui.T(ctx, "place.tills"), Columns: []ui.Column{
		{Label: ui.T(ctx, "tills.till")},
		{Label: ui.T(ctx, "tills.state")},
		{Label: ui.T(ctx, "tills.since")},
		{Label: ui.T(ctx, "tills.seen")},
		{Label: ui.T(ctx, "tills.waiting"), Figure: true},
		{Label: ui.T(ctx, "tills.entries"), Figure: true},
		{Label: ui.T(ctx, "tills.prices")},
		{Label: ui.T(ctx, "tills.app")},
		{Label: ui.T(ctx, "tills.clock"), Figure: true},
	}}
	for _, state := range states {
		cells := []ui.Cell{
			{Text: tillName(ctx, stores, state), Sub: state.Host},
			{Part: tillState(s.tillTag(ctx, state), lockTag(ctx, state))},
			{Text: moment(ctx, state.Since, zone)},
			{Text: s.ago(ctx, state.SeenAt)},
			{Text: ui.Number(ctx, state.Waiting), Strong: state.Waiting > 0},
			{Text: ui.Number(ctx, state.Entries), Href: link(ctx, "/journal/"+state.ID.String())},
			pricesCell(ctx, state, zone),
			{Text: state.App},
			clockCell(ctx, state.ClockOffset),
		}
		if oldest := state.OldestUnsent; oldest != nil {
			cells[4].Sub = ui.T(ctx, "tills.oldest", "Age", ui.Age(ctx, s.Now().Sub(*oldest)))
		}
		if behind(state) {
			cells[6].Icon, cells[6].Tone = ui.IconClock, ui.ToneWarn
		}
		if state.Waiting > 0 {
			cells[4].Icon, cells[4].Tone = ui.IconClock, ui.ToneWarn
		}
		if may(ctx, users.LockTills) && inUse(state) {
			cells[0].Href = "/tills?" + query("till", state.ID.String())
			if r.URL.Path == "/tills" {
				cells[0].Href = with(r, "till", state.ID.String(), "after", r.FormValue("after"))
			}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: cells})
	}
	return t
}

func inUse(t intake.TillState) bool { return t.EnrolledAt != nil && t.RevokedAt == nil }

// tillName is "Nord, caisse 2".
func tillName(ctx context.Context, stores names, t intake.TillState) string {
	return ui.T(ctx, "tills.name", "Store", stores.of(t.Store), "Number", t.Number)
}

func (s *site) tillTag(ctx context.Context, t intake.TillState) ui.Tag {
	switch {
	case t.State() == tills.Revoked:
		return ui.Tag{Tone: ui.ToneBad, Icon: ui.IconRefused, Text: ui.T(ctx, "tills.revoked")}
	case t.EnrolledAt == nil:
		return ui.Tag{Tone: ui.ToneMuted, Icon: ui.IconPending, Text: ui.T(ctx, "tills.new")}
	case t.State() == tills.Online:
		return ui.Tag{Tone: ui.ToneOK, Icon: ui.IconOnline, Text: ui.T(ctx, "tills.online")}
	default:
		return ui.Tag{Tone: ui.ToneWarn, Icon: ui.IconOffline, Text: ui.T(ctx, "tills.offline")}
	}
}

// lockTag says whether a till is locked, and whether it knows; nil when it is not.
func lockTag(ctx context.Context, t intake.TillState) *ui.Tag {
	switch {
	case t.LockedAt == nil:
		return nil
	case t.LockHeard:
		return &ui.Tag{Tone: ui.ToneWarn, Icon: ui.IconLock, Text: ui.T(ctx, "tills.locked")}
	default:
		return &ui.Tag{Tone: ui.ToneBad, Icon: ui.IconLock, Text: ui.T(ctx, "tills.lock_unheard")}
	}
}

// moment is a point in time; a dash for never.
func moment(ctx context.Context, at *time.Time, zone *time.Location) string {
	if at == nil {
		return dash
	}
	return ui.DateTime(ctx, at.In(zone))
}

func (s *site) ago(ctx context.Context, at *time.Time) string {
	if at == nil {
		return dash
	}
	return ui.Ago(ctx, s.Now().Sub(*at))
}

// dash stands for what there is none of.
const dash = "–"

// pricesCell is the version of prices a till sells at, and since when that is known.
func pricesCell(ctx context.Context, t intake.TillState, zone *time.Location) ui.Cell {
	if t.Prices == 0 {
		return ui.Cell{Text: dash}
	}
	return ui.Cell{
		Text: ui.T(ctx, "tills.prices_version", "Version", int(t.Prices)),
		Sub:  ui.T(ctx, "tills.prices_since", "Since", moment(ctx, t.PricesSince, zone)),
	}
}

// clockCell says by how much a till's clock is ahead.
func clockCell(ctx context.Context, offset *int64) ui.Cell {
	if offset == nil {
		return ui.Cell{Text: dash}
	}
	off := time.Duration(*offset) * time.Millisecond
	c := ui.Cell{Text: ui.Number(ctx, int64(off.Round(time.Second)/time.Second)) + " s"}
	if off.Abs() >= time.Hour { // a battery is dead, or the time zone wrong
		c.Text = ui.Age(ctx, off.Abs())
		if off < 0 {
			c.Text = "−" + c.Text
		}
	}
	if off > 0 {
		c.Text = "+" + c.Text
	}
	if off.Abs() > clockTolerance {
		c.Icon, c.Tone = ui.IconClock, ui.ToneWarn
	}
	return c
}

// newCode makes a one-time code for a new machine.
func (s *site) newCode(w http.ResponseWriter, r *http.Request) error {
	store, err := idOf(r.PostFormValue("store"))
	if err != nil {
		return err
	}
	location, err := stock.Location(r.Context(), s.DB, store)
	if err != nil {
		return err
	}
	number, err := strconv.Atoi(r.PostFormValue("number"))
	if err != nil || location.Kind != retail.LocationStore {
		return &retail.Error{Code: retail.Invalid, Key: "enrol.number", Args: map[string]any{"number": r.PostFormValue("number")}, Err: err}
	}
	var code string
	err = s.change(r, func(tx *db.Tx) (c users.Change, err error) {
		code, _, err = s.Journal.NewCodeIn(r.Context(), tx, store, number)
		return users.Change{
			Kind: users.DidMakeCode, Subject: store.String(), Title: location.Name + " " + strconv.Itoa(number),
		}, err
	})
	if err != nil {
		return err
	}
	s.Log.Info("enrolment code made", "store", location.Code, "till", number, "by", personOf(r.Context()).ID)
	return s.showTills(w, r, tillsPage{code: code, store: location.Name, number: number})
}

package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/retail"
)

const (
	locationsPath = "/stores/locations"
	// The longest of what is said of a location, in characters; they are also those of the API.
	mostLocationName = 100
	mostZone         = 60
	mostAddress      = 300
)

// locationNames are the fields that are written when a location is saved; its kind stays what it was made as.
var locationNames = []string{"code", "name", "address", "zone", "currency"}

// locationFields are the fields beside which errors are said.
var locationFields = map[string]string{
	"location.kind": "kind", "location.code": "code", "location.code_taken": "code", "location.name": "name", "location.name_taken": "name",
	"location.zone": "zone", "location.currency": "currency",
}

// kindKeys are the words for the kinds of location.
var kindKeys = map[retail.LocationKind]string{retail.LocationStore: "location.store", retail.LocationWarehouse: "location.warehouse"}

// locationsPage is all stores and warehouses, and a form for one of them or a new one.
type locationsPage struct {
	table      ui.Table
	id         uuid.UUID // of the one in the form; the zero id for a new one
	name       string
	form       entry
	version    string
	wrong      string
	kinds      []ui.Option
	currencies []ui.Option
}

func (p locationsPage) fresh() bool { return p.id == uuid.Nil }

func (p locationsPage) action() string {
	if p.fresh() {
		return locationsPath
	}
	return locationsPath + "/" + p.id.String()
}

func locationValues(l retail.Location) url.Values {
	return url.Values{
		"kind": {strconv.Itoa(int(l.Kind))}, "code": {l.Code}, "name": {l.Name}, "address": {l.Address}, "zone": {l.Zone}, "currency": {l.PaysIn()},
	}
}

// readLocation reads what was typed; what cannot be read is said beside its field.
func readLocation(r *http.Request, e entry, id uuid.UUID, kind retail.LocationKind) retail.Location {
	ctx := r.Context()
	e.short(ctx, "name", mostLocationName)
	e.short(ctx, "zone", mostZone)
	e.short(ctx, "address", mostAddress)
	text := func(name string) string { return strings.TrimSpace(e.get(name)) }
	l := retail.Location{
		ID: id, Kind: kind, Code: strings.ToUpper(text("code")), Name: text("name"), Zone: text("zone"), Address: text("address"), Currency: text("currency"),
	}
	if l.Currency == retail.DefaultCurrency {
		l.Currency = ""
	}
	return l
}

func (s *site) locations(w http.ResponseWriter, r *http.Request) error {
	var p locationsPage
	if asked := r.FormValue("location"); asked != "" {
		var err error
		if p.id, err = idOf(asked); err != nil {
			return err
		}
	}
	return s.showLocations(w, r, p)
}

// showLocations fills the form with what is there, unless somebody has filled it in.
func (s *site) showLocations(w http.ResponseWriter, r *http.Request, p locationsPage) error {
	ctx := r.Context()
	all, err := stock.Locations(ctx, s.DB)
	if err != nil {
		return err
	}
	currencies, err := catalog.Currencies(ctx, s.DB)
	if err != nil {
		return err
	}
	now := retail.Location{Kind: retail.LocationStore}
	if len(all) > 0 {
		now.Zone, now.Currency = all[0].Zone, all[0].Currency // as likely as not
	}
	if !p.fresh() {
		at := slices.IndexFunc(all, func(l retail.Location) bool { return l.ID == p.id })
		if at < 0 {
			return &retail.Error{Code: retail.NotFound, Key: "location.unknown"}
		}
		now = all[at]
	}
	p.name, p.version = now.Name, versionOf(locationValues(now))
	if p.form.values == nil {
		p.form = newEntry(locationValues(now))
	}
	for _, kind := range []retail.LocationKind{retail.LocationStore, retail.LocationWarehouse} {
		p.kinds = append(p.kinds, ui.Option{Value: strconv.Itoa(int(kind)), Label: ui.T(ctx, kindKeys[kind])})
	}
	for _, c := range currencies {
		p.currencies = append(p.currencies, ui.Option{Value: c.Code, Label: c.Code + " " + c.Symbol})
	}
	p.table = locationTable(r, all, p.id)
	v := view{title: ui.T(ctx, "location.title"), parent: "/stores"}
	if p.wrong != "" || len(p.form.wrong) > 0 {
		v.status = http.StatusUnprocessableEntity
	}
	return s.show(w, r, v, locationsContent(p))
}

func locationTable(r *http.Request, all []retail.Location, chosen uuid.UUID) ui.Table {
	ctx := r.Context()
	t := ui.Table{Caption: ui.T(ctx, "location.title"), Columns: []ui.Column{
		{Label: ui.T(ctx, "people.name")},
		{Label: ui.T(ctx, "location.kind_field")},
		{Label: ui.T(ctx, "charge.code")},
		{Label: ui.T(ctx, "location.zone_field")},
		{Label: ui.T(ctx, "location.currency_field")},
	}}
	for _, l := range all {
		t.Rows = append(t.Rows, ui.Row{Current: l.ID == chosen, Cells: []ui.Cell{
			{Text: l.Name, Sub: l.Address, Href: locationsPath + "?" + query("location", l.ID.String()) + "#location"},
			{Text: ui.T(ctx, kindKeys[l.Kind])},
			{Text: l.Code},
			{Text: l.Zone},
			{Text: l.PaysIn()},
		}})
	}
	return t
}

// locationState is a location as the audit log keeps it.
type locationState struct {
	Code     string `json:"code"`
	Name     string `json:"name"`
	Zone     string `json:"zone"`
	Address  string `json:"address,omitempty"`
	Currency string `json:"currency"`
}

func locationStateOf(l retail.Location) locationState {
	return locationState{l.Code, l.Name, l.Zone, l.Address, l.PaysIn()}
}

func (s *site) addLocation(w http.ResponseWriter, r *http.Request) error {
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	p := locationsPage{form: newEntry(r.PostForm)}
	kind := retail.LocationKind(p.form.number(r.Context(), "kind", int(retail.LocationStore), int(retail.LocationWarehouse)))
	return s.putLocation(w, r, p, id, func(*db.Tx) (retail.Location, users.Change, error) {
		return readLocation(r, p.form, id, kind), users.Change{Kind: users.DidAddLocation}, nil
	})
}

func (s *site) editLocation(w http.ResponseWriter, r *http.Request) error {
	id, err := idOf(r.PathValue("location"))
	if err != nil {
		return err
	}
	p := locationsPage{id: id, form: newEntry(r.PostForm)}
	return s.putLocation(w, r, p, id, func(tx *db.Tx) (retail.Location, users.Change, error) {
		was, err := stock.LockLocation(r.Context(), tx, id)
		if err == nil {
			err = p.form.same(locationValues(was))
		}
		return readLocation(r, p.form, id, was.Kind), users.Change{Kind: users.DidEditLocation, Before: locationStateOf(was)}, err
	})
}

// putLocation writes what is read, and says so, or what is wrong.
func (s *site) putLocation(
	w http.ResponseWriter, r *http.Request, p locationsPage, id uuid.UUID, read func(tx *db.Tx) (retail.Location, users.Change, error),
) error {
	ctx := r.Context()
	if readLocation(r, p.form, id, retail.LocationStore); len(p.form.wrong) > 0 {
		return s.showLocations(w, r, p)
	}
	err := s.change(r, func(tx *db.Tx) (users.Change, error) {
		l, c, err := read(tx)
		if err != nil {
			return c, err
		}
		if err := catalog.KnownCurrency(ctx, tx, l.Currency); err != nil {
			return c, err
		}
		c.Subject, c.Title, c.After = id.String(), l.Name, locationStateOf(l)
		return c, stock.PutLocations(ctx, tx, l)
	})
	switch {
	case errors.Is(err, errMeanwhile):
		now, err := stock.Location(ctx, s.DB, id)
		if err != nil {
			return err
		}
		p.form.compare(ctx, locationValues(now), locationNames, plainly(ctx))
		p.wrong = ui.Explain(ctx, errMeanwhile)
		return s.showLocations(w, r, p)
	case p.form.blame(ctx, err, locationFields):
		return s.showLocations(w, r, p)
	case err != nil:
		return err
	}
	flash(w, r, ui.ToneOK, ui.T(ctx, "location.saved", "Name", strings.TrimSpace(p.form.get("name"))))
	http.Redirect(w, r, locationsPath+"?"+query("location", id.String()), http.StatusSeeOther)
	return nil
}

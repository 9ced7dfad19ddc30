package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/retail"
)

// people lists the staff.
func (s *site) people(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	staff, err := users.List(ctx, s.DB)
	if err != nil {
		return err
	}
	staff = slices.DeleteFunc(staff, func(p users.Staff) bool { return !personOf(ctx).MayEdit(p) })
	stores, err := stock.Stores(ctx, s.DB)
	if err != nil {
		return err
	}
	t := peopleTable(ctx, staff, shortNames(stores), zoneOf(stores))
	return s.show(w, r, view{title: ui.T(ctx, "place.people"), subtitle: ui.T(ctx, "people.subtitle"), tools: peopleTools()}, ui.DataTable(t))
}

func peopleTable(ctx context.Context, staff []users.Staff, stores names, zone *time.Location) ui.Table {
	t := ui.Table{Caption: ui.T(ctx, "place.people"), Columns: []ui.Column{
		{Label: ui.T(ctx, "people.name")},
		{Label: ui.T(ctx, "people.role")},
		{Label: ui.T(ctx, "place.stores")},
		{Label: ui.T(ctx, "people.headquarters")},
		{Label: ui.T(ctx, "people.pin")},
		{Label: ui.T(ctx, "people.signed_in")},
		{Label: ui.T(ctx, "people.state")},
	}}
	for _, p := range staff {
		email := ui.Cell{Text: dash}
		if p.HasPassword && p.Email != "" && users.May(p.Role, users.SeeOverview) {
			email.Text = p.Email
		}
		pin := ui.Cell{Text: dash}
		if p.HasPIN {
			pin.Part = ui.Status(ui.Tag{Tone: ui.ToneOK, Icon: ui.IconKey, Text: ui.T(ctx, "people.has_pin")})
		} else if p.DisabledAt == nil && p.Role != retail.RoleWarehouse && len(p.Stores) > 0 {
			pin.Part = ui.Status(ui.Tag{Tone: ui.ToneWarn, Icon: ui.IconKey, Text: ui.T(ctx, "people.no_pin")})
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: p.Name, Href: "/people/" + p.ID.String()},
			{Text: roleWord(ctx, p.Role)},
			{Text: whereWord(ctx, p, stores)},
			email, pin,
			{Text: moment(ctx, p.SignedInAt, zone)},
			{Part: ui.Status(staffTag(ctx, p))},
		}})
	}
	return t
}

func staffTag(ctx context.Context, p users.Staff) ui.Tag {
	if p.DisabledAt != nil {
		return ui.Tag{Tone: ui.ToneMuted, Icon: ui.IconRefused, Text: ui.T(ctx, "people.disabled")}
	}
	return ui.Tag{Tone: ui.ToneOK, Icon: ui.IconOK, Text: ui.T(ctx, "people.active")}
}

func roleWord(ctx context.Context, role retail.Role) string {
	words := map[retail.Role]string{
		retail.RoleAdministrator: ui.T(ctx, "role.administrator"), retail.RoleManager: ui.T(ctx, "role.manager"),
		retail.RoleSupervisor: ui.T(ctx, "role.supervisor"), retail.RoleEmployee: ui.T(ctx, "role.employee"),
		retail.RoleCashier: ui.T(ctx, "role.cashier"), retail.RoleWarehouse: ui.T(ctx, "role.warehouse"),
	}
	if word, ok := words[role]; ok {
		return word
	}
	return string(role)
}

// whereWord names a person's stores: a few by name, and all in one word.
func whereWord(ctx context.Context, p users.Staff, stores names) string {
	everyStore := len(stores) > 1 && len(p.Stores) >= len(stores)
	if everyStore || p.Everywhere() && users.May(p.Role, users.SeeOverview) {
		return ui.T(ctx, "filter.all_stores")
	}
	if len(p.Stores) == 0 {
		return dash
	}
	at := make([]string, len(p.Stores))
	for i, id := range p.Stores {
		at[i] = stores.of(id)
	}
	slices.Sort(at)
	return strings.Join(at, ", ")
}

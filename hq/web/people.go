package web

import (
	"net/http"
	"strings"

	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/retail"
)

func (s *site) people(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	staff, err := users.List(ctx, s.DB)
	if err != nil {
		return err
	}
	stores, err := stock.Stores(ctx, s.DB)
	if err != nil {
		return err
	}
	short := shortNames(stores)
	roles := map[retail.Role]string{
		retail.RoleAdministrator: ui.T(ctx, "role.administrator"), retail.RoleManager: ui.T(ctx, "role.manager"),
		retail.RoleSupervisor: ui.T(ctx, "role.supervisor"), retail.RoleEmployee: ui.T(ctx, "role.employee"), retail.RoleCashier: ui.T(ctx, "role.cashier"),
	}
	t := ui.Table{Caption: ui.T(ctx, "place.people"), Columns: []ui.Column{
		{Label: ui.T(ctx, "people.name")},
		{Label: ui.T(ctx, "people.role")},
		{Label: ui.T(ctx, "place.stores")},
		{Label: ui.T(ctx, "people.headquarters")},
		{Label: ui.T(ctx, "people.pin")},
		{Label: ui.T(ctx, "people.state")},
	}}
	for _, p := range staff {
		var at []string
		for _, id := range p.Stores {
			at = append(at, short.of(id))
		}
		where := strings.Join(at, ", ")
		if len(stores) > 1 && len(at) == len(stores) {
			where = ui.T(ctx, "filter.all_stores")
		}
		email := ui.Cell{Text: dash}
		if p.HasPassword && p.Email != "" {
			email.Text = p.Email
		}
		pin := ui.Cell{Text: dash}
		if p.HasPIN {
			pin.Part = ui.Status(ui.Tag{Tone: ui.ToneOK, Icon: ui.IconKey, Text: ui.T(ctx, "people.has_pin")})
		}
		state := ui.Tag{Tone: ui.ToneOK, Icon: ui.IconOK, Text: ui.T(ctx, "people.active")}
		if p.DisabledAt != nil {
			state = ui.Tag{Tone: ui.ToneMuted, Icon: ui.IconRefused, Text: ui.T(ctx, "people.disabled")}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: p.Name}, {Text: roles[p.Role]}, {Text: where}, email, pin, {Part: ui.Status(state)},
		}})
	}
	return s.show(w, r, view{title: ui.T(ctx, "place.people"), subtitle: ui.T(ctx, "people.subtitle")}, ui.DataTable(t))
}

package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"comptant/hq/db"
	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
)

const rightsPath = "/people/rights"

// rightsPage is what each role may do, at tills and at headquarters, and a form for what one does at tills.
type rightsPage struct {
	tills, office ui.Table
	role          retail.Role // of the form; empty for none
	form          entry
	version       string
	wrong         string
	roles         []ui.Segment
}

// aloneDeeds are those that a role may do without an approval or not. The others have a limit, follow from one of these, or are not
// a retailer's to decide.
var aloneDeeds = []retail.Deed{
	retail.DeedDrawer, retail.DeedUnheld, retail.DeedPrice, retail.DeedAccuracy, retail.DeedVoidSale, retail.DeedCount, retail.DeedTransfer,
	retail.DeedTraining,
}

// actionKeys are the words for what is done at headquarters.
var actionKeys = map[users.Action]string{
	users.SeeOverview: "action.see_overview", users.SeeStock: "action.see_stock", users.SeeReports: "action.see_reports",
	users.SeeCatalog: "action.see_catalog", users.SeeRestocks: "action.see_restocks", users.DecideRestocks: "action.decide_restocks",
	users.ShipRestocks: "action.ship_restocks", users.ReceiveGoods: "action.receive_goods", users.SetThresholds: "action.set_thresholds", users.AdjustStock: "action.adjust_stock",
	users.RequestRestocks: "action.request_restocks",
	users.SeeTills:        "action.see_tills", users.SeeJournal: "action.see_journal", users.SeeSystem: "action.see_system", users.SeeHealth: "action.see_health",
	users.ResolveFlags: "action.resolve_flags", users.EditCatalog: "action.edit_catalog", users.EditStaff: "action.edit_staff",
	users.EditRights: "action.edit_rights", users.EditLocations: "action.edit_locations", users.EditCustomers: "action.edit_customers", users.LockTills: "action.lock_tills",
	users.EditTills: "action.edit_tills", users.EditTokens: "action.edit_tokens", users.SeeAudit: "action.see_audit",
	users.SeeOrders: "action.see_orders", users.ManageOrders: "action.manage_orders", users.FulfilOrders: "action.fulfil_orders",
}

func rightsValues(ctx context.Context, r retail.Rights) url.Values {
	v := url.Values{"discount": {strings.TrimRight(r.Discount.Format(ui.Lang(ctx)), " \u00a0%")}}
	if r.Refund < retail.NoLimit {
		v.Set("refund", ui.PlainMoney(ctx, r.Refund))
	}
	for _, d := range aloneDeeds { // in the order of the form
		if slices.Contains(r.Alone, d) {
			v.Add("alone", string(d))
		}
	}
	return v
}

// shownRight says what is in a field.
func shownRight(ctx context.Context) func(name string, values []string) string {
	return func(name string, values []string) string {
		switch {
		case name == "alone":
			words := make([]string, len(values))
			for i, d := range values {
				words[i] = deedWord(ctx, retail.Deed(d))
			}
			return plainly(ctx)(name, words)
		case len(values) == 0:
			return ui.T(ctx, "rights.no_limit")
		}
		return plainly(ctx)(name, values)
	}
}

// readRights reads what was typed; what cannot be read is said beside its field.
func readRights(ctx context.Context, e entry, role retail.Role) retail.Rights {
	r := retail.Rights{Role: role, Refund: retail.NoLimit}
	percent, err := money.ParseQuantity(e.get("discount"))
	if r.Discount = money.Rate(percent); err != nil || r.Discount < 0 || r.Discount > money.Whole {
		e.wrong["discount"] = ui.T(ctx, "rights.percent")
	}
	if typed := e.get("refund"); typed != "" {
		if r.Refund, err = money.Parse(typed); err != nil || r.Refund < 0 {
			e.wrong["refund"] = ui.T(ctx, "charge.amount_wrong")
		}
	}
	for _, d := range aloneDeeds {
		if e.ticked("alone", string(d)) {
			r.Alone = append(r.Alone, d)
		}
	}
	return r
}

func (s *site) rights(w http.ResponseWriter, r *http.Request) error {
	return s.showRights(w, r, rightsPage{role: retail.Role(r.FormValue("role"))})
}

// showRights fills the form with what is decided, unless somebody has filled it in.
func (s *site) showRights(w http.ResponseWriter, r *http.Request, p rightsPage) error {
	ctx := r.Context()
	table, err := users.Rights(ctx, s.DB)
	if err != nil {
		return err
	}
	stores, err := stock.Stores(ctx, s.DB)
	if err != nil {
		return err
	}
	if ctx, err = s.paidIn(ctx, stores); err != nil {
		return err
	}
	if p.role != "" && !atTills(p.role) {
		return &retail.Error{Code: retail.NotFound, Key: "staff.role"}
	}
	now := rightsValues(ctx, table.Of(p.role))
	p.version = versionOf(now)
	switch {
	case p.form.values == nil:
		p.form = newEntry(now)
	case p.wrong != "":
		p.form.compare(ctx, now, []string{"discount", "refund", "alone"}, shownRight(ctx))
	}
	p.tills, p.office, p.roles = tillRights(ctx, table), officeRights(ctx), roleSegments(ctx, table, p.role)
	v := view{title: ui.T(ctx, "rights.title"), parent: "/people", subtitle: ui.T(ctx, "rights.subtitle")}
	if p.wrong != "" || len(p.form.wrong) > 0 {
		v.status = http.StatusUnprocessableEntity
	}
	return s.show(w, r.WithContext(ctx), v, rightsContent(p))
}

// atTills tells whether a role does anything at tills.
func atTills(role retail.Role) bool {
	return slices.ContainsFunc(retail.DefaultRights(), func(r retail.Rights) bool { return r.Role == role })
}

func tillRights(ctx context.Context, table retail.RightsTable) ui.Table {
	t := ui.Table{Caption: ui.T(ctx, "rights.at_tills"), Columns: []ui.Column{{Label: ui.T(ctx, "rights.alone")}}}
	discount, refund := []ui.Cell{{Text: ui.T(ctx, "rights.discount")}}, []ui.Cell{{Text: ui.T(ctx, "rights.refund")}}
	for _, r := range table {
		t.Columns = append(t.Columns, ui.Column{Label: roleWord(ctx, r.Role)})
		discount = append(discount, ui.Cell{Text: r.Discount.Format(ui.Lang(ctx))})
		refund = append(refund, ui.Cell{Text: refundLimit(ctx, r.Refund)})
	}
	t.Rows = []ui.Row{{Cells: discount}, {Cells: refund}}
	for _, d := range aloneDeeds {
		cells := []ui.Cell{{Text: deedWord(ctx, d)}}
		for _, r := range table {
			cells = append(cells, rightCell(ctx, slices.Contains(r.Alone, d)))
		}
		t.Rows = append(t.Rows, ui.Row{Cells: cells})
	}
	return t
}

// rightCell says whether something may be done.
func rightCell(ctx context.Context, may bool) ui.Cell {
	if !may {
		return ui.Cell{Text: dash}
	}
	return ui.Cell{Part: ui.Status(ui.Tag{Tone: ui.ToneOK, Icon: ui.IconOK, Text: ui.T(ctx, "answer.yes")})}
}

// roleSegments lead to the form of each role.
func roleSegments(ctx context.Context, table retail.RightsTable, chosen retail.Role) []ui.Segment {
	segments := make([]ui.Segment, len(table))
	for i, r := range table {
		segments[i] = ui.Segment{Label: roleWord(ctx, r.Role), Href: rightsPath + "?" + query("role", string(r.Role)), Current: r.Role == chosen}
	}
	return segments
}

// refundLimit is the most that one refund gives back, or that there is none.
func refundLimit(ctx context.Context, most money.Amount) string {
	if most >= retail.NoLimit {
		return ui.T(ctx, "rights.no_limit")
	}
	return ui.Money(ctx, most)
}

func namesOfDeeds(ctx context.Context, deeds []retail.Deed) []string {
	words := make([]string, len(deeds))
	for i, d := range deeds {
		words[i] = deedWord(ctx, d)
	}
	return words
}

// officeRights says what each role does at headquarters.
func officeRights(ctx context.Context) ui.Table {
	roles := []retail.Role{retail.RoleAdministrator, retail.RoleManager, retail.RoleEmployee, retail.RoleWarehouse}
	t := ui.Table{Caption: ui.T(ctx, "rights.at_office"), Columns: []ui.Column{{Label: ui.T(ctx, "rights.action")}}}
	for _, role := range roles {
		t.Columns = append(t.Columns, ui.Column{Label: roleWord(ctx, role)})
	}
	for _, action := range users.Actions {
		cells := []ui.Cell{{Text: ui.T(ctx, actionKeys[action])}}
		for _, role := range roles {
			cells = append(cells, rightCell(ctx, users.May(role, action)))
		}
		t.Rows = append(t.Rows, ui.Row{Cells: cells})
	}
	return t
}

// setRights decides what a role does at the tills without an approval.
func (s *site) setRights(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p := rightsPage{role: retail.Role(r.PostFormValue("role")), form: newEntry(r.PostForm)}
	rights := readRights(ctx, p.form, p.role)
	if len(p.form.wrong) > 0 || !atTills(p.role) {
		return s.showRights(w, r, p)
	}
	err := s.change(r, func(tx *db.Tx) (c users.Change, err error) {
		before, err := users.LockRights(ctx, tx)
		if err != nil {
			return c, err
		}
		if err := p.form.same(rightsValues(ctx, before.Of(p.role))); err != nil {
			return c, err
		}
		c = users.Change{Kind: users.DidSetRights, Subject: string(p.role), Title: string(p.role), Before: before.Of(p.role), After: rights}
		return c, users.SetRights(ctx, tx, rights)
	})
	if errors.Is(err, errMeanwhile) {
		p.wrong = ui.Explain(ctx, errMeanwhile)
		return s.showRights(w, r, p)
	}
	if err != nil {
		return err
	}
	flash(w, r, ui.ToneOK, ui.T(ctx, "rights.saved", "Role", roleWord(ctx, p.role)))
	http.Redirect(w, r, rightsPath, http.StatusSeeOther)
	return nil
}

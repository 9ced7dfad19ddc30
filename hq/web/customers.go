package web

import (
	"net/http"
	"strings"

	"github.com/google/uuid"

	"comptant/hq/db"
	"comptant/hq/shop"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/retail"
)

// mostCustomers is how many customers are shown: who looks for one person types more.
const mostCustomers = 50

// customers shows who is looked for, and nobody before: it is no list to read through.
func (s *site) customers(w http.ResponseWriter, r *http.Request) error {
	ctx, text := r.Context(), strings.TrimSpace(r.FormValue("q"))
	var found []users.Customer
	var err error
	if text != "" {
		if found, err = users.FindCustomers(ctx, s.DB, text, mostCustomers); err != nil {
			return err
		}
	}
	t := ui.Table{Caption: ui.T(ctx, "place.customers"), Columns: []ui.Column{
		{Label: ui.T(ctx, "people.name")},
		{Label: ui.T(ctx, "customers.phone")},
		{Label: ui.T(ctx, "customers.email")},
		{Label: ui.T(ctx, "people.state")},
	}}
	for _, c := range found {
		row := []ui.Cell{{Text: c.Name}, {Text: c.Phone}, {Text: c.Email}, {Part: eraseCustomer(c.ID.String(), c.Name)}}
		if c.Erased {
			row[0].Text = c.ID.String()
			row[3] = ui.Cell{Part: ui.Status(ui.Tag{Tone: ui.ToneMuted, Icon: ui.IconRefused, Text: ui.T(ctx, "customers.erased")})}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: row})
	}
	return s.show(w, r, view{title: ui.T(ctx, "place.customers"), tools: customerTools(r)}, customerContent(t, text != ""))
}

// eraseCustomer takes a person away, for good; what they bought stays, and is nobody's.
func (s *site) eraseCustomer(w http.ResponseWriter, r *http.Request) error {
	id, err := uuid.Parse(r.PathValue("customer"))
	if err != nil {
		return &retail.Error{Code: retail.NotFound, Key: "customer.unknown", Err: err}
	}
	ctx := r.Context()
	err = s.change(r, func(tx *db.Tx) (users.Change, error) {
		return users.Change{Kind: users.DidEraseCustomer, Subject: id.String()}, shop.EraseCustomer(ctx, tx, id, s.Now())
	})
	if err != nil {
		return err
	}
	s.Log.Info("customer erased", "customer", id, "by", personOf(ctx).ID)
	flash(w, r, ui.ToneOK, ui.T(ctx, "customers.erase_done"))
	http.Redirect(w, r, "/customers", http.StatusSeeOther)
	return nil
}

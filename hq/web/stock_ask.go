package web

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// suggest is what to ask the warehouse for; nothing of what holds no stock, or is sold no more.
func suggest(p catalog.Product, perDay money.Quantity, c stock.Cell) retail.Suggestion {
	if p.MadeHere || p.RetiredAt != nil {
		return retail.Suggestion{}
	}
	return retail.Suggest(perDay, c.OnHand, c.InTransit, p.Pack)
}

// suggested is what is suggested of a product for all the stores that are shown.
func (l stockList) suggested(i int) (sum money.Quantity) {
	p := l.Products[i]
	for _, at := range l.locations {
		if at.Kind == retail.LocationStore {
			sum += suggest(p, l.rates[at.ID][p.ID], l.rows[i].At[at.ID]).Quantity
		}
	}
	return sum
}

// askForm asks the warehouse for a store, for what is suggested unless something else is typed. The id is that of the request, so that a form
// that is sent twice asks once.
func askForm(ctx context.Context, sh shelf, s retail.Suggestion) *panelForm {
	f := sh.form("restock")
	f.open = ui.Button{Label: ui.T(ctx, "ask.title"), Icon: ui.IconRestock}
	f.text = ui.T(ctx, "ask.none", "At", sh.at.Name)
	in := quantityInput("wanted", ui.T(ctx, "restock.asked"), "")
	if s.Quantity > 0 {
		in.Value = ui.Quantity(ctx, s.Quantity)
		f.open.Kind, f.open.Label = ui.ButtonMain, ui.T(ctx, "ask.suggested", "Quantity", in.Value)
		f.text = ui.T(ctx, "ask.text", "At", sh.at.Name, "PerDay", ui.Quantity(ctx, s.PerDay), "Days", retail.RestockDays,
			"OnHand", ui.Quantity(ctx, s.OnHand), "Coming", ui.Quantity(ctx, s.InTransit), "Need", ui.Quantity(ctx, s.Need), "Pack", s.Pack)
	}
	f.fields = []ui.Field{in}
	f.hidden = []hiddenField{{"id", newID()}}
	f.do = []ui.Button{{Label: ui.T(ctx, "ask.do"), Kind: ui.ButtonMain}}
	return f
}

// askRestock answers the form.
func (s *site) askRestock(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	sh, err := s.shelfOf(r)
	if err != nil {
		return err
	}
	if sh.at.Kind != retail.LocationStore {
		return &retail.Error{Code: retail.NotFound, Key: "location.unknown", Args: map[string]any{"id": sh.at.ID}}
	}
	level, _, err := stock.LevelAt(ctx, s.DB, sh.at, sh.product.ID)
	if err != nil {
		return err
	}
	rates, err := s.rates(ctx, []uuid.UUID{sh.product.ID})
	if err != nil {
		return err
	}
	f := askForm(ctx, sh, suggest(sh.product, rates[sh.at.ID][sh.product.ID], level.Cell))
	f.read(r)
	wanted := f.quantity(ctx, "wanted")
	if f.ok() && wanted <= 0 {
		f.field("wanted").Error = ui.T(ctx, "ask.nothing")
	}
	if !f.ok() {
		return s.showStock(w, sh.page(r), f)
	}
	id, err := idOf(r.PostFormValue("id"))
	if err != nil {
		return err
	}
	err = s.change(r, func(tx *db.Tx) (users.Change, error) {
		return users.Change{
				Kind: users.DidRequestRestock, Subject: id.String(), Title: sh.title(ctx), After: map[string]any{"asked": map[uuid.UUID]money.Quantity{sh.product.ID: wanted}},
			}, stock.RequestRestock(ctx, tx, stock.RestockRequest{
				Location: sh.at.ID, ID: id, By: personOf(ctx).ID, At: s.Now(), Lines: []retail.StockLine{{Product: sh.product.ID, Quantity: wanted}},
			})
	})
	if err != nil {
		return err
	}
	sh.done(w, r, ui.T(ctx, "ask.done", "At", sh.at.Name, "Quantity", ui.Quantity(ctx, wanted)))
	return nil
}

package web

import (
	"context"
	"net/http"

	"comptant/hq/db"
	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// The two ways to say what is on hand.
const (
	adjustBy = "by"
	adjustTo = "to"
)

// adjustForm corrects a level by hand.
func adjustForm(ctx context.Context, sh shelf) *panelForm {
	f := sh.form("adjust")
	f.open = ui.Button{Label: ui.T(ctx, "adjust.title"), Icon: ui.IconEdit}
	f.text = ui.T(ctx, "adjust.text", "At", sh.at.Name)
	causes := make([]ui.Option, len(stock.Causes))
	for i, cause := range stock.Causes {
		causes[i] = ui.Option{Value: cause, Label: causeWord(ctx, cause)}
	}
	quantity := quantityInput("quantity", ui.T(ctx, "restock.units"), "")
	quantity.Hint = ui.T(ctx, "adjust.hint")
	f.fields = []ui.Field{
		{Name: "way", Label: ui.T(ctx, "adjust.way"), Options: []ui.Option{
			{Value: adjustBy, Label: ui.T(ctx, "adjust.by")}, {Value: adjustTo, Label: ui.T(ctx, "adjust.to")},
		}},
		quantity,
		{Name: "cause", Label: ui.T(ctx, "shrinkage.cause"), Options: causes},
		{Name: "note", Label: ui.T(ctx, "flag.note"), Attrs: map[string]any{"maxlength": "500", "autocomplete": "off"}},
	}
	f.do = []ui.Button{{Label: ui.T(ctx, "adjust.look"), Kind: ui.ButtonMain}}
	return f
}

// confirm has the form say what will become of the level, and ask once more. What is confirmed is the change that is shown: what was sold
// since somebody looked at the shelf is sold besides. The id is that of the adjustment, so that a form that is sent twice adjusts once.
func (f *panelForm) confirm(ctx context.Context, sh shelf, onHand, by money.Quantity) {
	typed := func(name string) string { return f.field(name).Value }
	f.text = ui.T(ctx, "adjust.preview", "At", sh.at.Name, "Cause", causeWord(ctx, typed("cause")),
		"Before", ui.Quantity(ctx, onHand), "After", ui.Quantity(ctx, onHand+by), "Change", signed(ctx, by))
	f.hidden = []hiddenField{{"id", newID()}, {"by", ui.Quantity(ctx, by)}}
	for _, field := range f.fields {
		f.hidden = append(f.hidden, hiddenField{field.Name, field.Value})
	}
	f.fields = nil
	f.do = []ui.Button{
		{Label: ui.T(ctx, "adjust.confirm"), Kind: ui.ButtonMain, Name: "do", Value: "adjust"},
		{Label: ui.T(ctx, "adjust.edit"), Name: "do", Value: "edit"},
	}
}

// adjustStock answers the form: it shows what would become of the level, does it, or leads back to what was typed.
func (s *site) adjustStock(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	sh, err := s.shelfOf(r)
	if err != nil {
		return err
	}
	f := adjustForm(ctx, sh)
	f.read(r)
	if r.PostFormValue("do") == "adjust" {
		return s.makeAdjustment(w, r, sh, f)
	}
	q := f.quantity(ctx, "quantity")
	if r.PostFormValue("do") == "edit" || !f.ok() {
		return s.showStock(w, sh.page(r), f)
	}
	level, _, err := stock.LevelAt(ctx, s.DB, sh.at, sh.product.ID)
	if err != nil {
		return err
	}
	a := stock.Adjustment{Cause: f.field("cause").Value, Change: &q}
	if f.field("way").Value == adjustTo {
		a.Change, a.To = nil, &q
	}
	by, err := a.Moves(level.OnHand)
	if err == nil {
		f.confirm(ctx, sh, level.OnHand, by)
	} else if err = f.refused(ctx, err); err != nil {
		return err
	}
	return s.showStock(w, sh.page(r), f)
}

// makeAdjustment does what was confirmed.
func (s *site) makeAdjustment(w http.ResponseWriter, r *http.Request, sh shelf, f *panelForm) error {
	ctx := r.Context()
	id, err := idOf(r.PostFormValue("id"))
	if err != nil {
		return err
	}
	by, err := money.ParseQuantity(r.PostFormValue("by"))
	if err != nil {
		return &retail.Error{Code: retail.Invalid, Key: "error.invalid", Err: err}
	}
	a := stock.Adjustment{
		Location: sh.at.ID, ID: id, Product: sh.product.ID, By: personOf(ctx).ID, At: s.Now(), Cause: f.field("cause").Value,
		Note: f.field("note").Value, Change: &by,
	}
	var level stock.Holding
	err = s.change(r, func(tx *db.Tx) (c users.Change, err error) {
		if _, err = stock.Adjust(ctx, tx, a); err != nil {
			return c, err
		}
		level, _, err = stock.LevelAt(ctx, tx, sh.at, sh.product.ID)
		return users.Change{
			Kind: users.DidAdjustStock, Subject: sh.product.ID.String(), Title: sh.title(ctx),
			Before: map[string]any{"on_hand": level.OnHand - by}, After: map[string]any{"on_hand": level.OnHand, "cause": a.Cause, "note": a.Note},
		}, err
	})
	if err != nil {
		if err = f.refused(ctx, err); err != nil {
			return err
		}
		return s.showStock(w, sh.page(r), f)
	}
	sh.done(w, r, ui.T(ctx, "adjust.done", "At", sh.at.Name, "OnHand", ui.Quantity(ctx, level.OnHand)))
	return nil
}

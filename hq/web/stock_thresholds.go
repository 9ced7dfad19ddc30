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

// The fields of thresholds; the audit log names the values so too.
const (
	outBelow     = "out_below"
	restockBelow = "restock_below"
	overAbove    = "over_above"
)

// thresholdForm is when a level wants a person's eyes. Of a warehouse's only running out does.
func thresholdForm(ctx context.Context, sh shelf, t stock.Thresholds) *panelForm {
	f := sh.form("thresholds")
	f.open = ui.Button{Label: ui.T(ctx, "threshold.title"), Icon: ui.IconFilters}
	f.text = ui.T(ctx, "threshold.text", "At", sh.at.Name)
	f.do = []ui.Button{{Label: ui.T(ctx, "threshold.save"), Kind: ui.ButtonMain}}
	field := func(name, label string, value, usual money.Quantity) {
		in := quantityInput(name, label, ui.Quantity(ctx, value))
		in.Hint = ui.T(ctx, "threshold.default", "Quantity", ui.Quantity(ctx, usual))
		f.fields = append(f.fields, in)
	}
	usual := stock.DefaultThresholds
	if sh.at.Kind == retail.LocationStore {
		field(restockBelow, ui.T(ctx, "threshold.restock"), t.RestockBelow, usual.RestockBelow)
	}
	field(outBelow, ui.T(ctx, "threshold.out"), t.OutBelow, usual.OutBelow)
	if sh.at.Kind == retail.LocationStore {
		field(overAbove, ui.T(ctx, "threshold.over"), t.OverAbove, usual.OverAbove)
	}
	return f
}

// setThresholds answers the form.
func (s *site) setThresholds(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	sh, err := s.shelfOf(r)
	if err != nil {
		return err
	}
	was, _, err := stock.LevelAt(ctx, s.DB, sh.at, sh.product.ID)
	if err != nil {
		return err
	}
	f := thresholdForm(ctx, sh, was.Thresholds)
	f.read(r)
	set := was.Thresholds
	set.OutBelow = f.quantity(ctx, outBelow)
	if sh.at.Kind == retail.LocationStore {
		set.RestockBelow, set.OverAbove = f.quantity(ctx, restockBelow), f.quantity(ctx, overAbove)
	} else { // nobody sees the other two; they stay in order
		set.RestockBelow = max(set.RestockBelow, set.OutBelow)
		set.OverAbove = max(set.OverAbove, set.RestockBelow)
	}
	if !f.ok() {
		return s.showStock(w, sh.page(r), f)
	}
	err = s.change(r, func(tx *db.Tx) (users.Change, error) {
		return users.Change{
			Kind: users.DidSetThresholds, Subject: sh.product.ID.String(), Title: sh.title(ctx), Before: recordOf(was.Thresholds), After: recordOf(set),
		}, stock.SetThresholds(ctx, tx, stock.Threshold{Location: sh.at.ID, Product: sh.product.ID, Thresholds: set})
	})
	if err != nil {
		if err = f.refused(ctx, err); err != nil {
			return err
		}
		return s.showStock(w, sh.page(r), f)
	}
	sh.done(w, r, ui.T(ctx, "threshold.done", "At", sh.at.Name))
	return nil
}

func recordOf(t stock.Thresholds) map[string]money.Quantity {
	return map[string]money.Quantity{restockBelow: t.RestockBelow, outBelow: t.OutBelow, overAbove: t.OverAbove}
}

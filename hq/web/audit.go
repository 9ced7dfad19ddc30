package web

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
)

const (
	// changesShown is how many changes one page lists.
	changesShown = 50
	// valueMost is how much of a value is shown, in characters.
	valueMost = 120
	// byCommand is the choice of what was done with the hq command.
	byCommand = "hq"
)

// audit lists what people changed.
func (s *site) audit(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	stores, err := stock.Stores(ctx, s.DB)
	if err != nil {
		return err
	}
	zone := zoneOf(stores)
	staff, err := users.List(ctx, s.DB)
	if err != nil {
		return err
	}
	kinds, err := users.AuditKinds(ctx, s.DB)
	if err != nil {
		return err
	}
	f := auditFilter(r, zone)
	found, err := users.Audit(ctx, s.DB, f)
	if err != nil {
		return err
	}
	foot := ui.Pages{}
	if len(found) > changesShown {
		found = found[:changesShown]
		foot.Next = with(r, "after", strconv.FormatInt(found[changesShown-1].ID, 10))
	}
	if f.Before != 0 {
		foot.Prev = with(r)
	}
	places := shortNames(stores)
	categories, err := catalog.Categories(ctx, s.DB)
	if err != nil {
		return err
	}
	for _, c := range categories {
		places[c.ID] = language(ctx, c.Name)
	}
	t := auditTable(ctx, found, places, zone)
	if foot != (ui.Pages{}) {
		t.Foot = ui.Pagination(foot)
	}
	return s.show(w, r, view{
		title: ui.T(ctx, "place.audit"), subtitle: ui.T(ctx, "audit.subtitle"), tools: auditTools(r, personOptions(r, staff), kindOptions(r, kinds)),
	}, auditContent(t))
}

// auditFilter reads the address. One more than is shown says whether there are more.
func auditFilter(r *http.Request, zone *time.Location) users.AuditFilter {
	f := users.AuditFilter{Kind: users.ChangeKind(r.FormValue("kind")), Commands: r.FormValue("person") == byCommand, Limit: changesShown + 1}
	f.Staff, _ = uuid.Parse(r.FormValue("person"))
	if day, err := time.ParseInLocation(time.DateOnly, r.FormValue("day"), zone); err == nil {
		f.From, f.To = day, day.AddDate(0, 0, 1)
	}
	f.Before, _ = strconv.ParseInt(r.FormValue("after"), 10, 64)
	return f
}

func personOptions(r *http.Request, staff []users.Staff) []ui.Option {
	ctx, chosen := r.Context(), r.FormValue("person")
	options := []ui.Option{{Label: ui.T(ctx, "audit.everybody")}, {Value: byCommand, Label: ui.T(ctx, "audit.command"), Selected: chosen == byCommand}}
	for _, p := range staff {
		options = append(options, ui.Option{Value: p.ID.String(), Label: p.Name, Selected: chosen == p.ID.String()})
	}
	return options
}

func kindOptions(r *http.Request, kinds []users.ChangeKind) []ui.Option {
	ctx := r.Context()
	options := []ui.Option{{Label: ui.T(ctx, "audit.everything")}}
	for _, kind := range kinds {
		options = append(options, ui.Option{Value: string(kind), Label: changeWord(ctx, kind), Selected: r.FormValue("kind") == string(kind)})
	}
	return options
}

func auditTable(ctx context.Context, found []users.Recorded, stores names, zone *time.Location) ui.Table {
	t := ui.Table{Caption: ui.T(ctx, "place.audit"), Columns: []ui.Column{
		{Label: ui.T(ctx, "journal.when")},
		{Label: ui.T(ctx, "audit.who")},
		{Label: ui.T(ctx, "journal.what")},
		{Label: ui.T(ctx, "audit.of")},
		{Label: ui.T(ctx, "audit.change")},
	}}
	for _, c := range found {
		who := ui.Cell{Text: c.Actor, Sub: c.Origin}
		if c.Staff != nil {
			who.Href = link(ctx, "/people/"+c.Staff.String())
		}
		title := c.Title
		if title == "" {
			title = c.Subject
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: ui.DateTime(ctx, c.At.In(zone))},
			who,
			{Text: changeWord(ctx, c.Kind)},
			{Text: title, Href: link(ctx, subjectAddress(c))},
			{Part: differences(differencesOf(ctx, c, stores, zone))},
		}})
	}
	return t
}

// subjectAddress is the page of what was changed; of nothing, the page itself.
func subjectAddress(c users.Recorded) string {
	subject, _, _ := strings.Cut(string(c.Kind), ".")
	switch subject {
	case "staff":
		return "/people/" + c.Subject
	case "customer":
		return "/customers?" + query("q", c.Subject)
	case "product":
		return productsPath + "/" + c.Subject
	case "picture":
		return picturePath + c.Subject
	case "prices":
		return "/catalogue#prices"
	case "till":
		return "/tills"
	case "token":
		return "/people/tokens"
	case "flag":
		return "/exceptions"
	case "journal":
		return "/journal/" + c.Subject
	case "stock":
		return "/stock?" + query("product", c.Subject)
	case "restock":
		return "/restock"
	case "purchase":
		return "/purchases"
	case "order":
		return "/orders/" + c.Subject
	}
	return "/audit?" + query("kind", string(c.Kind))
}

func changeWord(ctx context.Context, kind users.ChangeKind) string {
	words := map[users.ChangeKind]string{
		users.DidAddStaff:       ui.T(ctx, "change.staff_add"),
		users.DidEditStaff:      ui.T(ctx, "change.staff_edit"),
		users.DidSetPassword:    ui.T(ctx, "change.staff_password"),
		users.DidSetPIN:         ui.T(ctx, "change.staff_pin"),
		users.DidSetBadge:       ui.T(ctx, "change.staff_badge"),
		users.DidBlock:          ui.T(ctx, "change.staff_block"),
		users.DidUnblock:        ui.T(ctx, "change.staff_unblock"),
		users.DidEndSessions:    ui.T(ctx, "change.staff_sessions"),
		users.DidSetRights:      ui.T(ctx, "change.rights_set"),
		users.DidEraseCustomer:  ui.T(ctx, "change.customer_erase"),
		users.DidForgetGuest:    ui.T(ctx, "change.order_forget"),
		users.DidAddProduct:     ui.T(ctx, "change.product_add"),
		users.DidEditProduct:    ui.T(ctx, "change.product_edit"),
		users.DidRetireProduct:  ui.T(ctx, "change.product_retire"),
		users.DidRestoreProduct: ui.T(ctx, "change.product_restore"),
		users.DidPutPicture:     ui.T(ctx, "change.picture_put"),
		users.DidRemovePicture:  ui.T(ctx, "change.picture_remove"),
		users.DidPlanPrices:     ui.T(ctx, "change.prices_plan"),
		users.DidCancelPrices:   ui.T(ctx, "change.prices_cancel"),
		users.DidMakeCode:       ui.T(ctx, "change.till_code"),
		users.DidRevokeTill:     ui.T(ctx, "change.till_revoke"),
		users.DidLockTill:       ui.T(ctx, "change.till_lock"),
		users.DidUnlockTill:     ui.T(ctx, "change.till_unlock"),
		users.DidAskLog:         ui.T(ctx, "change.till_log"),
		users.DidMakeToken:      ui.T(ctx, "change.token_make"),
		users.DidRevokeToken:    ui.T(ctx, "change.token_revoke"),
		users.DidResolveFlag:    ui.T(ctx, "change.flag_resolve"),
		users.DidSetThresholds:  ui.T(ctx, "change.stock_thresholds"),
		users.DidDecideRestock:  ui.T(ctx, "change.restock_decide"),
		users.DidShipRestock:    ui.T(ctx, "change.restock_ship"),
		users.DidSetAutomatic:   ui.T(ctx, "change.restock_automatic"),
		users.DidExpectGoods:    ui.T(ctx, "change.purchase_expect"),
		users.DidReceiveGoods:   ui.T(ctx, "change.purchase_receive"),
		users.DidCorrectGoods:   ui.T(ctx, "change.purchase_correct"),
		users.DidClosePurchase:  ui.T(ctx, "change.purchase_close"),
		users.DidCancelOrder:    ui.T(ctx, "change.order_cancel"),
		users.DidRetryOrder:     ui.T(ctx, "change.order_retry"),
		users.DidAcceptOrder:    ui.T(ctx, "change.order_accept"),
		users.DidLackOrder:      ui.T(ctx, "change.order_short"),
		users.DidShipOrder:      ui.T(ctx, "change.order_ship"),
		users.DidDeliverOrder:   ui.T(ctx, "change.order_deliver"),
		users.DidReturnOrder:    ui.T(ctx, "change.order_return"),
		users.DidRepayOrder:     ui.T(ctx, "change.order_repay"),
		users.DidSettleOrder:    ui.T(ctx, "change.order_settle"),
		users.DidImport:         ui.T(ctx, "change.import"),
		users.DidTakeJournal:    ui.T(ctx, "change.journal_take"),
		users.DidByProgram:      ui.T(ctx, "change.program"),
	}
	if word, ok := words[kind]; ok {
		return word
	}
	return string(kind) // of a later version
}

// difference is one value of a thing before and after; one of the two may be empty.
type difference struct{ name, before, after string }

// differencesOf are the values that are not the same before and after, in the order of their names.
func differencesOf(ctx context.Context, c users.Recorded, stores names, zone *time.Location) []difference {
	before, after := fieldsOf(c.Before), fieldsOf(c.After)
	all := maps.Clone(before)
	maps.Copy(all, after)
	var found []difference
	for _, name := range slices.Sorted(maps.Keys(all)) {
		text := func(value json.RawMessage) string { return fieldText(ctx, name, value, stores, zone) }
		d := difference{fieldWord(ctx, name), text(before[name]), text(after[name])}
		if d.before != d.after {
			found = append(found, d)
		}
	}
	return found
}

// fieldsOf are the values of a JSON object by name.
func fieldsOf(text json.RawMessage) map[string]json.RawMessage {
	fields := map[string]json.RawMessage{}
	_ = json.Unmarshal(text, &fields) // nothing, or no object: no fields
	return fields
}

func fieldWord(ctx context.Context, name string) string {
	words := map[string]string{
		"name": ui.T(ctx, "people.name"), "email": ui.T(ctx, "login.email"), "role": ui.T(ctx, "people.role"), "lang": ui.T(ctx, "prefs.language"),
		"stores": ui.T(ctx, "place.stores"), "has_password": ui.T(ctx, "people.password"), "has_pin": ui.T(ctx, "people.pin"),
		"has_badge": ui.T(ctx, "people.badge"), "pins_reset": ui.T(ctx, "tills.pins_reset"),
		"price_cents": ui.T(ctx, "catalogue.price"), "from": ui.T(ctx, "prices.from"), "asked": ui.T(ctx, "restock.asked"),
		"approved": ui.T(ctx, "restock.granted"), "shipped": ui.T(ctx, "restock.shipped"),
		"ordered": ui.T(ctx, "purchase.ordered"), "received": ui.T(ctx, "purchase.received"), "back": ui.T(ctx, "purchase.back"),
		"supplier": ui.T(ctx, "purchase.supplier"), "reference": ui.T(ctx, "purchase.reference"), "automatic": ui.T(ctx, "automatic.title"), "note": ui.T(ctx, "flag.note"),
		"state": ui.T(ctx, "tills.state"), "why": ui.T(ctx, "orders.why"), "tracking": ui.T(ctx, "orders.tracking"), "missing": ui.T(ctx, "orders.missing"),
		"kind": ui.T(ctx, "audit.kind"), "new": ui.T(ctx, "audit.new"), "changed": ui.T(ctx, "audit.changed"), "entries": ui.T(ctx, "tills.entries"),
		"picture":    ui.T(ctx, "picture.title"),
		restockBelow: ui.T(ctx, "threshold.restock"), outBelow: ui.T(ctx, "threshold.out"), overAbove: ui.T(ctx, "threshold.over"),
		"sku": ui.T(ctx, "product.sku_field"), "name_fr": ui.T(ctx, "product.name_fr"), "name_en": ui.T(ctx, "product.name_en"),
		"category": ui.T(ctx, "filter.category"), "cost_cents": ui.T(ctx, "catalogue.cost"), "tax_class": ui.T(ctx, "catalogue.tax"),
		"barcodes": ui.T(ctx, "catalogue.barcodes"), "pack": ui.T(ctx, "product.pack"), "weighed": ui.T(ctx, "product.weighed"),
		"label": ui.T(ctx, "label.title"), "made_here": ui.T(ctx, "product.made_here_field"), "open_price": ui.T(ctx, "product.open_price"),
		"favourite": ui.T(ctx, "product.favourite"), "charges": ui.T(ctx, "product.charges"), "tax_rule": ui.T(ctx, "product.rule"),
		"retired": ui.T(ctx, "product.retired"),
	}
	if word, ok := words[name]; ok {
		return word
	}
	return name
}

// fieldText writes a value as people read it: roles by their word, stores by name, money as money. What is not there or not so is
// nothing.
func fieldText(ctx context.Context, name string, value json.RawMessage, stores names, zone *time.Location) string {
	var text string
	var moment time.Time
	var ids []uuid.UUID
	var people []string
	var amount money.Amount
	var quantity money.Quantity
	var class retail.TaxClass
	var quantities map[uuid.UUID]money.Quantity
	switch {
	case value == nil || string(value) == "null" || string(value) == "false":
		return ""
	case string(value) == "true":
		return ui.T(ctx, "people.has_pin")
	case name == "state" && json.Unmarshal(value, &text) == nil: // only orders keep one
		return orderWord(ctx, retail.OrderState(text))
	case name == "role" && json.Unmarshal(value, &text) == nil:
		return roleWord(ctx, retail.Role(text))
	case name == "stores" && json.Unmarshal(value, &ids) == nil:
		at := make([]string, len(ids))
		for i, id := range ids {
			at[i] = stores.of(id)
		}
		slices.Sort(at)
		return strings.Join(at, ", ")
	case name == "pins_reset" && json.Unmarshal(value, &people) == nil:
		return strings.Join(people, ", ")
	case name == "category" && json.Unmarshal(value, &text) == nil:
		id, _ := uuid.Parse(text)
		return stores.of(id)
	case name == "tax_class" && json.Unmarshal(value, &class) == nil:
		return classWord(ctx, class)
	case strings.HasSuffix(name, "_cents") && json.Unmarshal(value, &amount) == nil:
		return ui.Money(ctx, amount)
	case slices.Contains([]string{restockBelow, outBelow, overAbove}, name) && json.Unmarshal(value, &quantity) == nil:
		return ui.Quantity(ctx, quantity)
	case json.Unmarshal(value, &moment) == nil:
		return ui.DateTime(ctx, moment.In(zone))
	case json.Unmarshal(value, &quantities) == nil:
		var sum money.Quantity
		for _, q := range quantities {
			sum += q
		}
		return fmt.Sprintf("%s (%d)", ui.Quantity(ctx, sum), len(quantities))
	case json.Unmarshal(value, &text) != nil:
		text = string(value)
	}
	if runes := []rune(text); len(runes) > valueMost {
		text = string(runes[:valueMost]) + "…"
	}
	return text
}

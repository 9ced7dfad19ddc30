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
	case "rights":
		return rightsPath
	case "staff":
		return "/people/" + c.Subject
	case "customer":
		return "/customers?" + query("q", c.Subject)
	case "product":
		return productsPath + "/" + c.Subject
	case "category":
		return categoriesPath
	case "charge":
		return taxesPath + "?" + query("charge", c.Subject)
	case "location":
		return locationsPath + "?" + query("location", c.Subject)
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
		if c.Kind == users.DidExportJournal {
			return "/journal"
		}
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

// changeKeys are the words of the kinds of change.
var changeKeys = map[users.ChangeKind]string{
	users.DidAddStaff:       "change.staff_add",
	users.DidEditStaff:      "change.staff_edit",
	users.DidSetPassword:    "change.staff_password",
	users.DidSetPIN:         "change.staff_pin",
	users.DidSetBadge:       "change.staff_badge",
	users.DidBlock:          "change.staff_block",
	users.DidUnblock:        "change.staff_unblock",
	users.DidEndSessions:    "change.staff_sessions",
	users.DidSetRights:      "change.rights_set",
	users.DidEraseCustomer:  "change.customer_erase",
	users.DidForgetGuest:    "change.order_forget",
	users.DidAddProduct:     "change.product_add",
	users.DidEditProduct:    "change.product_edit",
	users.DidRetireProduct:  "change.product_retire",
	users.DidRestoreProduct: "change.product_restore",
	users.DidAddCategory:    "change.category_add",
	users.DidEditCategory:   "change.category_edit",
	users.DidRemoveCategory: "change.category_remove",
	users.DidAddCharge:      "change.charge_add",
	users.DidEditCharge:     "change.charge_edit",
	users.DidAddLocation:    "change.location_add",
	users.DidEditLocation:   "change.location_edit",
	users.DidPutPicture:     "change.picture_put",
	users.DidRemovePicture:  "change.picture_remove",
	users.DidPlanPrices:     "change.prices_plan",
	users.DidCancelPrices:   "change.prices_cancel",
	users.DidMakeCode:       "change.till_code",
	users.DidRevokeTill:     "change.till_revoke",
	users.DidLockTill:       "change.till_lock",
	users.DidUnlockTill:     "change.till_unlock",
	users.DidAskLog:         "change.till_log",
	users.DidMakeToken:      "change.token_make",
	users.DidRevokeToken:    "change.token_revoke",
	users.DidResolveFlag:    "change.flag_resolve",
	users.DidSetThresholds:  "change.stock_thresholds",
	users.DidAdjustStock:    "change.stock_adjust",
	users.DidDecideRestock:  "change.restock_decide",
	users.DidShipRestock:    "change.restock_ship",
	users.DidSetAutomatic:   "change.restock_automatic",
	users.DidExpectGoods:    "change.purchase_expect",
	users.DidReceiveGoods:   "change.purchase_receive",
	users.DidCorrectGoods:   "change.purchase_correct",
	users.DidClosePurchase:  "change.purchase_close",
	users.DidCancelOrder:    "change.order_cancel",
	users.DidRetryOrder:     "change.order_retry",
	users.DidAcceptOrder:    "change.order_accept",
	users.DidLackOrder:      "change.order_short",
	users.DidShipOrder:      "change.order_ship",
	users.DidDeliverOrder:   "change.order_deliver",
	users.DidReturnOrder:    "change.order_return",
	users.DidRepayOrder:     "change.order_repay",
	users.DidSettleOrder:    "change.order_settle",
	users.DidImport:         "change.import",
	users.DidTakeJournal:    "change.journal_take",
	users.DidExportJournal:  "change.journal_export",
	users.DidByProgram:      "change.program",
}

func changeWord(ctx context.Context, kind users.ChangeKind) string {
	if key, ok := changeKeys[kind]; ok {
		return ui.T(ctx, key)
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

// fieldKeys are the words of the values of a change, by their names.
var fieldKeys = map[string]string{
	"Alone":        "rights.alone",
	"Discount":     "rights.discount",
	"Refund":       "rights.refund",
	"amount_cents": "charge.amount", "code": "charge.code", "zone": "location.zone_field", "address": "location.address",
	"currency":     "location.currency_field",
	"approved":     "restock.granted",
	"asked":        "restock.asked",
	"automatic":    "automatic.title",
	"back":         "purchase.back",
	"barcodes":     "catalogue.barcodes",
	"category":     "filter.category",
	"cause":        "shrinkage.cause",
	"changed":      "audit.changed",
	"charges":      "product.charges",
	"cost_cents":   "catalogue.cost",
	"email":        "login.email",
	"entries":      "tills.entries",
	"favourite":    "product.favourite",
	"from":         "prices.from",
	"has_badge":    "people.badge",
	"has_password": "people.password",
	"has_pin":      "people.pin",
	"kind":         "audit.kind",
	"label":        "label.title",
	"lang":         "prefs.language",
	"made_here":    "product.made_here_field",
	"missing":      "orders.missing",
	"name":         "people.name",
	"name_en":      "product.name_en",
	"name_fr":      "product.name_fr",
	"new":          "audit.new",
	"note":         "flag.note",
	"on_hand":      "adjust.on_hand",
	"open_price":   "product.open_price",
	"order":        "category.order",
	"ordered":      "purchase.ordered",
	"pack":         "product.pack",
	"picture":      "picture.title",
	"pins_reset":   "tills.pins_reset",
	"price_cents":  "catalogue.price",
	"received":     "purchase.received",
	"reference":    "purchase.reference",
	"retired":      "product.retired",
	"role":         "people.role",
	"shipped":      "restock.shipped",
	"sku":          "product.sku_field",
	"state":        "tills.state",
	"stores":       "place.stores",
	"supplier":     "purchase.supplier",
	"tax_class":    "catalogue.tax",
	"tax_rule":     "product.rule",
	"tracking":     "orders.tracking",
	"weighed":      "product.weighed",
	"why":          "orders.why",
	outBelow:       "threshold.out",
	overAbove:      "threshold.over",
	restockBelow:   "threshold.restock",
}

func fieldWord(ctx context.Context, name string) string {
	if key, ok := fieldKeys[name]; ok {
		return ui.T(ctx, key)
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
	var rate money.Rate
	var deeds []retail.Deed
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
	case name == "Discount" && json.Unmarshal(value, &rate) == nil:
		return rate.Format(ui.Lang(ctx))
	case name == "Refund" && json.Unmarshal(value, &amount) == nil:
		return refundLimit(ctx, amount)
	case name == "Alone" && json.Unmarshal(value, &deeds) == nil:
		return strings.Join(namesOfDeeds(ctx, deeds), ", ")
	case name == "tax_class" && json.Unmarshal(value, &class) == nil:
		return classWord(ctx, class)
	case strings.HasSuffix(name, "_cents") && json.Unmarshal(value, &amount) == nil:
		return ui.Money(ctx, amount)
	case name == "cause" && json.Unmarshal(value, &text) == nil:
		return causeWord(ctx, text)
	case slices.Contains([]string{restockBelow, outBelow, overAbove, "on_hand"}, name) && json.Unmarshal(value, &quantity) == nil:
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

package page

import (
	"context"
	"fmt"
	"strings"

	"comptant/hq/catalog"
	"comptant/hq/order"
	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/shared/retail"
)

// Letter is what a customer is written about their order, in their language, with the address of its page. Both are empty in a state
// of which nobody is written.
func Letter(ctx context.Context, q catalog.Querier, o order.Order, url string) (subject, text string, err error) {
	ctx = ui.WithPrefs(ctx, ui.Prefs{Lang: o.Lang})
	currency, _ := retail.CurrencyOf(o.Currency)
	ctx = ui.WithCurrency(ctx, ui.Currency{Code: currency.Code, Symbol: currency.Symbol})
	subject, first := opening(ctx, o)
	if subject == "" {
		return "", "", nil
	}
	place, err := stock.Location(ctx, q, o.Location)
	if err != nil {
		return "", "", err
	}
	var parts []string
	say := func(lines ...string) { parts = append(parts, strings.Join(lines, "\n")) }
	if o.Name != "" {
		say(ui.T(ctx, "letter.hello", "Name", o.Name))
	}
	if o.State == retail.OrderCancelled {
		moved, err := moneyOf(ctx, q, o, nil) // no till gives back what was called off
		if err != nil {
			return "", "", err
		}
		say(first, strings.Join(append([]string{whyCancelled(ctx, o)}, moved.words(ctx, o)...), "\n"))
	} else {
		say(first)
		say(where(ctx, o, place)...)
		if o.State == retail.OrderShipped {
			history, err := order.History(ctx, q, o.ID)
			if err != nil {
				return "", "", err
			}
			if tracking := trackingOf(history); tracking != "" {
				say(ui.T(ctx, "shop.tracking", "Number", tracking))
			}
		}
		say(bill(ctx, o)...)
	}
	say(ui.T(ctx, "letter.link", "Link", url))
	return subject, strings.Join(parts, "\n\n") + "\n", nil
}

// opening is the subject of a letter and its first sentence. Who is written again, because another place prepares the order, is told so.
func opening(ctx context.Context, o order.Order) (subject, first string) {
	switch {
	case o.State == retail.OrderConfirmed && o.Attempt == 1:
		return ui.T(ctx, "letter.confirmed", "Code", o.Code), ui.T(ctx, "letter.confirmed_text", "Code", o.Code)
	case o.State == retail.OrderConfirmed && o.Delivery == retail.Ship:
		return ui.T(ctx, "letter.moved_ship", "Code", o.Code), ui.T(ctx, "letter.moved_ship_text", "Code", o.Code)
	case o.State == retail.OrderConfirmed:
		return ui.T(ctx, "letter.moved", "Code", o.Code), ui.T(ctx, "letter.moved_text", "Code", o.Code)
	case o.State == retail.OrderReady:
		return ui.T(ctx, "letter.ready", "Code", o.Code), ui.T(ctx, "letter.ready_text", "Code", o.Code)
	case o.State == retail.OrderShipped:
		return ui.T(ctx, "letter.shipped", "Code", o.Code), ui.T(ctx, "letter.shipped_text", "Code", o.Code)
	case o.State == retail.OrderCancelled:
		return ui.T(ctx, "letter.cancelled", "Code", o.Code), ui.T(ctx, "letter.cancelled_text", "Code", o.Code)
	}
	return "", ""
}

// where is the store to collect in, or where it is shipped to.
func where(ctx context.Context, o order.Order, place retail.Location) []string {
	if o.Delivery == retail.Collect {
		return []string{ui.T(ctx, "letter.collect_at"), place.Name, place.Address}
	}
	return []string{ui.T(ctx, "letter.ship_to"), o.Address}
}

func bill(ctx context.Context, o order.Order) (lines []string) {
	for _, l := range o.Lines {
		lines = append(lines, fmt.Sprintf("%s × %s  %s", l.Quantity.Format(o.Lang), l.Name, ui.Money(ctx, l.Amount)))
	}
	return append(lines, ui.T(ctx, "letter.total", "Amount", ui.Money(ctx, o.Total)))
}

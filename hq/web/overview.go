package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/intake"
	"comptant/hq/sales"
	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// overviewEvents are all that make figures of today old.
var overviewEvents = []string{eventSales, eventStock, eventRestock, eventTills, eventJournal, eventTime}

// dayEvents are those for the stores of a day's figures: all, or one.
func dayEvents(only uuid.UUID) []string {
	if only == uuid.Nil {
		return overviewEvents
	}
	events := slices.Clone(overviewEvents)
	for i, event := range events {
		if event == eventSales || event == eventStock {
			events[i] = at(event, only)
		}
	}
	return events
}

// day is how the stores do today, read once for the overview or for a store's page.
type day struct {
	now     time.Time // in the zone of the stores
	stores  []retail.Location
	only    bool   // one store is asked for
	asked   string // the stores as an address says them
	paid    currencies
	names   names // short
	figures sales.Overview
	alerts  []stock.AlertCount
	tills   []intake.TillState
}

// readDay reads how stores do; only one when it is given, else those of one currency when that is given.
func (s *site) readDay(ctx context.Context, only uuid.UUID, currency string) (day, error) {
	all, err := s.stores(ctx)
	if err != nil {
		return day{}, err
	}
	d := day{now: s.Now().In(zoneOf(all)), stores: all, only: only != uuid.Nil, names: shortNames(all)}
	if d.paid, err = s.currencies(ctx); err != nil {
		return d, err
	}
	if currency != "" {
		d.stores, d.asked = chooseStores(all, currency)
	}
	if only != uuid.Nil {
		d.asked = only.String()
		one, err := stock.Location(ctx, s.DB, only)
		if err != nil {
			return d, err
		}
		d.stores = []retail.Location{one}
		d.now = s.Now().In(zoneOf(d.stores))
	}
	if d.figures, err = sales.ReadToday(ctx, s.DB, s.Now(), d.stores); err != nil {
		return d, err
	}
	alerts, err := stock.Alerts(ctx, s.DB)
	if err != nil {
		return d, err
	}
	seen, err := s.seen(ctx)
	if err != nil {
		return d, err
	}
	for _, a := range alerts {
		if only == uuid.Nil && seen(a.Location) || a.Location == only {
			d.alerts = append(d.alerts, a)
		}
	}
	tills, err := s.tillStates(ctx, d.names)
	if err != nil {
		return d, err
	}
	for _, t := range tills {
		if t.EnrolledAt != nil && t.RevokedAt == nil && (only == uuid.Nil || t.Store == only) {
			d.tills = append(d.tills, t)
		}
	}
	return d, nil
}

// silent says that the till was connected and is not any more, so that its figures here are not complete.
func silent(t intake.TillState) bool { return !t.Online && t.Since != nil }

// overviewPage is the first page.
type overviewPage struct {
	kpis    ui.KPIs
	bars    ui.Bars
	remarks []ui.Tag
	alerts  []ui.Alert
	cards   []ui.StoreCard
	note    string // what the cards compare with
	noSales bool
}

func (s *site) overview(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	all, err := s.stores(ctx)
	if err != nil {
		return err
	}
	_, asked := chooseStores(all, r.FormValue("store"))
	chosen, err := uuid.Parse(asked)
	if err == nil {
		asked = ""
	}
	d, err := s.readDay(ctx, chosen, asked)
	if err != nil {
		return err
	}
	v := view{title: ui.T(ctx, "place.overview"), subtitle: ui.LongDate(ctx, d.now), live: dayEvents(chosen)}
	if len(all) == 0 {
		return s.show(w, r, v, noStores())
	}
	if len(all) > 1 {
		v.filter = ui.StoreFilter("store", storeChoices(ctx, all, d.asked))
	}
	ctx = d.paid.in(ctx, d.stores[0])
	r = r.WithContext(ctx)
	p := overviewPage{
		kpis: d.kpis(ctx), bars: d.bars(ctx), remarks: d.remarks(ctx), cards: s.cards(ctx, d),
		note: ui.T(ctx, "overview.against", "Day", d.before(ctx), "Count", sales.TrendDays), noSales: d.noSales(),
	}
	if p.alerts, err = s.attention(ctx, d); err != nil {
		return err
	}
	return s.show(w, r, v, overviewContent(p))
}

func (d day) noSales() bool {
	return d.figures.All.Trend == [sales.TrendDays]money.Amount{} && d.figures.All.Now == sales.Figures{}
}

// filter is what reports and receipts of the day are about.
func (d day) filter() reportFilter {
	today := retail.DateOf(d.now)
	return reportFilter{Filter: sales.Filter{Stores: d.stores, Period: sales.Period{From: today, To: today}}, store: d.asked}
}

// before names the day that today is compared with: "dimanche précédent", "last Sunday".
func (d day) before(ctx context.Context) string {
	return ui.T(ctx, "overview.before", "Day", ui.Weekday(ctx, d.now.Weekday()))
}

func (d day) kpis(ctx context.Context) ui.KPIs {
	now, before := d.figures.All.Now, d.figures.All.Before
	receipts := func(of ...string) string { return link(ctx, d.filter().receipts(of...)) }
	report := link(ctx, "/reports?"+period(d.filter().Period, d.asked))
	against := ui.T(ctx, "overview.against_amount", "Amount", ui.Money(ctx, before.Revenue), "Day", d.before(ctx), "Time", timeOfDay(ctx, d.now))
	margin := ui.KPI{ID: "margin", Label: ui.T(ctx, "figure.margin"), Value: ui.Percent(ctx, now.MarginShare()), Href: report}
	if before.Revenue != 0 {
		margin.Change = points(ctx, now.MarginShare()-before.MarginShare())
	}
	return ui.KPIs{
		Figures: []ui.KPI{
			{
				ID: "revenue", Label: ui.T(ctx, "overview.revenue"), Value: ui.Money(ctx, now.Revenue), Href: report,
				Change: ui.ChangeOf(ctx, int64(now.Revenue), int64(before.Revenue)), Note: against,
			},
			{
				ID: "tickets", Label: ui.T(ctx, "figure.tickets"), Value: ui.Number(ctx, now.Tickets), Href: receipts("only", "sales"),
				Change: ui.ChangeOf(ctx, now.Tickets, before.Tickets),
			},
			{
				ID: "basket", Label: ui.T(ctx, "figure.basket"), Value: ui.Money(ctx, now.Basket()), Href: receipts(),
				Change: ui.ChangeOf(ctx, int64(now.Basket()), int64(before.Basket())),
			},
			{
				ID: "units", Label: ui.T(ctx, "figure.units"), Value: wholeUnits(ctx, now.Units), Href: report,
				Change: ui.ChangeOf(ctx, int64(now.Units), int64(before.Units)),
			},
			margin,
		},
		Brief: ui.T(ctx, "overview.brief", "Tickets", ui.Number(ctx, now.Tickets), "Basket", ui.Money(ctx, now.Basket()), "Day", d.before(ctx), "Amount", ui.Money(ctx, before.Revenue)),
	}
}

// wholeUnits is a sum of pieces and kilograms, which makes sense only roughly.
func wholeUnits(ctx context.Context, q money.Quantity) string {
	return ui.Number(ctx, int64((q+money.One/2)/money.One))
}

// points is a change of a percentage, given in thousandths.
func points(ctx context.Context, thousandths int64) *ui.Change {
	c := ui.ChangeOf(ctx, 1000+thousandths, 1000)
	text := ui.PlainPercent(ctx, thousandths)
	if thousandths > 0 {
		text = "+" + text
	}
	c.Text = ui.T(ctx, "figure.points", "Value", text)
	return c
}

// timeOfDay is a time inside a sentence: 14 h 32; 14:32.
func timeOfDay(ctx context.Context, at time.Time) string {
	if ui.Lang(ctx) == "en" {
		return ui.TimeOfDay(at)
	}
	return fmt.Sprintf("%d\u00a0h\u00a0%02d", at.Hour(), at.Minute())
}

// The hours a chart shows at least.
const (
	firstHour = 8
	lastHour  = 20
)

func (d day) bars(ctx context.Context) ui.Bars {
	b := ui.Bars{
		Title: ui.T(ctx, "overview.by_hour"), Now: ui.T(ctx, "overview.today"), Before: d.before(ctx), Category: ui.T(ctx, "overview.hour"),
		Axis: func(v int64) string { return ui.Number(ctx, v/100) },
	}
	first, last := firstHour, lastHour
	for hour, revenue := range d.figures.All.Hours {
		if revenue != (sales.HourRevenue{}) {
			first, last = min(first, hour), max(last, hour)
		}
	}
	for hour := first; hour <= last; hour++ {
		revenue := d.figures.All.Hours[hour]
		p := ui.Point{
			Label: ui.Hour(ctx, hour), Before: int64(revenue.Before), BeforeText: ui.Money(ctx, revenue.Before),
			Pending: hour == d.now.Hour(), Future: hour > d.now.Hour(), Href: link(ctx, d.filter().receipts("hour", strconv.Itoa(hour))),
		}
		if !p.Future {
			p.Now, p.NowText = int64(revenue.Now), ui.Money(ctx, revenue.Now)
		}
		b.Points = append(b.Points, p)
	}
	return b
}

// remarks name the tills whose sales are missing from the figures.
func (d day) remarks(ctx context.Context) []ui.Tag {
	var remarks []ui.Tag
	for _, t := range d.tills {
		if silent(t) {
			since := t.Since.In(d.now.Location())
			when := timeOfDay(ctx, since)
			if retail.DateOf(since) != retail.DateOf(d.now) {
				when = ui.ShortDate(ctx, since)
			}
			remarks = append(remarks, ui.Tag{
				Tone: ui.ToneWarn, Icon: ui.IconOffline,
				Text: ui.T(ctx, "overview.missing", "Till", tillName(ctx, d.names, t), "When", when),
			})
		}
	}
	return remarks
}

func (s *site) cards(ctx context.Context, d day) []ui.StoreCard {
	cards := make([]ui.StoreCard, len(d.figures.Stores))
	for i, f := range d.figures.Stores {
		c, ctx := &cards[i], d.paid.in(ctx, f.Store)
		*c = ui.StoreCard{
			ID: f.Store.ID.String(), Name: d.names.of(f.Store.ID), Href: link(ctx, "/stores/"+f.Store.ID.String()),
			Revenue: ui.Money(ctx, f.Now.Revenue), Change: ui.ChangeOf(ctx, int64(f.Now.Revenue), int64(f.Before.Revenue)),
			Tickets: ui.T(ctx, "store.tickets", "Count", int(f.Now.Tickets)),
			Basket:  ui.T(ctx, "store.basket", "Amount", ui.Money(ctx, f.Now.Basket())),
			TrendOf: ui.T(ctx, "store.trend", "Count", sales.TrendDays),
		}
		c.Tills, c.Partial = s.tillsTag(ctx, d, f.Store.ID)
		for _, revenue := range f.Trend {
			c.Trend = append(c.Trend, int64(revenue))
		}
		for _, look := range alertLooks {
			for _, a := range d.alerts {
				if a.Location == f.Store.ID && a.Alert == look.alert {
					c.Alerts = append(c.Alerts, ui.Tag{
						Tone: look.tone, Icon: look.icon, Text: ui.T(ctx, look.card, "Count", a.Count),
						Href: link(ctx, "/stock?"+query("alert", string(a.Alert))),
					})
				}
			}
		}
	}
	return cards
}

// tillsTag says how many tills of a store are online, and for how long the longest silent one has been.
func (s *site) tillsTag(ctx context.Context, d day, store uuid.UUID) (tag ui.Tag, partial bool) {
	var online, all int
	var since *time.Time
	for _, t := range d.tills {
		if t.Store != store {
			continue
		}
		all++
		if t.Online {
			online++
		} else if silent(t) && (since == nil || t.Since.Before(*since)) {
			since = t.Since
		}
	}
	text := ui.T(ctx, "store.tills", "Count", all, "Online", online)
	switch {
	case since != nil:
		return ui.Tag{Tone: ui.ToneWarn, Icon: ui.IconOffline, Text: text + " · " + ui.Age(ctx, s.Now().Sub(*since))}, true
	case all == 0 || online < all:
		return ui.Tag{Tone: ui.ToneMuted, Icon: ui.IconTills, Text: text}, false
	default:
		return ui.Tag{Tone: ui.ToneOK, Icon: ui.IconOnline, Text: text}, false
	}
}

// attention is what to look at, by urgency, as far as the person may do something about it.
func (s *site) attention(ctx context.Context, d day) ([]ui.Alert, error) {
	total := stock.TotalAlerts(d.alerts)
	var examples []uuid.UUID
	for _, a := range total {
		examples = append(examples, a.Product)
	}
	products, err := catalog.ByID(ctx, s.DB, examples)
	if err != nil {
		return nil, err
	}
	levels := func(alert stock.Alert) []ui.Alert {
		a, ok := total[alert]
		if !ok {
			return nil
		}
		for _, look := range alertLooks {
			if look.alert == alert {
				where := ui.T(ctx, "alert.depot")
				if name, ok := d.names[a.Location]; ok {
					where = name
				}
				return []ui.Alert{{
					Tone: look.tone, Icon: look.icon, Title: ui.T(ctx, look.title), Value: ui.Number(ctx, int64(a.Count)),
					Example: where + " " + ui.Quantity(ctx, a.OnHand) + " · " + language(ctx, products[a.Product].Name),
					Href:    link(ctx, "/stock?"+query("alert", string(alert))),
				}}
			}
		}
		return nil
	}
	list := append(levels(stock.Negative), levels(stock.Out)...)
	list = append(list, s.silentTills(ctx, d)...)
	list = append(list, s.unsent(ctx, d)...)
	waiting, err := s.waitingRestock(ctx, d)
	if err != nil {
		return nil, err
	}
	list = append(list, waiting...)
	list = append(list, levels(stock.Over)...)
	exceptions, err := s.exceptions(ctx, d)
	return append(list, exceptions...), err
}

func (s *site) silentTills(ctx context.Context, d day) []ui.Alert {
	var worst *intake.TillState
	for i, t := range d.tills {
		if silent(t) && (worst == nil || t.Since.Before(*worst.Since)) {
			worst = &d.tills[i]
		}
	}
	if worst == nil || link(ctx, "/tills") == "" {
		return nil
	}
	example := tillName(ctx, d.names, *worst)
	if worst.Waiting > 0 {
		example += " · " + ui.T(ctx, "alert.waiting", "Count", int(worst.Waiting))
	}
	return []ui.Alert{{
		Tone: ui.ToneWarn, Icon: ui.IconOffline, Title: ui.T(ctx, "alert.offline"), Example: example,
		Value: ui.Age(ctx, s.Now().Sub(*worst.Since)), Href: "/tills",
	}}
}

// unsent is the oldest of what a till says it holds and headquarters has not, whether the till is connected or not.
func (s *site) unsent(ctx context.Context, d day) []ui.Alert {
	var worst *intake.TillState
	var oldest *time.Time
	for i, t := range d.tills {
		if at := t.OldestUnsent; inUse(t) && at != nil && (oldest == nil || at.Before(*oldest)) {
			worst, oldest = &d.tills[i], at
		}
	}
	if worst == nil || link(ctx, "/tills") == "" {
		return nil
	}
	return []ui.Alert{{
		Tone: ui.ToneWarn, Icon: ui.IconClock, Title: ui.T(ctx, "alert.unsent"), Value: ui.Age(ctx, s.Now().Sub(*oldest)), Href: "/tills",
		Example: tillName(ctx, d.names, *worst) + " · " + ui.T(ctx, "alert.waiting", "Count", int(worst.Waiting)),
	}}
}

func (s *site) waitingRestock(ctx context.Context, d day) ([]ui.Alert, error) {
	if link(ctx, "/restock") == "" {
		return nil, nil
	}
	stores := within(ctx)
	if d.only {
		stores = []uuid.UUID{d.stores[0].ID}
	}
	decide, _, err := stock.Waiting(ctx, s.DB, stores)
	if err != nil || decide.Count == 0 {
		return nil, err
	}
	return []ui.Alert{{
		Tone: ui.ToneWarn, Icon: ui.IconRestock, Title: ui.T(ctx, "alert.restock"), Value: ui.Number(ctx, int64(decide.Count)), Href: "/restock",
		Example: ui.T(ctx, "alert.oldest", "Store", d.names.of(decide.Store), "When", ui.DateTime(ctx, decide.Oldest.In(d.now.Location()))),
	}}, nil
}

func (s *site) exceptions(ctx context.Context, d day) ([]ui.Alert, error) {
	if link(ctx, "/exceptions") == "" {
		return nil, nil
	}
	flags, err := s.flags(ctx)
	if err != nil {
		return nil, err
	}
	flags = slices.DeleteFunc(flags, func(f intake.Flag) bool { return d.only && f.Store != d.stores[0].ID })
	if len(flags) == 0 {
		return nil, nil
	}
	what, _ := flagWords(ctx, flags[0].Code)
	return []ui.Alert{{
		Icon: ui.IconExceptions, Title: ui.T(ctx, "alert.exceptions"), Value: ui.Number(ctx, int64(len(flags))), Href: "/exceptions",
		Example: d.names.of(flags[0].Store) + " · " + what,
	}}, nil
}

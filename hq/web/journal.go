package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"comptant/hq/intake"
	"comptant/hq/ui"
	"comptant/shared/journal"
	"comptant/shared/retail"
)

// entriesShown is how many of an epoch's entries one page lists.
const entriesShown = 100

// journalPage is the tills' chains.
type journalPage struct {
	chains, aside ui.Table
	deferred      int64
	any           bool // there are tills, if none that the filter keeps
	check         journalCheck
}

// journalCheck is what the newest verification found of what a page shows, and what can be asked for.
type journalCheck struct {
	verified
	faults      ui.Table
	when        string
	store, till string // what the forms are about; empty for all
	what        string // in words
	back        string
	from, to    string // days to propose for the file for an auditor
}

func (s *site) journal(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	stores, err := s.stores(ctx)
	if err != nil {
		return err
	}
	short, zone := shortNames(stores), zoneOf(stores)
	states, err := s.tillStates(ctx, short)
	if err != nil {
		return err
	}
	aside, err := s.Journal.KeptAside(ctx)
	if err != nil {
		return err
	}
	tills := namesOfTills(ctx, states, short)
	aside = slices.DeleteFunc(aside, func(a intake.Aside) bool { return tills[a.Till] == "" })
	paid, err := s.currencies(ctx)
	if err != nil {
		return err
	}
	f := tillFilterOf(r)
	shown, foot := f.page(r, states, short)
	p := journalPage{
		chains: chainTable(ctx, shown, short, zone), any: len(states) > 0,
		aside: asideTable(ctx, paid.of(ctx, stores), aside, tills, zone),
	}
	p.chains.Foot = ui.Pagination(foot)
	places, err := s.verifiable(ctx)
	if err != nil {
		return err
	}
	what, store := ui.T(ctx, "filter.all_stores"), ""
	if f.store != uuid.Nil {
		places = slices.DeleteFunc(places, func(l retail.Location) bool { return l.ID != f.store })
		what, store = short.of(f.store), f.store.String()
	}
	var entries int64
	for _, state := range states {
		p.deferred += state.Deferred
		if f.store == uuid.Nil || state.Store == f.store {
			entries += state.Entries
		}
	}
	if p.check, err = s.journalCheck(r, scopesAt(places), entries, tills, placesOf(places), zone); err != nil {
		return err
	}
	p.check.store, p.check.what = store, what
	return s.show(w, r, view{
		title: ui.T(ctx, "place.journal"), subtitle: ui.T(ctx, "journal.subtitle"), live: []string{eventJournal, eventSales, eventTills},
		tools: tillTools("/journal", f, storeOptions(stores, f.store.String())),
	}, journalContent(p))
}

// journalCheck reads what is known of scopes.
func (s *site) journalCheck(r *http.Request, scopes []intake.Scope, entries int64, tills tillNames, places names, zone *time.Location) (c journalCheck, err error) {
	ctx := r.Context()
	if c.verified, err = s.verifiedOf(ctx, scopes, entries); err != nil {
		return c, err
	}
	today := retail.DateOf(s.Now().In(zone))
	c.back, c.from, c.to = r.URL.RequestURI(), (today - today%100 + 1).String(), today.String()
	if c.since != nil {
		c.when = ui.DateTime(ctx, c.since.In(zone))
	}
	said, err := s.findingWords(ctx, c.findings)
	if err != nil {
		return c, err
	}
	c.faults = ui.Table{Caption: ui.T(ctx, "journal.faults"), Columns: []ui.Column{
		{Label: ui.T(ctx, "tills.till")}, {Label: ui.T(ctx, "journal.entry")}, {Label: ui.T(ctx, "journal.fault")},
	}}
	for _, f := range c.findings {
		where, entry := ui.Cell{Text: places.of(f.Store)}, ui.Cell{Text: dash}
		if f.Till != uuid.Nil {
			where.Text = tills.of(f.Till)
			entry = ui.Cell{Text: fmt.Sprintf("%d.%d", f.Epoch, f.Seq), Href: entryAddress(f.Till, f.Epoch, f.Seq)}
		}
		c.faults.Rows = append(c.faults.Rows, ui.Row{Cells: []ui.Cell{where, entry, said(f)}})
	}
	return c, nil
}

func chainTable(ctx context.Context, states []intake.TillState, stores names, zone *time.Location) ui.Table {
	t := ui.Table{Caption: ui.T(ctx, "journal.chains"), Columns: []ui.Column{
		{Label: ui.T(ctx, "tills.till")},
		{Label: ui.T(ctx, "tills.entries"), Figure: true},
		{Label: ui.T(ctx, "journal.newest")},
		{Label: ui.T(ctx, "tills.waiting"), Figure: true},
		{Label: ui.T(ctx, "journal.deferred"), Figure: true},
		{Label: ui.T(ctx, "journal.flagged"), Figure: true},
	}}
	for _, state := range states {
		flagged := worry(ctx, state.Flagged, ui.IconExceptions, ui.ToneBad)
		if state.Flagged > 0 {
			flagged.Href = "/exceptions"
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: tillName(ctx, stores, state), Href: "/journal/" + state.ID.String()},
			{Text: ui.Number(ctx, state.Entries), Href: "/journal/" + state.ID.String(), Strong: true},
			{Text: moment(ctx, state.Newest, zone)},
			worry(ctx, state.Waiting, ui.IconClock, ui.ToneWarn),
			worry(ctx, state.Deferred, ui.IconPending, ui.ToneWarn),
			flagged,
		}})
	}
	return t
}

// asideTable is what keys that count no more have sent.
func asideTable(ctx context.Context, paidAt func(store uuid.UUID) context.Context, kept []intake.Aside, tills tillNames, zone *time.Location) ui.Table {
	t := ui.Table{Caption: ui.T(ctx, "journal.aside"), Columns: []ui.Column{
		{Label: ui.T(ctx, "tills.till")},
		{Label: ui.T(ctx, "journal.key")},
		{Label: ui.T(ctx, "tills.entries"), Figure: true},
		{Label: ui.T(ctx, "journal.aside_sales"), Figure: true},
		{Label: ui.T(ctx, "journal.aside_total"), Figure: true},
		{Label: ui.T(ctx, "journal.newest")},
	}}
	for _, a := range kept {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: tills.of(a.Till)},
			{Part: fingerprint(fmt.Sprintf("%x", a.Key[:8]))},
			{Text: ui.Number(ctx, a.Entries)},
			{Text: ui.Number(ctx, a.Documents)},
			{Text: ui.Money(paidAt(a.Store), a.Total), Strong: true},
			{Text: ui.DateTime(ctx, a.Newest.In(zone))},
		}})
	}
	return t
}

// worry is a count that should be zero.
func worry(ctx context.Context, n int64, icon ui.Icon, tone ui.Tone) ui.Cell {
	if n == 0 {
		return ui.Cell{Text: dash}
	}
	return ui.Cell{Text: ui.Number(ctx, n), Icon: icon, Tone: tone}
}

func entryAddress(till uuid.UUID, epoch, seq uint64) string {
	return fmt.Sprintf("/journal/%s?epoch=%d&from=%d", till, epoch, seq)
}

// tillJournal lists the entries of one epoch of a till.
func (s *site) tillJournal(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	till, err := s.tillOf(ctx, r.PathValue("till"))
	if err != nil {
		return err
	}
	stores, err := s.stores(ctx)
	if err != nil {
		return err
	}
	epoch, from := numberOf(r, "epoch", 1), numberOf(r, "from", 1)
	entries, err := s.Journal.Entries(ctx, till.Store, till.ID, epoch, from, entriesShown+1)
	if err != nil {
		return err
	}
	foot := ui.Pages{Note: ui.T(ctx, "journal.epoch", "Number", int(epoch))}
	if len(entries) > entriesShown {
		foot.Next = with(r, "from", fmt.Sprint(entries[entriesShown].Seq))
		entries = entries[:entriesShown]
	}
	if from > 1 {
		foot.Prev = with(r, "from", fmt.Sprint(max(1, int(from)-entriesShown)))
	}
	t := entryTable(ctx, entries, zoneOf(stores))
	t.Foot = ui.Pagination(foot)
	name := tillName(ctx, shortNames(stores), till)
	check, err := s.journalCheck(r, []intake.Scope{{Store: till.Store, Till: till.ID}}, till.Entries, tillNames{till.ID: name}, nil, zoneOf(stores))
	if err != nil {
		return err
	}
	check.till, check.what = till.ID.String(), name
	v := view{title: name, parent: "/journal"}
	if check.running {
		v.live = []string{eventJournal}
	}
	return s.show(w, r, v, entryContent(t, check))
}

func entryTable(ctx context.Context, entries []intake.Entry, zone *time.Location) ui.Table {
	t := ui.Table{Caption: ui.T(ctx, "place.journal"), Columns: []ui.Column{
		{Label: ui.T(ctx, "journal.entry")},
		{Label: ui.T(ctx, "journal.kind")},
		{Label: ui.T(ctx, "journal.written")},
		{Label: ui.T(ctx, "journal.received")},
		{Label: ui.T(ctx, "journal.bytes"), Figure: true},
		{Label: ui.T(ctx, "journal.hash")},
	}}
	for _, e := range entries {
		kind, written := ui.T(ctx, "journal.unreadable"), ui.Cell{Text: dash}
		if e.Envelope.Kind != 0 {
			kind, written = kindWord(ctx, e.Envelope.Kind), writtenCell(ctx, e, zone)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: fmt.Sprintf("%d.%d", e.Epoch, e.Seq)},
			{Text: kind},
			written,
			{Text: ui.DateTime(ctx, e.ReceivedAt.In(zone))},
			{Text: ui.Number(ctx, int64(len(e.Bytes)))},
			{Part: fingerprint(fmt.Sprintf("%x", e.Hash[:8]))},
		}})
	}
	return t
}

// entryWords are what entries of the journal are called.
var entryWords = map[journal.Kind]string{
	journal.KindEpochOpen:      "kind.epoch_open",
	journal.KindSale:           "kind.sale",
	journal.KindRefund:         "kind.refund",
	journal.KindRefundHold:     "kind.refund_hold",
	journal.KindVoid:           "kind.void",
	journal.KindCashMove:       "kind.cash_move",
	journal.KindShiftOpen:      "kind.shift_open",
	journal.KindShiftClose:     "kind.shift_close",
	journal.KindAdjust:         "kind.adjust",
	journal.KindCount:          "kind.count",
	journal.KindClock:          "kind.clock",
	journal.KindRestockRequest: "kind.restock_request",
	journal.KindReceive:        "kind.receive",
	journal.KindTransferOut:    "kind.transfer_out",
	journal.KindTransferIn:     "kind.transfer_in",
	journal.KindOrderAccept:    "kind.order_accept",
	journal.KindOrderShort:     "kind.order_short",
	journal.KindOrderReady:     "kind.order_ready",
	journal.KindOrderCollected: "kind.order_collected",
	journal.KindSignIn:         "kind.sign_in",
	journal.KindOverride:       "kind.override",
	journal.KindDrawerOpen:     "kind.drawer_open",
	journal.KindChainHead:      "kind.chain_head",
}

func kindWord(ctx context.Context, kind journal.Kind) string {
	if word, ok := entryWords[kind]; ok {
		return ui.T(ctx, word)
	}
	return kind.String() // of a later version
}

// numberOf reads a number of the address; what is none is the least.
func numberOf(r *http.Request, name string, least uint64) uint64 {
	n, err := strconv.ParseUint(r.FormValue(name), 10, 63)
	if err != nil {
		return least
	}
	return max(n, least)
}

// writtenCell says when an entry was written, and how well that is known where it is not measured.
func writtenCell(ctx context.Context, e intake.Entry, zone *time.Location) ui.Cell {
	c := ui.Cell{Text: ui.DateTime(ctx, e.At.In(zone))}
	switch e.Dated {
	case intake.Unmeasured:
		c.Sub = ui.T(ctx, "journal.unmeasured")
	case intake.Corrected:
		c.Sub = ui.T(ctx, "journal.corrected", "Said", ui.DateTime(ctx, e.Envelope.At().In(zone)))
	case intake.Uncertain:
		c.Sub, c.Icon, c.Tone = ui.T(ctx, "journal.uncertain"), ui.IconClock, ui.ToneWarn
	}
	return c
}

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
)

// entriesShown is how many of an epoch's entries one page lists.
const entriesShown = 100

// journalPage is the tills' chains.
type journalPage struct {
	chains, aside ui.Table
	deferred      int64
	// checked is what a verification found; nil when none was asked for.
	checked *checked
}

// checked is what a verification found.
type checked struct {
	entries, took string
	faults        ui.Table
}

func (s *site) journal(w http.ResponseWriter, r *http.Request) error {
	return s.showJournal(w, r, nil)
}

func (s *site) showJournal(w http.ResponseWriter, r *http.Request, found *checked) error {
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
	aside = slices.DeleteFunc(aside, func(a intake.Aside) bool {
		return !slices.ContainsFunc(states, func(t intake.TillState) bool { return t.ID == a.Till })
	})
	paid, err := s.currencies(ctx)
	if err != nil {
		return err
	}
	p := journalPage{
		chains: chainTable(ctx, states, short, zone),
		aside:  asideTable(ctx, paid.of(ctx, stores), aside, states, short, zone), checked: found,
	}
	for _, state := range states {
		p.deferred += state.Deferred
	}
	v := view{title: ui.T(ctx, "place.journal"), subtitle: ui.T(ctx, "journal.subtitle")}
	if found == nil {
		v.live = []string{eventJournal, eventSales, eventTills}
	}
	return s.show(w, r, v, journalContent(p))
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
func asideTable(ctx context.Context, paidAt func(store uuid.UUID) context.Context, kept []intake.Aside, states []intake.TillState, stores names, zone *time.Location) ui.Table {
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
			{Text: nameOfTill(ctx, a.Till, states, stores)},
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

func nameOfTill(ctx context.Context, id uuid.UUID, states []intake.TillState, stores names) string {
	for _, state := range states {
		if state.ID == id {
			return tillName(ctx, stores, state)
		}
	}
	return id.String()
}

func entryAddress(till uuid.UUID, epoch, seq uint64) string {
	return fmt.Sprintf("/journal/%s?epoch=%d&from=%d", till, epoch, seq)
}

// verify recomputes every chain and every figure from the entries.
func (s *site) verify(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	began := time.Now()
	faults, err := s.Journal.Verify(ctx, uuid.Nil)
	if err != nil {
		return err
	}
	faults = slices.DeleteFunc(faults, func(f intake.Fault) bool { return !sees(ctx, f.Store) })
	stores, err := s.stores(ctx)
	if err != nil {
		return err
	}
	short := shortNames(stores)
	states, err := s.tillStates(ctx, short)
	if err != nil {
		return err
	}
	var entries int64
	for _, state := range states {
		entries += state.Entries
	}
	found := &checked{
		entries: ui.Number(ctx, entries), took: fmt.Sprintf("%.1f", time.Since(began).Seconds()),
		faults: ui.Table{Caption: ui.T(ctx, "journal.faults"), Columns: []ui.Column{
			{Label: ui.T(ctx, "tills.till")}, {Label: ui.T(ctx, "journal.entry")}, {Label: ui.T(ctx, "journal.fault")},
		}},
	}
	findings := make([]intake.Finding, len(faults))
	for i, f := range faults {
		findings[i] = f.Finding()
	}
	said, err := s.findingWords(ctx, findings)
	if err != nil {
		return err
	}
	for _, f := range findings {
		where, entry := ui.Cell{Text: short.of(f.Store)}, ui.Cell{Text: dash}
		if f.Till != uuid.Nil {
			where.Text = nameOfTill(ctx, f.Till, states, short)
			entry = ui.Cell{Text: fmt.Sprintf("%d.%d", f.Epoch, f.Seq), Href: entryAddress(f.Till, f.Epoch, f.Seq)}
		}
		found.faults.Rows = append(found.faults.Rows, ui.Row{Cells: []ui.Cell{where, entry, said(f)}})
	}
	s.Log.Info("journals verified", "entries", entries, "faults", len(faults), "by", personOf(ctx).ID)
	return s.showJournal(w, r, found)
}

// tillJournal lists the entries of one epoch of a till.
func (s *site) tillJournal(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id, err := idOf(r.PathValue("till"))
	if err != nil {
		return err
	}
	states, err := s.Journal.Tills(ctx)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(states, func(t intake.TillState) bool { return t.ID == id && sees(ctx, t.Store) })
	if at < 0 {
		_, err := idOf("")
		return err
	}
	till := states[at]
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
	return s.show(w, r, view{
		title: ui.T(ctx, "place.journal"), subtitle: tillName(ctx, shortNames(stores), till),
	}, entryContent(t))
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

// kindWord is what an entry of the journal is, as pages call it.
func kindWord(ctx context.Context, kind journal.Kind) string {
	words := map[journal.Kind]string{
		journal.KindEpochOpen:      ui.T(ctx, "kind.epoch_open"),
		journal.KindSale:           ui.T(ctx, "kind.sale"),
		journal.KindRefund:         ui.T(ctx, "kind.refund"),
		journal.KindRefundHold:     ui.T(ctx, "kind.refund_hold"),
		journal.KindVoid:           ui.T(ctx, "kind.void"),
		journal.KindCashMove:       ui.T(ctx, "kind.cash_move"),
		journal.KindShiftOpen:      ui.T(ctx, "kind.shift_open"),
		journal.KindShiftClose:     ui.T(ctx, "kind.shift_close"),
		journal.KindAdjust:         ui.T(ctx, "kind.adjust"),
		journal.KindCount:          ui.T(ctx, "kind.count"),
		journal.KindClock:          ui.T(ctx, "kind.clock"),
		journal.KindRestockRequest: ui.T(ctx, "kind.restock_request"),
		journal.KindReceive:        ui.T(ctx, "kind.receive"),
		journal.KindTransferOut:    ui.T(ctx, "kind.transfer_out"),
		journal.KindTransferIn:     ui.T(ctx, "kind.transfer_in"),
		journal.KindOrderAccept:    ui.T(ctx, "kind.order_accept"),
		journal.KindOrderShort:     ui.T(ctx, "kind.order_short"),
		journal.KindOrderReady:     ui.T(ctx, "kind.order_ready"),
		journal.KindOrderCollected: ui.T(ctx, "kind.order_collected"),
		journal.KindSignIn:         ui.T(ctx, "kind.sign_in"),
		journal.KindOverride:       ui.T(ctx, "kind.override"),
		journal.KindDrawerOpen:     ui.T(ctx, "kind.drawer_open"),
		journal.KindChainHead:      ui.T(ctx, "kind.chain_head"),
	}
	if word, ok := words[kind]; ok {
		return word
	}
	return kind.String()
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

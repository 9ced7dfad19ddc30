package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"comptant/hq/intake"
	"comptant/hq/stock"
	"comptant/hq/ui"
)

// entriesShown is how many of an epoch's entries one page lists.
const entriesShown = 100

// journalPage is the tills' chains, and what a person must look at.
type journalPage struct {
	chains, flags ui.Table
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
	stores, err := stock.Stores(ctx, s.DB)
	if err != nil {
		return err
	}
	short, zone := shortNames(stores), zoneOf(stores)
	states, err := s.tillStates(ctx, short)
	if err != nil {
		return err
	}
	flags, err := s.Journal.Flags(ctx)
	if err != nil {
		return err
	}
	p := journalPage{chains: chainTable(ctx, states, short, zone), flags: flagTable(ctx, flags, states, short, zone), checked: found}
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
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: tillName(ctx, stores, state), Href: "/journal/" + state.ID.String()},
			{Text: ui.Number(ctx, state.Entries), Href: "/journal/" + state.ID.String(), Strong: true},
			{Text: moment(ctx, state.Newest, zone)},
			worry(ctx, state.Waiting, ui.IconClock, ui.ToneWarn),
			worry(ctx, state.Deferred, ui.IconPending, ui.ToneWarn),
			worry(ctx, state.Flagged, ui.IconExceptions, ui.ToneBad),
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

func flagTable(ctx context.Context, flags []intake.Flag, states []intake.TillState, stores names, zone *time.Location) ui.Table {
	t := ui.Table{Caption: ui.T(ctx, "journal.flags"), Columns: []ui.Column{
		{Label: ui.T(ctx, "journal.when")},
		{Label: ui.T(ctx, "tills.till")},
		{Label: ui.T(ctx, "journal.entry")},
		{Label: ui.T(ctx, "journal.what")},
		{Label: ui.T(ctx, "journal.detail")},
	}}
	for _, f := range flags {
		entry := ui.Cell{Text: dash}
		if f.Seq > 0 {
			entry = ui.Cell{Text: fmt.Sprintf("%d.%d", f.Epoch, f.Seq), Href: entryAddress(f.Till, f.Epoch, f.Seq)}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: ui.DateTime(ctx, f.At.In(zone))},
			{Text: nameOfTill(ctx, f.Till, states, stores)},
			entry,
			{Text: flagWord(ctx, f.Code), Icon: ui.IconExceptions, Tone: ui.ToneWarn},
			{Text: f.Detail},
		}})
	}
	return t
}

func flagWord(ctx context.Context, code string) string {
	words := map[string]string{
		intake.FlagInvalid: ui.T(ctx, "flag.invalid"), intake.FlagUnknownProduct: ui.T(ctx, "flag.unknown_product"),
		intake.FlagOtherStore: ui.T(ctx, "flag.other_store"), intake.FlagRolledBack: ui.T(ctx, "flag.rolled_back"), intake.FlagFork: ui.T(ctx, "flag.fork"),
		intake.FlagNoHold: ui.T(ctx, "flag.no_hold"), intake.FlagClock: ui.T(ctx, "flag.clock"),
	}
	if word, ok := words[code]; ok {
		return word
	}
	return code
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
	states, err := s.Journal.Tills(ctx)
	if err != nil {
		return err
	}
	stores, err := stock.Stores(ctx, s.DB)
	if err != nil {
		return err
	}
	short := shortNames(stores)
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
	for _, f := range faults {
		where, entry := ui.Cell{Text: short.of(f.Store)}, ui.Cell{Text: dash}
		if f.Till != uuid.Nil {
			where.Text = nameOfTill(ctx, f.Till, states, short)
			entry = ui.Cell{Text: fmt.Sprintf("%d.%d", f.Epoch, f.Seq), Href: entryAddress(f.Till, f.Epoch, f.Seq)}
		}
		found.faults.Rows = append(found.faults.Rows, ui.Row{Cells: []ui.Cell{where, entry, {Text: errors.Unwrap(f).Error(), Icon: ui.IconAlert, Tone: ui.ToneBad}}})
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
	at := slices.IndexFunc(states, func(t intake.TillState) bool { return t.ID == id })
	if at < 0 {
		_, err := idOf("")
		return err
	}
	till := states[at]
	stores, err := stock.Stores(ctx, s.DB)
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
			kind, written = e.Envelope.Kind.String(), writtenCell(ctx, e, zone)
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

// numberOf reads a number of the address; what is none is the least.
func numberOf(r *http.Request, name string, least uint64) uint64 {
	n, err := strconv.ParseUint(r.FormValue(name), 10, 63)
	if err != nil {
		return least
	}
	return max(n, least)
}

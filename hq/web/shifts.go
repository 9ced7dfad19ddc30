package web

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"comptant/hq/intake"
	"comptant/hq/sales"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/retail"
)

// recentShifts is how many a store's page shows.
const recentShifts = 14

// shiftTable is a store's newest shifts: who opened and closed them, what was in the drawer and what should have been.
func (s *site) shiftTable(ctx context.Context, store retail.Location, states []intake.TillState) (ui.Table, error) {
	t := ui.Table{Caption: ui.T(ctx, "shifts.title"), Columns: []ui.Column{
		{Label: ui.T(ctx, "shifts.z")},
		{Label: ui.T(ctx, "shifts.opened")},
		{Label: ui.T(ctx, "shifts.closed")},
		{Label: ui.T(ctx, "receipts.who")},
		{Label: ui.T(ctx, "shifts.expected"), Figure: true},
		{Label: ui.T(ctx, "shifts.counted"), Figure: true},
		{Label: ui.T(ctx, "shifts.difference"), Figure: true},
	}}
	all, err := s.Journal.Shifts(ctx, intake.ShiftFilter{Store: store.ID, Most: recentShifts})
	if err != nil {
		return t, err
	}
	var ids []uuid.UUID
	for _, of := range all {
		ids = append(ids, of.OpenedBy)
		if of.ClosedBy != nil {
			ids = append(ids, *of.ClosedBy)
		}
	}
	people, err := users.Names(ctx, s.DB, ids)
	if err != nil {
		return t, err
	}
	zone := zoneOf([]retail.Location{store})
	numbers := map[uuid.UUID]int{}
	for _, state := range states {
		numbers[state.ID] = state.Number
	}
	for _, of := range all {
		name := ui.Cell{Text: ui.T(ctx, "shifts.open"), Sub: ui.T(ctx, "shifts.till", "Number", numbers[of.Till]), Icon: ui.IconClock}
		span := sales.Shift{Opened: sales.Entry{Epoch: uint64(of.OpenedEpoch), Seq: uint64(of.OpenedSeq)}}
		closed, expected, counted, difference := ui.Cell{Text: dash}, ui.Cell{Text: dash}, ui.Cell{Text: dash}, ui.Cell{Text: dash}
		if of.ClosedAt != nil {
			name.Text, name.Icon = retail.ZCode(store.Code, numbers[of.Till], uint64(of.Epoch), uint64(of.Z)), ""
			closed.Text = s.shortMoment(ctx, of.ClosedAt.In(zone))
			expected.Text, counted.Text = ui.PlainMoney(ctx, of.Expected), ui.PlainMoney(ctx, of.Counted)
			difference = differenceCell(ctx, of)
			span.Closed = sales.Entry{Epoch: uint64(of.Epoch), Seq: uint64(of.ClosedSeq)}
		}
		name.Href = shiftReceipts(store.ID, of.Till, retail.Date(of.Date), span)
		if of.ClosedAt != nil {
			expected.Href, counted.Href = name.Href, name.Href
		}
		if difference.Text != dash {
			difference.Href = name.Href
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			name, {Text: s.shortMoment(ctx, of.OpenedAt.In(zone))}, closed, {Text: whoOf(people, of)}, expected, counted, difference,
		}})
	}
	return t, nil
}

// shiftReceipts is the address of the receipts that moved a drawer during a shift.
func shiftReceipts(store, till uuid.UUID, date retail.Date, s sales.Shift) string {
	pairs := []string{"till", till.String(), "only", "cash", "opened", entryText(s.Opened)}
	if s.Closed.Seq > 0 {
		pairs = append(pairs, "closed", entryText(s.Closed))
	}
	return "/receipts?" + period(sales.Period{From: date, To: date}, store.String(), pairs...)
}

// entryText is the place of an entry, as entryOf reads it.
func entryText(e sales.Entry) string { return fmt.Sprintf("%d.%d", e.Epoch, e.Seq) }

// differenceCell is what is over or short, or that the Z is not what the entries come to, which weighs more.
func differenceCell(ctx context.Context, of intake.Shift) ui.Cell {
	c := ui.Cell{Text: ui.PlainMoney(ctx, of.Difference()), Strong: true}
	switch {
	case !of.Agrees:
		c.Icon, c.Tone, c.Sub = ui.IconAlert, ui.ToneBad, ui.T(ctx, "shifts.disagrees")
	case of.Difference() < 0:
		c.Tone = ui.ToneBad
	case of.Difference() > 0:
		c.Tone = ui.ToneWarn
	default:
		c.Text, c.Strong = dash, false
	}
	return c
}

// whoOf is who opened the shift and, when it was another, who closed it.
func whoOf(people map[uuid.UUID]string, of intake.Shift) string {
	name := func(id uuid.UUID) string {
		if people[id] == "" {
			return dash
		}
		return people[id]
	}
	if of.ClosedBy != nil && *of.ClosedBy != of.OpenedBy {
		return name(of.OpenedBy) + " → " + name(*of.ClosedBy)
	}
	return name(of.OpenedBy)
}

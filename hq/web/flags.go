package web

import (
	"context"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/intake"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/journal"
	"comptant/shared/retail"
)

// noteMost is how long a note about what was done may be, in characters.
const noteMost = 500

func flagTable(ctx context.Context, flags []intake.Flag, products map[uuid.UUID]catalog.Product, tills tillNames, stores names, zone *time.Location) ui.Table {
	t := ui.Table{Caption: ui.T(ctx, "exceptions.journal"), Columns: []ui.Column{
		{Label: ui.T(ctx, "journal.when")},
		{Label: ui.T(ctx, "tills.till")},
		{Label: ui.T(ctx, "journal.entry")},
		{Label: ui.T(ctx, "journal.what")},
		{Label: ui.T(ctx, "journal.detail")},
	}}
	settles := may(ctx, users.ResolveFlags)
	if settles {
		t.Columns = append(t.Columns, ui.Column{})
	}
	for _, f := range flags {
		entry := ui.Cell{Text: dash}
		if f.Seq > 0 {
			entry = ui.Cell{Text: fmt.Sprintf("%d.%d", f.Epoch, f.Seq), Href: entryAddress(f.Till, f.Epoch, f.Seq)}
		}
		what, todo := flagWords(ctx, f.Code)
		cells := []ui.Cell{
			{Text: ui.DateTime(ctx, f.At.In(zone))},
			{Text: tills.of(f.Till)},
			entry,
			{Text: what, Sub: todo, Icon: ui.IconExceptions, Tone: ui.ToneWarn},
			flagDetail(ctx, f, products, stores),
		}
		if settles {
			cells = append(cells, ui.Cell{Part: settleFlag(f)})
		}
		t.Rows = append(t.Rows, ui.Row{Cells: cells})
	}
	return t
}

// flagKeys are the words for what is wrong, and for what somebody can do about it.
var flagKeys = map[string][2]string{
	intake.FlagInvalid:        {"flag.invalid", "flag.invalid_do"},
	intake.FlagUnknownProduct: {"flag.unknown_product", "flag.unknown_product_do"},
	intake.FlagUnknownReceipt: {"flag.unknown_receipt", "flag.unknown_receipt_do"},
	intake.FlagOverRefunded:   {"flag.over_refunded", "flag.over_refunded_do"},
	intake.FlagNoHold:         {"flag.no_hold", "flag.no_hold_do"},
	intake.FlagNoReceipt:      {"flag.no_receipt", "flag.no_receipt_do"},
	intake.FlagDoubt:          {"flag.doubt", "flag.doubt_do"},
	intake.FlagOrder:          {"flag.order", "flag.order_do"},
	intake.FlagSignature:      {"flag.signature", "flag.signature_do"},
	intake.FlagOtherStore:     {"flag.other_store", "flag.other_store_do"},
	intake.FlagPrintedTwice:   {"flag.printed_twice", "flag.printed_twice_do"},
	intake.FlagNeverReceived:  {"flag.never_received", "flag.never_received_do"},
	intake.FlagRolledBack:     {"flag.rolled_back", "flag.rolled_back_do"},
	intake.FlagClock:          {"flag.clock", "flag.clock_do"},
	intake.FlagFork:           {"flag.fork", "flag.fork_do"},
	intake.FlagHole:           {"flag.hole", "flag.hole_do"},
	intake.FlagDiskImage:      {"flag.disk_image", "flag.disk_image_do"},
	intake.FlagTwoMachines:    {"flag.two_machines", "flag.two_machines_do"},
	intake.FlagAside:          {"flag.aside", "flag.aside_do"},
}

func flagWords(ctx context.Context, code string) (what, todo string) {
	keys, ok := flagKeys[code]
	if !ok {
		return code, "" // of a later version
	}
	return ui.T(ctx, keys[0]), ui.T(ctx, keys[1])
}

// resolveFlag closes a flag with a note of what was done about it.
func (s *site) resolveFlag(w http.ResponseWriter, r *http.Request) error {
	f, err := flagOf(r)
	if err != nil {
		return &retail.Error{Code: retail.Invalid, Key: "flag.gone", Err: err}
	}
	note := strings.TrimSpace(r.PostFormValue("note"))
	if note == "" || len([]rune(note)) > noteMost {
		return &retail.Error{Code: retail.Invalid, Key: "flag.note_missing"}
	}
	err = s.change(r, func(tx *db.Tx) (users.Change, error) {
		done, err := s.Journal.Resolve(r.Context(), tx, f, personOf(r.Context()).ID, note)
		if err == nil && !done {
			err = &retail.Error{Code: retail.Conflict, Key: "flag.gone"}
		}
		return users.Change{
			Kind: users.DidResolveFlag, Subject: f.Till.String(), Title: f.Code,
			After: map[string]any{"epoch": f.Epoch, "seq": f.Seq, "note": note},
		}, err
	})
	if err != nil {
		return err
	}
	flash(w, r, ui.ToneOK, ui.T(r.Context(), "flag.resolved"))
	http.Redirect(w, r, "/exceptions", http.StatusSeeOther)
	return nil
}

// flagOf reads which flag a form names.
func flagOf(r *http.Request) (f intake.Flag, err error) {
	f.Code = r.PostFormValue("code")
	if f.Store, err = uuid.Parse(r.PostFormValue("store")); err != nil {
		return f, err
	}
	if f.Till, err = uuid.Parse(r.PostFormValue("till")); err != nil {
		return f, err
	}
	if f.Epoch, err = strconv.ParseUint(r.PostFormValue("epoch"), 10, 63); err != nil {
		return f, err
	}
	if f.Seq, err = strconv.ParseUint(r.PostFormValue("seq"), 10, 63); err != nil {
		return f, err
	}
	f.Hash, err = hex.DecodeString(r.PostFormValue("hash"))
	if n := len(f.Hash); err == nil && n != 0 && n != len(journal.Hash{}) {
		err = fmt.Errorf("hash of %d bytes", n)
	}
	return f, err
}

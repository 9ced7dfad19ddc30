package till

import (
	"context"
	"slices"
	"time"

	"comptant/shared/retail"

	"github.com/fxamacker/cbor/v2"
)

// DrawerCount is what was counted of the drawer when somebody put the count off.
type DrawerCount struct {
	Count []retail.Denomination
	// At is when, in the store's time zone, By the name of who counted; empty for somebody who no longer works here.
	At time.Time
	By string
}

// keptDrawer is a count as it is written down. It is of one shift, which may be closed without it.
type keptDrawer struct {
	Shift retail.ChainEnd       `cbor:"1,keyasint"`
	Count []retail.Denomination `cbor:"2,keyasint"`
	At    int64                 `cbor:"3,keyasint"` // milliseconds
	By    []byte                `cbor:"4,keyasint"`
}

// KeepDrawer keeps what was counted so far, for whoever counts on. A failure stops nobody: it is still on the screen.
func (t *Till) KeepDrawer(count []retail.Denomination) {
	if !t.counting || t.user == nil {
		return
	}
	if !slices.ContainsFunc(count, func(d retail.Denomination) bool { return d.Count > 0 }) {
		t.dropDrawer()
		return
	}
	body, err := cbor.Marshal(keptDrawer{Shift: t.shift.Opened, Count: count, At: t.Now().UnixMilli(), By: t.user.ID[:]})
	if err == nil {
		err = t.counts.KeepDrawer(body)
	}
	if err != nil {
		t.log.Error("the count of the drawer is not kept", "err", err)
	}
}

// KeptDrawer is what was counted of this shift's drawer before; ok is false when nothing was.
func (t *Till) KeptDrawer(ctx context.Context) (d DrawerCount, ok bool) {
	body, err := t.counts.KeptDrawer(ctx)
	if err != nil {
		t.log.Error("the count of the drawer that was put off is lost", "err", err)
	}
	if len(body) == 0 || !t.shift.Open() {
		return DrawerCount{}, false
	}
	var k keptDrawer
	if err := cbor.Unmarshal(body, &k); err != nil {
		t.log.Error("decode a kept count of the drawer", "err", err)
		return DrawerCount{}, false
	}
	if k.Shift.Epoch != t.shift.Opened.Epoch || k.Shift.Seq != t.shift.Opened.Seq {
		return DrawerCount{}, false
	}
	d = DrawerCount{Count: k.Count, At: time.UnixMilli(k.At).In(t.location())}
	if len(k.By) == 16 {
		if d.By, err = t.nameOf(ctx, [16]byte(k.By)); err != nil {
			t.log.Error("read who counted", "err", err)
		}
	}
	return d, true
}

// dropDrawer forgets what was kept.
func (t *Till) dropDrawer() {
	if err := t.counts.KeepDrawer(nil); err != nil {
		t.log.Error("a count of the drawer is kept that is of no use any more", "err", err)
	}
}

// checkPieces says that a count is possible.
func checkPieces(count []retail.Denomination) error {
	for _, d := range count {
		if d.Count < 0 || d.Count > mostPieces || d.Value <= 0 || d.Roll < 0 {
			return fail(retail.Invalid, KeyShiftCount)
		}
	}
	return nil
}

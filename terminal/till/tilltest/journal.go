// Package tilltest keeps in memory what a till keeps on its disk and hears from headquarters, for the tests of its rules and of
// its screens. A test reads and changes the fields; the ledger, which is the real thing, has tests of its own.
package tilltest

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
)

// ID is a short id that can be told apart in a failure.
func ID(n int) uuid.UUID { return uuid.UUID{14: byte(n >> 8), 15: byte(n)} }

// Journal keeps the chain and the numbers of the real one, of the till with the id 99.
type Journal struct {
	Now    func() time.Time
	Drafts []Entry
	// Fails is what every commit ends with; Before, when it is not nil, happens right before the lock is taken.
	Fails  error
	Before func()
	// Unsent is what Waiting tells, Acked the newest entry headquarters has, Notices what it says of receipts by number.
	Unsent  till.Waiting
	Acked   uint64
	Notices map[uint64]string
	// Sent are the transfers headquarters tells of.
	Sent []retail.Sent

	head   journal.Hash
	number uint64
	z      uint64
}

// Entry is what was committed.
type Entry struct {
	till.Draft
	till.Written
	Body any
}

func (j *Journal) Commit(ctx context.Context, d till.Draft) (till.Written, error) {
	if j.Fails != nil {
		return till.Written{}, j.Fails
	}
	if j.Before != nil {
		j.Before()
	}
	if d.Check != nil {
		if err := d.Check(ctx); err != nil {
			return till.Written{}, err
		}
	}
	number := uint64(0)
	switch {
	case d.Final:
		number = j.z + 1
	case d.Numbered:
		number = j.number + 1
	}
	body := d.Body(number)
	b, err := journal.Encode(journal.Entry{Kind: d.Kind, User: d.User, Shift: d.Shift, Time: j.Now().UnixMilli()}, body)
	if err != nil {
		return till.Written{}, err
	}
	if d.Final {
		j.z = number
	} else {
		j.number = max(j.number, number)
	}
	seq := uint64(len(j.Drafts)) + 1
	j.head = journal.Next(j.head, ID(99), 1, seq, b)
	w := till.Written{Epoch: 1, Seq: seq, Number: number, Hash: j.head, At: j.Now()}
	j.Drafts = append(j.Drafts, Entry{Draft: d, Written: w, Body: body})
	return w, nil
}

// Bodies are the entries of one kind of body.
func Bodies[T any](j *Journal) []T {
	var list []T
	for _, d := range j.Drafts {
		if b, ok := d.Body.(T); ok {
			list = append(list, b)
		}
	}
	return list
}

// Kinds are those of all entries.
func (j *Journal) Kinds() []journal.Kind {
	var kinds []journal.Kind
	for _, d := range j.Drafts {
		kinds = append(kinds, d.Kind)
	}
	return kinds
}

func (j *Journal) Receipts(_ context.Context, f till.ReceiptFilter) ([]till.Receipt, error) {
	var found []till.Receipt
	for _, d := range slices.Backward(j.Drafts) {
		r := till.Receipt{Written: d.Written, User: d.User, Shift: d.Shift, Acked: d.Seq <= j.Acked, Notice: j.Notices[d.Number]}
		day := retail.Date(0)
		switch b := d.Body.(type) {
		case retail.Sale:
			r.Sale, day = b, b.BusinessDate
			r.Voided = slices.ContainsFunc(Bodies[retail.Void](j), func(v retail.Void) bool { return v.Receipt.Number == b.Number })
		case retail.Refund:
			r.Refund, day = &b, b.BusinessDate
		}
		wanted := day != 0 && (f.Refunds || r.Refund == nil) && (f.Day == 0 || f.Day == day)
		if wanted && strings.HasSuffix(retail.ReceiptCode("CV", 1, 1, d.Number), f.Text) && len(found) < f.Limit {
			found = append(found, r)
		}
	}
	return found, nil
}

func (j *Journal) Receipt(ctx context.Context, epoch, number uint64) (till.Receipt, error) {
	all, err := j.Receipts(ctx, till.ReceiptFilter{Limit: len(j.Drafts)})
	for _, r := range all {
		if r.Epoch == epoch && r.Number == number {
			return r, err
		}
	}
	return till.Receipt{}, &retail.Error{Code: retail.NotFound, Key: till.KeyNoReceipt, Args: map[string]any{"number": number}}
}

func (j *Journal) Transfers(_ context.Context, limit int) ([]retail.Sent, error) {
	sent := slices.Clone(j.Sent)
	for _, d := range slices.Backward(j.Drafts) {
		if t, ok := d.Body.(retail.TransferOut); ok {
			sent = append(sent, t.Sent(d.At))
		}
	}
	return sent[:min(limit, len(sent))], nil
}

func (j *Journal) OrderDeeds(_ context.Context, orders []uuid.UUID) (deeds []till.OrderDeed, err error) {
	for _, d := range j.Drafts {
		deed, ok := till.OrderDeedOf(d.Kind, d.Body)
		if deed.Epoch = d.Epoch; ok && slices.Contains(orders, deed.Order) {
			deeds = append(deeds, deed)
		}
	}
	return deeds, nil
}

func (j *Journal) Void(_ context.Context, epoch, number uint64) (till.Void, bool, error) {
	for _, d := range j.Drafts {
		if v, ok := d.Body.(retail.Void); ok && v.Receipt.Epoch == epoch && v.Receipt.Number == number {
			return till.Void{Written: d.Written, User: d.User, Body: v}, true, nil
		}
	}
	return till.Void{}, false, nil
}

func (j *Journal) Shift(context.Context) (till.Shift, error) {
	for _, d := range slices.Backward(j.Drafts) {
		if s, ok := d.Body.(retail.ShiftOpen); ok {
			shift := till.Shift{
				Number: s.Shift, BusinessDate: s.BusinessDate, Float: s.Float, OpenedAt: d.At,
				Opened: retail.ChainEnd{Epoch: d.Epoch, Seq: d.Seq, Hash: d.Hash[:]},
			}
			for _, z := range Bodies[retail.ShiftClose](j) {
				shift.Closed = shift.Closed || z.Opened.Seq == d.Seq
			}
			return shift, nil
		}
	}
	return till.Shift{}, nil
}

func (j *Journal) Totals(_ context.Context, shift till.Shift) (t retail.ShiftTotals, err error) {
	for _, d := range j.Drafts {
		if d.Seq > shift.Opened.Seq {
			t.Add(ID(99), 1, d.Body)
		}
	}
	return t, nil
}

func (j *Journal) Perpetual(ctx context.Context) (money.Amount, error) {
	newest, err := j.Closes(ctx, 1)
	if len(newest) == 0 {
		return 0, err
	}
	return newest[0].Z.Perpetual, err
}

func (j *Journal) Closes(_ context.Context, limit int) ([]till.Close, error) {
	var all []till.Close
	for _, d := range slices.Backward(j.Drafts) {
		if z, ok := d.Body.(retail.ShiftClose); ok && len(all) < limit {
			all = append(all, till.Close{Written: d.Written, User: d.User, Z: z})
		}
	}
	return all, nil
}

func (j *Journal) Waiting(context.Context) (till.Waiting, error) { return j.Unsent, nil }

func (j *Journal) OwnRequests(context.Context) ([]retail.Restock, error) {
	var own []retail.Restock
	for _, d := range j.Drafts {
		if r, ok := d.Body.(retail.RestockRequest); ok {
			made := retail.Restock{ID: r.ID, State: retail.RestockRequested, At: d.At.UnixMilli(), By: d.User}
			for _, l := range r.Lines {
				made.Lines = append(made.Lines, retail.RestockLine{Product: l.Product, Asked: l.Quantity})
			}
			own = append(own, made)
		}
	}
	return own, nil
}

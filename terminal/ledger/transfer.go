package ledger

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"comptant/shared/journal"
	"comptant/shared/retail"
)

// Transfers are what this store sent to others, newest first: as headquarters tells, and this till's own that it does not show
// yet. See till.Journal.
func (l *Ledger) Transfers(ctx context.Context, limit int) ([]retail.Sent, error) {
	all, err := rowsOf[retail.Sent](ctx, l.catalogue().read, retail.RowSent)
	if err != nil {
		return nil, err
	}
	own, err := list(ctx, l.ledger.read, scanPlace, `SELECT epoch, seq FROM transfer ORDER BY epoch DESC, seq DESC LIMIT ?`, limit)
	if err != nil {
		return nil, err
	}
	for _, at := range own {
		k, ok, err := l.entryAt(ctx, at.epoch, at.seq)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		e, err := journal.Decode(k.Bytes)
		if err != nil {
			return nil, fmt.Errorf("transfer: %w", err)
		}
		t, err := journal.DecodeBody[retail.TransferOut](e)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(all, func(s retail.Sent) bool { return s.ID == t.ID }) {
			all = append(all, t.Sent(e.At()))
		}
	}
	slices.SortStableFunc(all, func(a, b retail.Sent) int { return cmp.Compare(b.At, a.At) })
	return all[:min(limit, len(all))], nil
}

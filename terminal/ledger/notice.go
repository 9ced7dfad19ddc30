package ledger

import (
	"bytes"
	"context"
	"fmt"

	"comptant/shared/retail"
	"comptant/terminal/till"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"
)

// takeNotices adds what headquarters says of the receipts. A notice is named by the first bytes of its entry's hash.
func (l *Ledger) takeNotices(ctx context.Context, receipts []till.Receipt) error {
	named := make(map[uuid.UUID]*till.Receipt, len(receipts))
	ids := make([]uuid.UUID, len(receipts))
	for i := range receipts {
		ids[i] = uuid.UUID(receipts[i].Hash[:16])
		named[ids[i]] = &receipts[i]
	}
	wanted, err := hexList(ids)
	if err != nil {
		return err
	}
	rows, err := list(ctx, l.catalogue().read, scanFeedRow,
		`SELECT type, id, body FROM row WHERE type = ? AND id IN (SELECT unhex(value) FROM json_each(?))`, retail.RowNotice, wanted)
	if err != nil {
		return err
	}
	for _, row := range rows {
		var n retail.Notice
		if err := cbor.Unmarshal(row.body, &n); err != nil {
			return fmt.Errorf("decode notice %s: %w", row.id, err)
		}
		if r := named[row.id]; bytes.Equal(n.Entry.Hash, r.Hash[:]) {
			r.Notice = n.Code
		}
	}
	return nil
}

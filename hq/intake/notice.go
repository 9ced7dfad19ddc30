package intake

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/shared/retail"
)

// codeDeferred is the code of a notice about an entry that could not be applied yet.
const codeDeferred = "deferred"

// incidents are for headquarters alone: what they name is no entry of the till's, or none it can do anything about.
var incidents = []string{FlagFork, FlagHole, FlagNeverReceived, FlagRolledBack, FlagDiskImage, FlagTwoMachines, FlagAside}

// notify tells tills what headquarters thinks of these of their entries now, in their own feeds: that one is deferred, or
// flagged, or settled.
func (d *Desk) notify(ctx context.Context, tx *db.Tx, entries ...flag) error {
	type lane struct{ store, till uuid.UUID }
	hashes := map[lane][][]byte{}
	for _, e := range entries {
		if len(e.hash) > 0 && !slices.Contains(incidents, e.code) {
			hashes[lane{e.store, e.till}] = append(hashes[lane{e.store, e.till}], e.hash)
		}
	}
	for l, of := range hashes {
		if err := d.notifyTill(ctx, tx, l.store, l.till, of); err != nil {
			return fmt.Errorf("notices for till %s: %w", l.till, err)
		}
	}
	return nil
}

func (d *Desk) notifyTill(ctx context.Context, tx *db.Tx, store, till uuid.UUID, hashes [][]byte) error {
	rows, err := tx.Query(ctx, `
		SELECT epoch, seq, hash, code, at FROM journal.flag
		WHERE store_id = $1 AND till_id = $2 AND hash = ANY ($3) AND resolved_at IS NULL AND code <> ALL ($5)
		UNION ALL SELECT epoch, seq, hash, $4, since FROM journal.deferred WHERE store_id = $1 AND till_id = $2 AND hash = ANY ($3)
		ORDER BY hash, code`, store, till, hashes, codeDeferred, incidents)
	if err != nil {
		return err
	}
	name := feed.Till(till)
	open := map[uuid.UUID]bool{}
	var epoch, seq int64
	var hash []byte
	var code string
	var at time.Time
	_, err = pgx.ForEachRow(rows, []any{&epoch, &seq, &hash, &code, &at}, func() error {
		if open[noticeID(hash)] {
			return nil // one thing at a time
		}
		open[noticeID(hash)] = true
		row, err := feed.NewRow(retail.RowNotice, noticeID(hash), retail.Notice{
			Entry: retail.ChainEnd{Epoch: uint64(epoch), Seq: uint64(seq), Hash: bytes.Clone(hash)}, Code: code, At: at.UnixMilli(),
		})
		if err == nil {
			feed.Publish(ctx, tx, name, row)
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, h := range hashes {
		if !open[noticeID(h)] {
			feed.Remove(ctx, tx, name, retail.RowNotice, noticeID(h))
		}
	}
	return nil
}

func noticeID(hash []byte) uuid.UUID { return uuid.UUID(hash[:16]) }

package ledger

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"io"
	"time"

	"comptant/sync/wire"
)

// Export writes what headquarters has not acknowledged to a file for it, and how many entries that are; all of the journal when
// it may have lost some. Nothing counts as acknowledged because of it. It may run while entries are written.
func (l *Ledger) Export(ctx context.Context, to io.Writer, all bool) (entries int, err error) {
	offset, _ := l.Offset()
	w, err := wire.NewExport(to, wire.ExportHead{
		Till: l.identity.Till, Key: l.identity.Key.Public().(ed25519.PublicKey), HQ: l.identity.HQKey,
		Time: l.cfg.Now().Add(offset).UnixMilli(), App: l.cfg.App,
	}, l.identity.Key)
	if err != nil {
		return 0, err
	}
	states, err := l.Epochs(ctx)
	if err != nil {
		return 0, err
	}
	for _, s := range states {
		after := max(s.Acked, s.Floor)
		if all {
			after = s.Floor
		}
		n, err := l.exportPath(ctx, w, s, after)
		if err != nil {
			return entries, fmt.Errorf("export %v: %w", s.Path(), err)
		}
		entries += n
	}
	return entries, w.Close()
}

// exportPath writes the entries of a path after one.
func (l *Ledger) exportPath(ctx context.Context, w *wire.ExportWriter, s wire.EpochState, after uint64) (entries int, err error) {
	for after < s.Last {
		b, err := l.Read(ctx, s.Path(), after, wire.BatchEntries, wire.BatchBytes)
		if err != nil || len(b.Entries) == 0 {
			return entries, err
		}
		err = w.Add(wire.Entries{
			Epoch: s.Epoch, Branch: s.Branch, First: b.First, Prev: b.Prev, Head: b.Head, Hole: b.First > after+1, Entries: b.Entries,
		})
		if err != nil {
			return entries, err
		}
		entries += len(b.Entries)
		after = b.First + uint64(len(b.Entries)) - 1
	}
	return entries, nil
}

// ExportName is how a file of this till made at a moment is called.
func (l *Ledger) ExportName(at time.Time) string {
	id := l.Identity()
	return fmt.Sprintf("comptant-%s-%02d-%s.export", id.Store.Code, id.Number, at.UTC().Format("20060102T150405Z"))
}

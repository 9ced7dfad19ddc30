package link

import (
	"context"
	"os"
	"time"

	"comptant/shared/journal"
	"comptant/sync/wire"
)

// Journal is the till's journal as the link sees it: something to read from and to mark as acknowledged.
type Journal interface {
	// Epochs lists every path of the file, the oldest epoch first and an epoch's own path before its branches.
	Epochs(ctx context.Context) ([]wire.EpochState, error)
	// Read gives up to limit entries of a path after the entry numbered after, at most maxBytes of them (at least one),
	// with the hash before the first and after the last. It passes over what cannot be read any more: First is then
	// above after+1. No entries: there is nothing after.
	Read(ctx context.Context, path wire.Path, after uint64, limit, maxBytes int) (Batch, error)
	// HashAt is the hash of an entry of a path, or of the entry before its first; seq 0 is the beginning of the epoch.
	HashAt(ctx context.Context, path wire.Path, seq uint64) (journal.Hash, error)
	// Acknowledge records that HQ has the path up to upto, as of HQ's time at. It may go below an earlier call when HQ
	// was rolled back.
	Acknowledge(ctx context.Context, path wire.Path, upto uint64, at time.Time) error
	// SessionOpened stores n, the least epoch HQ lets the till write, and HQ's time, all at once: a till that knows of
	// the session also knows the epoch it must open.
	SessionOpened(ctx context.Context, n, least uint64, at time.Time) error
	// OpenEpoch opens the epoch numbered at least least, before anything else is written.
	OpenEpoch(ctx context.Context, least uint64) error
	// Refill puts back entries of a closed epoch that HQ has and the file lost, as acknowledged. The error says that they
	// do not chain on to what the file holds, or that they could not be written.
	Refill(ctx context.Context, epoch uint64, batch Batch) error
}

// Batch is a run of entries ready to send.
type Batch struct {
	First      uint64
	Prev, Head journal.Hash
	Entries    [][]byte
}

// Replica is the till's copy of the feeds.
type Replica interface {
	// Cursors is how far each followed feed is published here.
	Cursors(ctx context.Context) ([]wire.Cursor, error)
	// Stage keeps a page that is not the last.
	Stage(ctx context.Context, page wire.Changes) error
	// Publish takes the last page and makes it and every staged page of its feed visible at once, with the cursor. It
	// returns wire.DigestDiffers, and publishes nothing, when the digest does not agree.
	Publish(ctx context.Context, page wire.Changes) error
	// Reset forgets what is staged and sets the feed's cursor to the beginning of a generation. What is visible stays
	// until the reload is published.
	Reset(ctx context.Context, feed string, gen uint64) error
	// Follow keeps the feeds of the list and drops the others.
	Follow(ctx context.Context, feeds []string) error
}

// Snapshots loads whole feeds from files, beside what the replica shows.
type Snapshots interface {
	// Download opens the file that a snapshot is downloaded to. What is there of it stays, so that it goes on from there.
	Download(reset wire.Reset) (*os.File, error)
	// Load shows the pages of a downloaded file instead of what the feed showed, with the cursor at the end of it, and
	// removes the file. It returns wire.DigestDiffers, and changes nothing, when they do not agree with their digest. The
	// other feeds may change meanwhile, and nobody waits for it.
	Load(ctx context.Context, reset wire.Reset) error
}

package hub

import (
	"sync/atomic"
	"time"

	"comptant/sync/wire"

	"github.com/google/uuid"
)

// Stats counts what the hub did since it was made; Sessions is how many are open now.
type Stats struct {
	Sessions, Opened, Refused, Fenced int64
	// TurnedAway are the connections beyond the limits of this process.
	TurnedAway int64
	// Cut are the sessions ended because the till did not read.
	Cut                     int64
	Batches, Entries, Nacks int64
	// PagesSent are pages put on the way, PagesEncoded those that had to be read and encoded for it.
	PagesSent, PagesEncoded, Resets, FeedErrors int64
	BytesIn, BytesOut                           int64
}

type counters struct {
	opened, refused, fenced, turnedAway, cut, batches, entries, nacks atomic.Int64
	pagesSent, pagesEncoded, resets, feedErrors, bytesIn, bytesOut    atomic.Int64
}

// Stats reads the counters.
func (h *Hub) Stats() Stats {
	h.mu.Lock()
	n := int64(len(h.byTill))
	h.mu.Unlock()
	c := &h.stats
	return Stats{
		Sessions: n, Opened: c.opened.Load(), Refused: c.refused.Load(), Fenced: c.fenced.Load(),
		TurnedAway: c.turnedAway.Load(), Cut: c.cut.Load(),
		Batches: c.batches.Load(), Entries: c.entries.Load(), Nacks: c.nacks.Load(),
		PagesSent: c.pagesSent.Load(), PagesEncoded: c.pagesEncoded.Load(), Resets: c.resets.Load(),
		FeedErrors: c.feedErrors.Load(), BytesIn: c.bytesIn.Load(), BytesOut: c.bytesOut.Load(),
	}
}

// SessionInfo describes an open session.
type SessionInfo struct {
	Till, Store, Session uuid.UUID
	N                    uint64
	App, Remote          string
	Since                time.Time
	// Cursors is how far each feed was sent.
	Cursors []wire.Cursor
}

// Sessions lists the open sessions.
func (h *Hub) Sessions() []SessionInfo {
	sessions := h.all()
	infos := make([]SessionInfo, 0, len(sessions))
	for _, s := range sessions {
		infos = append(infos, s.info())
	}
	return infos
}

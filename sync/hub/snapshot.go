package hub

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"time"
)

const (
	// makeWithin is how long a snapshot may take to be made, makers how many are made at once.
	makeWithin = 2 * time.Minute
	makers     = 2
	// downloads is how many tills are given a file at once; the others come back.
	downloads = 32
)

// snapshots offers whole feeds in files.
type snapshots struct {
	store Snapshots
	stats *counters
	// making and giving hold a token for each that goes on.
	making, giving chan struct{}
}

func newSnapshots(store Snapshots, stats *counters) *snapshots {
	return &snapshots{store: store, stats: stats, making: make(chan struct{}, makers), giving: make(chan struct{}, downloads)}
}

// offer answers a session that asks for a snapshot of a feed. When there is none the session goes on with pages.
func (p *snapshots) offer(ctx context.Context, feed string, s *session) {
	offered, ok, err := p.find(ctx, feed)
	if err != nil {
		p.stats.feedErrors.Add(1)
		s.log().Warn("no snapshot", "feed", feed, "error", err)
	}
	s.do(func(c *Core, now time.Time) { c.Offered(now, feed, offered, ok && err == nil) })
}

func (p *snapshots) find(ctx context.Context, feed string) (Snapshot, bool, error) {
	if p.store == nil {
		return Snapshot{}, false, nil
	}
	ctx, cancel := context.WithTimeout(ctx, makeWithin)
	defer cancel()
	select {
	case p.making <- struct{}{}:
		defer func() { <-p.making }()
	case <-ctx.Done():
		return Snapshot{}, false, ctx.Err()
	}
	return p.store.Snapshot(ctx, feed)
}

// give answers a till that downloads a snapshot, from where it left off.
func (p *snapshots) give(w http.ResponseWriter, r *http.Request) {
	select {
	case p.giving <- struct{}{}:
		defer func() { <-p.giving }()
	default:
		p.stats.turnedAway.Add(1)
		turnAway(w, "too many downloads")
		return
	}
	if p.store == nil {
		http.NotFound(w, r)
		return
	}
	file, err := p.store.File(r.Context(), r.PathValue("name"))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		http.NotFound(w, r)
		return
	case err != nil:
		p.stats.feedErrors.Add(1)
		turnAway(w, "not ready")
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Cache-Control", "private, immutable")
	http.ServeContent(&counted{w, p.stats}, r, "", file.Made(), file)
}

// counted counts what is written.
type counted struct {
	http.ResponseWriter
	stats *counters
}

func (c *counted) Write(b []byte) (int, error) {
	n, err := c.ResponseWriter.Write(b)
	c.stats.bytesOut.Add(int64(n))
	return n, err
}

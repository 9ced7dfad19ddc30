package hub

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"comptant/sync/wire"
)

const (
	// cacheBytes is the size at which all kept pages are dropped, keepBytes what one entry costs besides its frame.
	cacheBytes = 64 << 20
	keepBytes  = 256
	// readers is how many pages are read at once, and readWithin how long one may take.
	readers    = 8
	readWithin = 30 * time.Second
)

// pages reads and encodes each page once for all the sessions that ask for it.
type pages struct {
	feeds Feeds
	stats *counters
	slots chan struct{}

	mu   sync.Mutex
	kept map[string]map[wire.Cursor]*kept
	size int
}

// kept is a page that is read or being read.
type kept struct {
	page    Page
	done    bool
	waiting []*session
}

func newPages(feeds Feeds, stats *counters) *pages {
	return &pages{
		feeds: feeds, stats: stats, slots: make(chan struct{}, readers), kept: map[string]map[wire.Cursor]*kept{},
	}
}

// get gives the session the page after the cursor, now or when it has been read.
func (p *pages) get(ctx context.Context, cursor wire.Cursor, s *session) {
	p.mu.Lock()
	k := p.kept[cursor.Feed][cursor]
	switch {
	case k == nil:
		k = &kept{waiting: []*session{s}}
		if p.kept[cursor.Feed] == nil {
			p.kept[cursor.Feed] = map[wire.Cursor]*kept{}
		}
		p.kept[cursor.Feed][cursor] = k
		p.mu.Unlock()
		go p.read(ctx, cursor, k)
	case !k.done:
		k.waiting = append(k.waiting, s)
		p.mu.Unlock()
	default:
		p.mu.Unlock()
		s.paged(cursor, k.page)
	}
}

// forget drops what is kept of a feed that may have changed. Who waits already gets the page all the same; the dirty
// bit brings it back for the rest.
func (p *pages) forget(feed string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, k := range p.kept[feed] {
		p.size -= k.size()
	}
	delete(p.kept, feed)
}

func (k *kept) size() int {
	if !k.done {
		return 0
	}
	return keepBytes + len(k.page.Frame)
}

func (p *pages) read(ctx context.Context, cursor wire.Cursor, k *kept) {
	p.slots <- struct{}{}
	ctx, cancel := context.WithTimeout(ctx, readWithin)
	result := p.fetch(ctx, cursor)
	cancel()
	<-p.slots

	p.mu.Lock()
	k.page, k.done = result, true
	waiting := k.waiting
	k.waiting = nil
	if p.kept[cursor.Feed][cursor] == k {
		if result.Err != nil {
			delete(p.kept[cursor.Feed], cursor)
		} else if p.size += k.size(); p.size > cacheBytes {
			p.kept, p.size = map[string]map[wire.Cursor]*kept{}, 0
		}
	}
	p.mu.Unlock()
	for _, s := range waiting {
		s.paged(cursor, result)
	}
}

func (p *pages) fetch(ctx context.Context, cursor wire.Cursor) Page {
	changes, reset, ok, err := p.feeds.Page(ctx, cursor)
	switch {
	case err != nil:
		p.stats.feedErrors.Add(1)
		return Page{Err: fmt.Errorf("page of %s after %d: %w", cursor.Feed, cursor.Seq, err)}
	case reset != nil:
		return Page{Reset: reset}
	case !ok:
		return Page{Digest: changes.Digest}
	case changes.From != cursor.Seq || changes.Upto < changes.From || changes.Upto == changes.From && changes.More:
		p.stats.feedErrors.Add(1)
		return Page{Err: errors.New("page of " + cursor.Feed + " does not follow its cursor")}
	}
	frame, err := wire.Encode(changes)
	if err != nil {
		p.stats.feedErrors.Add(1)
		return Page{Err: fmt.Errorf("page of %s after %d: %w", cursor.Feed, cursor.Seq, err)}
	}
	p.stats.pagesEncoded.Add(1)
	return Page{Gen: changes.Gen, Upto: changes.Upto, Base: changes.Base, More: changes.More, Frame: frame}
}

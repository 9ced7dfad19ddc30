package demo

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"comptant/hq/db"
	"comptant/hq/intake"
	"comptant/hq/stock"
	"comptant/shared/retail"
)

// branch is a store with its tills.
type branch struct {
	shop
	lanes    []*lane
	uplinks  []*uplink
	requests []request
	shelf    *shelf
	// sent is how many entries of each lane headquarters has.
	sent []int
}

// history is all the trade from the first day to now.
type history struct {
	goods      assortment
	now, first time.Time // first is a midnight
	branches   []*branch
	progress   func(done, total int)
}

// newHistory enrols the tills.
func newHistory(ctx context.Context, desk *intake.Desk, goods assortment, now time.Time, days int) (*history, error) {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return nil, err
	}
	today := retail.DateOf(now.In(loc)).Time(loc)
	h := &history{goods: goods, now: now, first: today.AddDate(0, 0, -days)}
	wanted, err := requests(goods, h.first, today)
	if err != nil {
		return nil, err
	}
	for _, s := range shops() {
		b := &branch{shop: s, shelf: newShelf(h.first), sent: make([]int, len(s.tills))}
		for _, r := range wanted {
			if r.store == s.Code {
				b.requests = append(b.requests, r)
			}
		}
		for _, number := range s.tills {
			u, err := enrol(ctx, desk, s.ID, number)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", s.Name, err)
			}
			b.uplinks = append(b.uplinks, u)
		}
		h.branches = append(h.branches, b)
	}
	return h, nil
}

// write makes the journals.
func (h *history) write(ctx context.Context) error {
	m := newMarket(h.goods)
	return h.each(ctx, func(ctx context.Context, b *branch) error {
		for i, u := range b.uplinks {
			l := newLane(b.shop, b.shop.tills[i], u.till, m, b.shelf.sold)
			if err := l.open(clock(h.first, opensAt*time.Hour-time.Hour)); err != nil {
				return err
			}
			for day := h.first; !day.After(h.now) && ctx.Err() == nil; day = day.AddDate(0, 0, 1) {
				years := day.Sub(h.first).Hours() / (24 * 365)
				if err := l.day(day, years, h.now); err != nil {
					return err
				}
			}
			b.lanes = append(b.lanes, l)
		}
		for _, r := range b.requests {
			if err := r.ask(b.lanes[0]); err != nil {
				return err
			}
			if r.state == retail.RestockReceived {
				b.shelf.sold(r.asked.Add(receivedAfter), retail.Line{Product: r.product}, -pieces(r.received))
			}
		}
		return ctx.Err()
	})
}

// send gives the journals to headquarters, stopping where it is asked to decide on something.
func (h *history) send(ctx context.Context, d *db.DB) error {
	total := 0
	for _, b := range h.branches {
		for _, l := range b.lanes {
			total += len(l.entries)
		}
		for _, r := range b.requests {
			if r.state == retail.RestockReceived {
				total++
			}
		}
	}
	var mu sync.Mutex
	done := 0
	stored := func(n int) {
		mu.Lock()
		defer mu.Unlock()
		done += n
		h.progress(done, total)
	}
	return h.each(ctx, func(ctx context.Context, b *branch) error {
		for i, u := range b.uplinks {
			if err := b.lanes[i].settle(); err != nil {
				return err
			}
			if err := u.connect(ctx, b.lanes[i].entries, h.now); err != nil {
				return err
			}
		}
		for _, r := range b.requests {
			if err := b.sendUntil(ctx, r.asked.Add(time.Second), stored); err != nil {
				return err
			}
			shipment, err := r.settle(ctx, d)
			if err != nil {
				return err
			}
			if r.state == retail.RestockReceived {
				if err := r.receive(b.lanes[0], shipment); err != nil {
					return err
				}
				if err := b.lanes[0].settle(); err != nil {
					return err
				}
			}
		}
		if err := b.sendUntil(ctx, h.now.Add(time.Second), stored); err != nil {
			return err
		}
		for _, u := range b.uplinks {
			if err := u.leave(ctx, h.now); err != nil {
				return err
			}
		}
		return nil
	})
}

// sendUntil sends what the store's tills have written before t.
func (b *branch) sendUntil(ctx context.Context, t time.Time, stored func(int)) error {
	for i, l := range b.lanes {
		end := l.until(t)
		if err := b.uplinks[i].send(ctx, l.entries[b.sent[i]:end], stored); err != nil {
			return fmt.Errorf("%s, till %d: %w", b.Name, i+1, err)
		}
		b.sent[i] = end
	}
	return nil
}

// atOnce is how many stores work at the same time. The tills of a store wait for each other anyway: they move one stock.
const atOnce = 4

func (h *history) each(ctx context.Context, do func(context.Context, *branch) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for _, b := range h.branches {
		group.Go(func() error { return do(ctx, b) })
	}
	return group.Wait()
}

// stores is the stock that was in the stores from the first day.
func (h *history) stores() []stock.Movement {
	var all []stock.Movement
	for _, b := range h.branches {
		all = append(all, b.shelf.movements(b.Location, h.goods.products)...)
	}
	return all
}

// depot is what was in the warehouse: what is there today, and what it has shipped.
func (h *history) depot() []stock.Movement {
	s := newShelf(h.first)
	for _, b := range h.branches {
		for _, r := range b.requests {
			if r.state == retail.RestockShipped || r.state == retail.RestockReceived {
				s.sold(h.first, retail.Line{Product: r.product}, pieces(r.approved))
			}
		}
	}
	return s.movements(depot(), h.goods.products)
}

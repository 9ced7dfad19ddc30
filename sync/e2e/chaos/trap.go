package chaos

import (
	"context"
	"sync/atomic"
	"time"

	"comptant/sync/e2e/proxy"
	"comptant/sync/wire"
)

// moment is an entry on its way that a kill was made for.
type moment struct {
	lane       *lane
	conn       *proxy.Conn
	epoch, seq uint64
	deed       *deed
}

// trap waits for its moment: a deed, a message or a receipt.
type trap struct {
	// deed is the kind it waits for, and into how much of the time that one takes it strikes.
	deed string
	into float64
	// message is the kind it waits for; held says that the message does not arrive any more.
	message wire.Type
	held    bool
	// receipt says whether this is the one; nil when it waits for a message.
	receipt func(receipt) bool
	// strike kills, and says whether the victim was there and had something to lose.
	strike func(moment) bool
	sprung chan sprung
}

// sprung is what came of a trap.
type sprung struct {
	moment
	done bool
}

// hunter sets one trap after the other. Each till has one of its own; another waits for headquarters and Postgres.
type hunter struct{ trap atomic.Pointer[trap] }

// watch is asked about every message.
func (h *hunter) watch(l *lane, m proxy.Message) (_ proxy.Verdict, taken bool) {
	t := h.trap.Load()
	if t == nil || t.receipt != nil || t.deed != "" || m.Type() != t.message || !h.trap.CompareAndSwap(t, nil) {
		return proxy.Verdict{}, false
	}
	mo := moment{lane: l, conn: m.Conn}
	switch m := m.Message.(type) {
	case wire.Entries:
		mo.epoch, mo.seq = m.Epoch, m.First+uint64(len(m.Entries))-1
	case wire.Ack:
		mo.epoch, mo.seq = m.Epoch, m.Upto
	}
	strike := func() { t.sprung <- sprung{mo, t.strike(mo)} }
	if t.held {
		strike()
		return proxy.Verdict{Fault: proxy.CutBefore}, true
	}
	return proxy.Verdict{Then: strike}, true
}

// wanted is the kind of deed it waits for; empty when it waits for none.
func (h *hunter) wanted() string {
	if t := h.trap.Load(); t != nil {
		return t.deed
	}
	return ""
}

// begins is told of every deed, and how long its like takes.
func (h *hunter) begins(l *lane, d *deed, lasts time.Duration) {
	t := h.trap.Load()
	if t == nil || t.deed == "" || t.deed != d.kind || !h.trap.CompareAndSwap(t, nil) {
		return
	}
	mo := moment{lane: l, deed: d}
	go func() {
		time.Sleep(time.Duration(t.into * float64(lasts)))
		t.sprung <- sprung{mo, t.strike(mo)}
	}()
}

// sold is told of every receipt.
func (h *hunter) sold(l *lane, r receipt) {
	t := h.trap.Load()
	if t == nil || t.receipt == nil || !t.receipt(r) || !h.trap.CompareAndSwap(t, nil) {
		return
	}
	mo := moment{lane: l, epoch: r.epoch, seq: r.seq}
	go func() { t.sprung <- sprung{mo, t.strike(mo)} }() // the cashier goes on meanwhile
}

// wait sets a trap and waits for it; done is false when its moment did not come.
func (h *hunter) wait(ctx context.Context, t *trap) (_ moment, done bool) {
	t.sprung = make(chan sprung, 1)
	h.trap.Store(t)
	select {
	case s := <-t.sprung:
		return s.moment, s.done
	case <-ctx.Done():
	case <-time.After(2 * patience):
	}
	if h.trap.CompareAndSwap(t, nil) {
		return moment{}, false
	}
	s := <-t.sprung
	return s.moment, s.done
}

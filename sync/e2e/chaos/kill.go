package chaos

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"comptant/sync/e2e/fleet"
	"comptant/sync/e2e/proxy"
	"comptant/sync/wire"
)

// The shares of the kills aimed at, one in so many; the others hit a till.
const (
	everyHQ       = 10
	everyPostgres = 25
)

// moment is an entry on its way that a kill was made for.
type moment struct {
	lane       *lane
	conn       *proxy.Conn
	epoch, seq uint64
	done       bool // the kill found its victim
}

// trap waits for its moment: a message, or a receipt. Only one is set at a time.
type trap struct {
	// onMessage says whether this is the message, and what to do; nil when it waits for a receipt.
	onMessage func(*lane, proxy.Message) (spring bool, held bool)
	onReceipt func(*lane, receipt) bool
	strike    func(*lane, *proxy.Conn) bool
	sprung    chan moment
}

// killer kills one process after the other.
type killer struct {
	*world
	rand *rand.Rand
	trap atomic.Pointer[trap]
	// unsettled are kills of headquarters and Postgres that left entries unacknowledged: the database says later whether
	// they were stored. The tally's mutex guards them.
	unsettled []verdict
}

// The processes, as the tally names them.
const (
	processTill     = "till"
	processHQ       = "HQ"
	processPostgres = "Postgres"
)

// verdict is a kill whose phase is not known yet: when it was made, and whether a transaction was open then.
type verdict struct {
	process string
	moment
	at   time.Time
	open bool
}

// watch is asked about every message.
func (k *killer) watch(l *lane, m proxy.Message) (proxy.Verdict, bool) {
	t := k.trap.Load()
	if t == nil || t.onMessage == nil {
		return proxy.Verdict{}, false
	}
	spring, held := t.onMessage(l, m)
	if !spring || !k.trap.CompareAndSwap(t, nil) {
		return proxy.Verdict{}, false
	}
	mo := moment{lane: l, conn: m.Conn}
	switch m := m.Message.(type) {
	case wire.Entries:
		mo.epoch, mo.seq = m.Epoch, m.First+uint64(len(m.Entries))-1
	case wire.Ack:
		mo.epoch, mo.seq = m.Epoch, m.Upto
	}
	strike := func() {
		mo.done = t.strike(l, m.Conn)
		t.sprung <- mo
	}
	if held {
		strike()
		return proxy.Verdict{Fault: proxy.CutBefore}, true
	}
	return proxy.Verdict{Then: strike}, true
}

// sold is told of every receipt.
func (k *killer) sold(l *lane, r receipt) {
	t := k.trap.Load()
	if t == nil || t.onReceipt == nil || !t.onReceipt(l, r) || !k.trap.CompareAndSwap(t, nil) {
		return
	}
	go func() { // the cashier goes on meanwhile
		done := t.strike(l, nil)
		t.sprung <- moment{lane: l, epoch: r.epoch, seq: r.seq, done: done}
	}()
}

// wait sets a trap and waits for it; ok is false when its moment did not come.
func (k *killer) wait(ctx context.Context, t *trap) (m moment, ok bool) {
	t.sprung = make(chan moment, 1)
	k.trap.Store(t)
	select {
	case m = <-t.sprung:
		return m, m.done
	case <-ctx.Done():
	case <-time.After(2 * patience):
	}
	if k.trap.CompareAndSwap(t, nil) {
		return m, false
	}
	m = <-t.sprung
	return m, m.done
}

// run kills until ctx is done. What it killed last runs again when it returns.
func (k *killer) run(ctx context.Context) error {
	for pause(ctx, time.Duration(100+k.rand.IntN(500))*time.Millisecond) {
		var err error
		switch tills, hq, postgres := k.counted(); {
		case postgres*everyPostgres <= tills+hq+postgres:
			err = k.killHeadquarters(ctx, k.rand.IntN(3) == 0, true)
		case hq*everyHQ <= tills+hq+postgres:
			err = k.killHeadquarters(ctx, true, false)
		default:
			k.killTill(ctx)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// counted is how many kills counted so far.
func (k *killer) counted() (tills, hq, postgres int) {
	k.tally.mu.Lock()
	defer k.tally.mu.Unlock()
	for _, v := range k.unsettled {
		if v.process == processHQ {
			hq++
		}
	}
	return k.tally.kills.Total(), hq, len(k.unsettled) - hq
}

// sentBy says whether the message carries entries of the lane, or of any when it is nil.
func sentBy(only *lane) func(*lane, proxy.Message) (bool, bool) {
	return func(l *lane, m proxy.Message) (bool, bool) {
		return m.Type() == wire.TypeEntries && (only == nil || only == l), false
	}
}

// ackTo says whether the message is an acknowledgement for the lane, or for any when it is nil; it is held.
func ackTo(only *lane) func(*lane, proxy.Message) (bool, bool) {
	return func(l *lane, m proxy.Message) (bool, bool) {
		return m.Type() == wire.TypeAck && (only == nil || only == l), true
	}
}

// killTill kills a till that headquarters has not told to have everything.
func (k *killer) killTill(ctx context.Context) {
	victim := k.lanes[k.rand.IntN(len(k.lanes))]
	wait := time.Duration(k.rand.IntN(4000)) * time.Microsecond
	strike := func(l *lane, _ *proxy.Conn) bool {
		time.Sleep(wait)
		return l.kill()
	}
	atOnce := func(l *lane, _ *proxy.Conn) bool { return l.kill() }
	var phase string
	var t *trap
	switch k.rand.IntN(4) {
	case 0:
		phase, t = processTill+": entries sent", &trap{onMessage: sentBy(victim), strike: strike}
	case 1:
		phase, t = processTill+": acknowledgement on its way", &trap{onMessage: ackTo(victim), strike: atOnce}
	case 2:
		phase, t = processTill+": selling while entries wait", &trap{strike: strike, onReceipt: func(l *lane, r receipt) bool {
			return l == victim && l.owes(r.epoch, r.seq)
		}}
	case 3:
		phase = processTill + ": selling without a line"
		receipts := 1 + k.rand.IntN(8)
		victim.proxy.SetDown(true)
		defer victim.proxy.SetDown(false)
		t = &trap{strike: strike, onReceipt: func(l *lane, r receipt) bool {
			if l == victim {
				receipts--
			}
			return l == victim && receipts <= 0 && l.owes(r.epoch, r.seq)
		}}
	}
	m, ok := k.wait(ctx, t)
	// The process has ended: what it was not told until now it never heard.
	if !ok || !m.lane.owes(m.epoch, m.seq) {
		k.tally.miss()
		return
	}
	k.tally.add(k.tally.kills, phase)
}

// beginsWithin is how long headquarters is given to begin to store what was sent to it.
const beginsWithin = 100 * time.Millisecond

// killHeadquarters kills the process whose transaction is open after entries were sent to it, or whose acknowledgement is
// on its way; or Postgres at such a moment, or both at once; and starts what it killed again. Headquarters must outlive
// Postgres.
func (k *killer) killHeadquarters(ctx context.Context, process, postgres bool) error {
	wait := time.Duration(k.rand.IntN(3000)) * time.Microsecond
	t := &trap{onMessage: sentBy(nil)}
	held := k.rand.IntN(3) == 0
	if held {
		t.onMessage = ackTo(nil)
	}
	var hq *fleet.HQ
	var v verdict
	var failed error
	t.strike = func(l *lane, c *proxy.Conn) bool {
		i := c.HQ.(*route).hq
		hq = k.hqs[i]
		if !held {
			writer := programOf(i)
			if !process {
				writer = anyProgram
			}
			if !k.database.begins(writer, beginsWithin) {
				return false
			}
			time.Sleep(wait)
			v.open = k.database.writing(writer)
		}
		v.at = time.Now()
		if postgres {
			failed = k.database.kill()
		}
		if process && hq.Ended() {
			failed = errors.New("headquarters ended by itself")
		}
		if process {
			failed = errors.Join(failed, hq.Kill())
		}
		return failed == nil
	}
	var ok bool
	if v.moment, ok = k.wait(ctx, t); !ok {
		k.tally.miss()
		return failed
	}
	counts := v.lane.settle(ctx, v.conn, v.epoch, v.seq)
	again := context.WithoutCancel(ctx)
	if postgres {
		if err := errors.Join(k.database.buried(again), k.database.start(again)); err != nil {
			return fmt.Errorf("start Postgres again: %w", err)
		}
		k.note(counts, processPostgres, v)
	}
	if process {
		if err := hq.Start(again); err != nil {
			return fmt.Errorf("start headquarters again: %w", err)
		}
		k.note(counts, processHQ, v)
	}
	return nil
}

// note keeps a kill of headquarters or Postgres until its phase is known.
func (k *killer) note(counts bool, process string, v verdict) {
	if !counts {
		k.tally.miss()
		return
	}
	k.tally.mu.Lock()
	defer k.tally.mu.Unlock()
	v.process = process
	k.unsettled = append(k.unsettled, v)
}

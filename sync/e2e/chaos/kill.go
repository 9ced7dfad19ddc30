package chaos

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"comptant/sync/e2e/fleet"
	"comptant/sync/wire"
)

// The shares of the kills aimed at, one in so many; the others hit a till. Each stops every till for a while, in which
// little can be hit: they are little more than the least.
const (
	everyHQ       = 17
	everyPostgres = 40
)

// killer kills headquarters and Postgres.
type killer struct {
	*world
	hunter
	rand *rand.Rand
	// unsettled are kills that left entries unacknowledged: the database says later whether they were stored. The tally's
	// mutex guards them.
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

// run kills, as often as the kills of tills allow, until ctx is done. What it killed last runs again when it returns.
func (k *killer) run(ctx context.Context) error {
	for pause(ctx, time.Duration(100+k.rand.IntN(500))*time.Millisecond) {
		var err error
		switch tills, hq, postgres := k.counted(); {
		case k.tally.tooMany():
		case postgres*everyPostgres <= tills+hq+postgres:
			err = k.kill(ctx, k.rand.IntN(3) == 0, true)
		case hq*everyHQ <= tills+hq+postgres:
			err = k.kill(ctx, true, false)
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

// beginsWithin is how long headquarters is given to begin to store what was sent to it.
const beginsWithin = 100 * time.Millisecond

// kill kills the process whose transaction is open after entries were sent to it, or whose acknowledgement is on its way;
// or Postgres at such a moment, or both at once; and starts what it killed again. Headquarters must outlive Postgres.
func (k *killer) kill(ctx context.Context, process, postgres bool) error {
	wait := time.Duration(k.rand.IntN(3000)) * time.Microsecond
	t := &trap{message: wire.TypeEntries}
	if t.held = k.rand.IntN(3) == 0; t.held {
		t.message = wire.TypeAck
	}
	var hq *fleet.HQ
	var v verdict
	var failed error
	t.strike = func(m moment) bool {
		i := m.conn.HQ.(*route).hq
		hq = k.hqs[i]
		if !t.held {
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
	counts := sync.OnceValue(func() bool { return v.lane.settle(ctx, v.conn, v.epoch, v.seq) })
	go counts()
	again := context.WithoutCancel(ctx)
	if postgres {
		err := k.database.buried(again)
		// Headquarters that lives on would store the entries and say so as soon as it can.
		counts()
		if err = errors.Join(err, k.database.start(again)); err != nil {
			return fmt.Errorf("start Postgres again: %w", err)
		}
		k.note(counts(), processPostgres, v)
	}
	if process {
		if err := hq.Start(again); err != nil {
			return fmt.Errorf("start headquarters again: %w", err)
		}
		k.note(counts(), processHQ, v)
	}
	return nil
}

// note keeps a kill until its phase is known.
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

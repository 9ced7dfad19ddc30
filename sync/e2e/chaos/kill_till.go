package chaos

import (
	"context"
	"math/rand/v2"
	"time"

	"comptant/sync/wire"
)

// killEvery is the time between two kills of any till, so that a run with more tills kills each of them less often.
const killEvery = 220 * time.Millisecond

// killed is killed again and again until ctx is done.
func (l *lane) killed(ctx context.Context, r *rand.Rand, tills int) {
	for pause(ctx, time.Duration((0.5+r.Float64())*float64(tills)*float64(killEvery))) {
		if l.tally.tooMany() {
			continue
		}
		if phase, ok := l.hunt(ctx, r); ok {
			l.tally.add(l.tally.kills, phase)
		} else {
			l.tally.miss()
		}
	}
}

// hunt kills the till while headquarters has not told it to have everything, or in the middle of a deed.
func (l *lane) hunt(ctx context.Context, r *rand.Rand) (phase string, ok bool) {
	wait := time.Duration(r.IntN(4000)) * time.Microsecond
	atOnce := func(m moment) bool {
		// Once the process has ended, what it was not told until then it never heard.
		return l.kill() && l.owes(m.epoch, m.seq)
	}
	soon := func(m moment) bool {
		time.Sleep(wait)
		return atOnce(m)
	}
	var t *trap
	kind, into := deeds[r.IntN(len(deeds))], 1.1*r.Float64()
	switch r.IntN(12) {
	case 0:
		phase, t = "entries sent", &trap{message: wire.TypeEntries, strike: soon}
	case 1:
		phase, t = "acknowledgement on its way", &trap{message: wire.TypeAck, held: true, strike: atOnce}
	case 2:
		phase, t = "selling while entries wait", &trap{strike: soon, receipt: func(r receipt) bool { return l.owes(r.epoch, r.seq) }}
	case 3:
		phase = "selling without a line"
		receipts := 1 + r.IntN(8)
		l.proxy.SetDown(true)
		defer l.proxy.SetDown(false)
		t = &trap{strike: soon, receipt: func(r receipt) bool {
			receipts--
			return receipts <= 0 && l.owes(r.epoch, r.seq)
		}}
	default: // whether the document was written decides the disk, and nobody was told
		phase, t = "in a "+kind, &trap{deed: kind, into: into, strike: func(m moment) bool { return l.kill() && m.deed.killedIn() }}
	}
	_, ok = l.hunter.wait(ctx, t)
	return processTill + ": " + phase, ok
}

package lane

import (
	"context"
	"time"

	"comptant/sync/link"
)

// lookEvery is how often a lane looks whether the machine's clock was set, besides before every entry, and whether its night
// work is due.
const lookEvery = time.Minute

// keepTime passes what the link measures on to the ledger, and watches the machine's clock, until ctx is done.
func (l *Lane) keepTime(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	var told link.Clock
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			err = l.Ledger.LookAtClock(ctx)
			if l.nights {
				l.Ledger.LookAtNight()
			}
		case <-l.measured:
			clock := l.Link.Status().Clock
			if clock == told {
				continue
			}
			told = clock
			now := l.now()
			if offset, bound, ok := clock.Offset(now); ok {
				err = l.Ledger.Measured(ctx, now.Round(0).Add(offset), bound)
			}
		}
		if err != nil && ctx.Err() == nil {
			l.log.Error("the clock was not kept", "error", err)
		}
	}
}

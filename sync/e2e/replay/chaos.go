package replay

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"comptant/sync/e2e/fleet"
)

// faults are what chaos did.
type faults struct {
	kills, cuts int
	err         error
}

// chaos breaks things at random until it is stopped.
type chaos struct {
	cancel context.CancelFunc
	done   chan faults
}

// Headquarters is killed with the 20th fault and every 100th after it; the others cut a till's link.
const firstKill, killEvery = 20, 100

// startChaos makes a fault every 50 ms or so.
func startChaos(ctx context.Context, o Options, tills map[int]*fleet.Till) *chaos {
	ctx, cancel := context.WithCancel(ctx)
	c := &chaos{cancel: cancel, done: make(chan faults, 1)}
	go func() {
		var f faults
		defer func() { c.done <- f }()
		if !o.Chaos {
			return
		}
		r := rand.New(rand.NewPCG(o.Seed, 0))
		all := make([]*fleet.Till, 0, len(tills))
		for _, t := range tills {
			all = append(all, t)
		}
		for ctx.Err() == nil {
			select {
			case <-ctx.Done():
				return
			case <-time.After(time.Duration(10+r.IntN(80)) * time.Millisecond):
			}
			if (f.kills+f.cuts)%killEvery != firstKill {
				all[r.IntN(len(all))].Cut()
				f.cuts++
				continue
			}
			// Started again even when the replay was told to stop meanwhile: it needs headquarters to end.
			f.err = errors.Join(f.err, o.HQ.Kill(), o.HQ.Start(context.WithoutCancel(ctx)))
			f.kills++
			if f.err != nil {
				return
			}
		}
	}()
	return c
}

// stop ends the faults, with headquarters running, and says what they were.
func (c *chaos) stop() faults {
	c.cancel()
	return <-c.done
}

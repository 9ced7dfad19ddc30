package chaos

import (
	"context"
	"fmt"
	"strings"
	"time"

	"comptant/sync/e2e/proxy"
)

// faults are what the proxy does to one message in a thousand so many times.
var faults = []struct {
	fault    proxy.Fault
	name     string
	permille int
	breaks   bool
}{
	{proxy.Delay, "delay", 150, false},
	{proxy.Twice, "twice", 8, true},
	{proxy.CutBefore, "cut before", 8, true},
	{proxy.CutInside, "cut inside", 8, true},
	{proxy.CutAfter, "cut after", 8, true},
	{proxy.Deaf, "half-open", 3, true},
}

// deafForGood is the share of half-open connections that nobody ends but the product itself, one in so many.
const deafForGood = 40

// hit draws the fault of a message, and counts it with what the toxics do to it.
func (l *line) hit(m proxy.Message, name string) proxy.Verdict {
	l.mu.Lock()
	defer l.mu.Unlock()
	if t := l.toxic; t != nil && t.hits(m) {
		counts := l.tally.strains
		if t.breaks {
			counts = l.tally.breaks
		}
		l.tally.add(counts, t.kind+" "+name)
	}
	drawn := l.rand.IntN(1000)
	for _, f := range faults {
		if drawn -= f.permille; drawn >= 0 {
			continue
		}
		v, how := proxy.Verdict{Fault: f.fault}, f.name
		if f.fault == proxy.Delay {
			v.Wait = time.Duration(1+l.rand.IntN(30)) * time.Millisecond
		}
		if f.fault == proxy.Deaf {
			if v.Wait = time.Duration(200+l.rand.IntN(1500)) * time.Millisecond; l.rand.IntN(deafForGood) == 0 {
				v.Wait, how = 0, "half-open until noticed"
			}
		}
		counts := l.tally.strains
		if f.breaks {
			counts = l.tally.breaks
		}
		l.tally.add(counts, how+" "+name)
		return v
	}
	return proxy.Verdict{}
}

// toxic is what toxiproxy does to one direction of a line for a while.
type toxic struct {
	kind      string
	direction proxy.Direction
	attrs     string
	lasts     time.Duration
	// breaks says that what is under way is lost.
	breaks bool
	since  time.Time
}

// steadyAfter is when all that comes out of toxiproxy went in under the toxic.
const steadyAfter = 200 * time.Millisecond

// hits says whether a message goes through the toxic. Those that come down have been through it, unless they are older; of
// those that are lost on the way down nobody knows.
func (t *toxic) hits(m proxy.Message) bool {
	if m.Direction != t.direction {
		return false
	}
	return t.direction == proxy.Up || time.Since(t.since) > steadyAfter
}

// draw makes the next toxic. Callers hold mu.
func (l *line) draw() *toxic {
	r := l.rand
	t := &toxic{direction: proxy.Direction(r.IntN(2)), lasts: time.Duration(300+r.IntN(1500)) * time.Millisecond}
	switch n := r.IntN(100); {
	case n < 40:
		t.kind, t.attrs = "latency", fmt.Sprintf(`"latency":%d,"jitter":%d`, 20+r.IntN(40), r.IntN(20))
	case n < 75:
		t.kind, t.attrs = "slicer", fmt.Sprintf(`"average_size":%d,"size_variation":8,"delay":%d`, 20+r.IntN(100), r.IntN(300))
	case n < 90:
		t.kind, t.attrs = "bandwidth", fmt.Sprintf(`"rate":%d`, 10+r.IntN(100))
	case n < 95:
		t.kind, t.breaks, t.attrs = "timeout", true, fmt.Sprintf(`"timeout":%d`, 200+r.IntN(500))
	default:
		t.kind, t.breaks, t.attrs = "reset_peer", true, fmt.Sprintf(`"timeout":%d`, r.IntN(50))
	}
	return t
}

// poison puts one toxic after the other on the line until ctx is done, and leaves none.
func (l *line) poison(ctx context.Context) error {
	for {
		l.mu.Lock()
		t, rest := l.draw(), time.Duration(l.rand.IntN(500))*time.Millisecond
		l.mu.Unlock()
		if !pause(ctx, rest) {
			return nil
		}
		if err := l.set(t); err != nil {
			return err
		}
		going := pause(ctx, t.lasts)
		l.cure()
		if !going {
			return nil
		}
	}
}

func (l *line) set(t *toxic) error {
	stream := "upstream"
	if t.direction == proxy.Down {
		stream = "downstream"
	}
	for _, toxi := range l.toxics {
		text := fmt.Sprintf(`{"name":"t","type":%q,"stream":%q,"attributes":{%s}}`, t.kind, stream, t.attrs)
		if _, err := toxi.Toxics.AddToxicJson(strings.NewReader(text)); err != nil {
			return fmt.Errorf("add toxic %s: %w", text, err)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	t.since, l.toxic = time.Now(), t
	return nil
}

func (l *line) cure() {
	l.mu.Lock()
	l.toxic = nil
	l.mu.Unlock()
	for _, toxi := range l.toxics {
		toxi.Toxics.ResetToxics(context.Background())
	}
}

// pause waits; it is false when the context ended first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

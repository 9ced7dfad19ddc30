package chaos

import (
	"time"

	"comptant/sync/e2e/proxy"
)

// faults are the breaks the proxy makes of one message in a thousand so many times. Half of what is said twice costs no
// connection, so it is the one that can be common.
var faults = []struct {
	fault    proxy.Fault
	name     string
	permille int
}{
	{proxy.Twice, "twice", 60},
	{proxy.CutBefore, "cut before", 12},
	{proxy.CutInside, "cut inside", 12},
	{proxy.CutAfter, "cut after", 12},
	{proxy.Deaf, "half-open", 6},
}

// delayed is how many messages in a thousand are held back, whatever else is done to them.
const delayed = 200

// deafForGood is the share of half-open connections that nobody ends but the product itself, one in so many.
const deafForGood = 80

// hit draws what is done to a message, and counts it: each thing that was really done is a fault.
func (l *line) hit(m proxy.Message, name string) (v proxy.Verdict) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.rand.IntN(1000) < delayed {
		v.Hold = time.Duration(1+l.rand.IntN(30)) * time.Millisecond
		l.tally.add(l.tally.strains, "delay "+name)
	}
	drawn := l.rand.IntN(1000)
	for _, f := range faults {
		if drawn -= f.permille; drawn >= 0 {
			continue
		}
		how := f.name
		if v.Fault = f.fault; f.fault == proxy.Deaf {
			if v.Wait = time.Duration(200+l.rand.IntN(1500)) * time.Millisecond; l.rand.IntN(deafForGood) == 0 {
				v.Wait, how = 0, "half-open until noticed"
			}
			v.Lost = func(m proxy.Message) { l.lost(m, how) }
		}
		l.tally.add(l.tally.breaks, how+" "+name)
		break
	}
	// What comes down has been through the toxics, what goes up comes to them when it is passed on whole.
	if m.Direction == proxy.Down || v.Fault == proxy.None || v.Fault == proxy.CutAfter || v.Fault == proxy.Twice {
		l.poisoned(m, name)
	}
	return v
}

// lost counts a message that a half-open connection swallowed.
func (l *line) lost(m proxy.Message, how string) {
	if name := counted[m.Type()]; name != "" && !l.calm.Load() {
		l.tally.add(l.tally.breaks, how+" "+name)
	}
}

// poisoned counts what the toxics do to a message.
func (l *line) poisoned(m proxy.Message, name string) {
	r := m.Conn.HQ.(*route)
	// What comes down was not lost, and of what is nobody knows.
	if m.Direction == proxy.Up && r.breaks[proxy.Up].Load() {
		l.tally.add(l.tally.breaks, r.breaker.kind+" "+name)
		return
	}
	for _, t := range r.strains[m.Direction] {
		if m.Size > t.over {
			l.tally.add(l.tally.strains, t.kind+" "+name)
		}
	}
}

package chaos

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"comptant/sync/wire"
)

// Tally counts by name.
type Tally map[string]int

// Total is the sum of the counts.
func (t Tally) Total() (n int) {
	for _, v := range t {
		n += v
	}
	return n
}

// String lists the counts by name: "cut before ack 12, delay entries 30".
func (t Tally) String() string {
	parts := make([]string, 0, len(t))
	for _, name := range slices.Sorted(maps.Keys(t)) {
		parts = append(parts, fmt.Sprintf("%s %d", name, t[name]))
	}
	return strings.Join(parts, ", ")
}

// of is the sum of the counts whose name begins with a process, or ends with a message.
func (t Tally) of(word string) (n int) {
	for name, v := range t {
		if strings.HasPrefix(name, word+":") || strings.HasSuffix(name, " "+word) {
			n += v
		}
	}
	return n
}

// InDeeds says how many kills hit a till in the middle of a deed, and in which.
func (t Tally) InDeeds() string {
	total, parts := 0, make([]string, len(deeds))
	for i, kind := range deeds {
		n := t.of(kind)
		total += n
		parts[i] = fmt.Sprintf("%s %d", kind, n)
	}
	return fmt.Sprintf("%d of %d: %s", total, targetDeeds, strings.Join(parts, ", "))
}

// readTally reads what String wrote.
func readTally(text string) (Tally, error) {
	t := Tally{}
	for part := range strings.SplitSeq(text, ", ") {
		if part == "" {
			continue
		}
		i := strings.LastIndexByte(part, ' ')
		n, err := strconv.Atoi(part[i+1:])
		if i <= 0 || err != nil {
			return nil, fmt.Errorf("%q is not a name and a count", part)
		}
		t[part[:i]] = n
	}
	return t, nil
}

// counted names the messages a fault must hit to count.
var counted = map[wire.Type]string{
	wire.TypeEntries: "entries", wire.TypeAck: "ack", wire.TypeChanges: "changes", wire.TypeApplied: "applied",
}

// tallies are the counts of a run while it goes on.
type tallies struct {
	mu sync.Mutex
	// kills are by process and phase, breaks and strains by fault and message: breaks end the connection or make an end
	// say no, strains are what both must take without noticing.
	kills, breaks, strains Tally
	// harmless are kills that hit a process with nothing to lose, and attempts whose moment did not come.
	harmless int
}

func newTallies() *tallies {
	return &tallies{kills: Tally{}, breaks: Tally{}, strains: Tally{}}
}

func (t *tallies) add(to Tally, name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	to[name]++
}

func (t *tallies) miss() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.harmless++
}

// On a busy machine what was killed takes long to be back, and kills without a pause would leave nobody to hit: beyond the
// first ones they wait for the faults.
const (
	firstKills    = 20
	faultsPerKill = 80
)

// tooMany says that there are more kills than the faults allow.
func (t *tallies) tooMany() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.kills.Total() > firstKills+(t.breaks.Total()+t.strains.Total())/faultsPerKill
}

// line says how far the faults are.
func (t *tallies) line() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return fmt.Sprintf("faults: %d breaks, %d strains", t.breaks.Total(), t.strains.Total())
}

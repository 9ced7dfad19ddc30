package bench

import (
	"math"
	"runtime"
	"slices"
	"time"
)

// Reading is what one run of some work took.
type Reading struct {
	// Ops is how many operations it was.
	Ops     int
	Elapsed time.Duration
	// CPU is the processor time of the processes that did the work.
	CPU time.Duration
	// Others is the share of the machine, 0 to 1, that neither they nor the processes that drove them used.
	Others float64
	// Split is when a part of the work that matters by itself was done, from the start; 0 where there is none.
	Split time.Duration
	// Held is memory, in bytes, where the work tells it.
	Held float64
	// Peak is the most there was of something at a time, where the work counts it.
	Peak float64

	laps []time.Duration // sorted
}

// Rate is operations a second.
func (r Reading) Rate() float64 { return float64(r.Ops) / r.Elapsed.Seconds() }

// CPUEach is the processor time of an operation, in seconds.
func (r Reading) CPUEach() float64 { return r.CPU.Seconds() / float64(max(r.Ops, 1)) }

// P is the time, in seconds, that the share q (0 to 1) of the operations did not exceed; 0 when they were not timed
// one by one.
func (r Reading) P(q float64) float64 {
	if len(r.laps) == 0 {
		return 0
	}
	i := int(math.Ceil(q*float64(len(r.laps)))) - 1
	return r.laps[max(i, 0)].Seconds()
}

// Median and P99 are the times, in seconds, that half of the operations and 99 of 100 did not exceed.
func Median(r Reading) float64 { return r.P(0.5) }

// P99 is the time, in seconds, that 99 operations of 100 did not exceed.
func P99(r Reading) float64 { return r.P(0.99) }

// Watch reads the clocks around the part of a run that counts.
type Watch struct {
	charged, beside func() time.Duration
	reading         Reading

	at           time.Time
	cpu, driving time.Duration
	busy         time.Duration
	running      bool
}

// newWatch is a watch that stands still.
func newWatch(charged, beside func() time.Duration) *Watch {
	if charged == nil {
		charged = ownTime
	}
	if beside == nil {
		beside = func() time.Duration { return 0 }
	}
	return &Watch{charged: charged, beside: beside}
}

// Start begins what counts; setting up before it and clearing away after Stop do not. The heap is collected first, so
// that nobody pays for the garbage of another.
func (w *Watch) Start() {
	runtime.GC()
	w.busy, w.driving, w.cpu = machineTime(), w.beside(), w.charged()
	w.at, w.running = time.Now(), true
}

// Stop ends what counts: so many operations were done. Stopping again moves the end.
func (w *Watch) Stop(ops int) {
	w.reading.Elapsed = time.Since(w.at)
	w.reading.CPU = w.charged() - w.cpu
	others := machineTime() - w.busy - w.reading.CPU - (w.beside() - w.driving)
	w.reading.Others = min(max(others.Seconds()/w.reading.Elapsed.Seconds()/float64(runtime.NumCPU()), 0), 1)
	w.reading.Ops, w.running = ops, false
	slices.Sort(w.reading.laps)
}

// Split notes that a part of the work is done.
func (w *Watch) Split() { w.reading.Split = time.Since(w.at) }

// Took replaces the time between Start and Stop by a better one.
func (w *Watch) Took(elapsed time.Duration) { w.reading.Elapsed = elapsed }

// Lap notes how long one operation took.
func (w *Watch) Lap(d time.Duration) { w.reading.laps = append(w.reading.laps, d) }

// Count notes how many there are of something now.
func (w *Watch) Count(n float64) { w.reading.Peak = max(w.reading.Peak, n) }

// Hold notes memory.
func (w *Watch) Hold(bytes float64) { w.reading.Held = bytes }

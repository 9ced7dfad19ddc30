package sim

import (
	"container/heap"
	"time"
)

// begin is when every history begins.
var begin = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// event is something that will happen.
type event struct {
	at    time.Time
	order int
	do    func()
}

// agenda is what will happen, the soonest first; of two things at one time, the one that was planned first.
type agenda []event

func (a agenda) Len() int { return len(a) }
func (a agenda) Less(i, j int) bool {
	if !a[i].at.Equal(a[j].at) {
		return a[i].at.Before(a[j].at)
	}
	return a[i].order < a[j].order
}
func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *agenda) Push(x any)   { *a = append(*a, x.(event)) }
func (a *agenda) Pop() any {
	old := *a
	e := old[len(old)-1]
	*a = old[:len(old)-1]
	return e
}

// after plans something.
func (w *world) after(d time.Duration, do func()) {
	w.planned++
	heap.Push(&w.agenda, event{at: w.now.Add(max(d, 0)), order: w.planned, do: do})
}

// every does something again and again.
func (w *world) every(d time.Duration, do func()) {
	w.after(d, func() {
		do()
		w.every(d, do)
	})
}

// run lets time pass. It stops early when the history has had as many steps as it may.
func (w *world) run(d time.Duration) {
	end := w.now.Add(d)
	for len(w.agenda) > 0 && !w.agenda[0].at.After(end) {
		if w.steps++; w.limit > 0 && w.steps > w.limit {
			return
		}
		e := heap.Pop(&w.agenda).(event)
		w.now = e.at
		e.do()
	}
	w.now = end
}

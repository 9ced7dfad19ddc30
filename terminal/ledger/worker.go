package ledger

import "context"

// worker does one thing in the background, each time it is asked to.
type worker struct {
	wake, done chan struct{}
	cancel     context.CancelFunc
}

func startWorker(work func(context.Context)) *worker {
	ctx, cancel := context.WithCancel(context.Background())
	w := &worker{wake: make(chan struct{}, 1), done: make(chan struct{}), cancel: cancel}
	go func() {
		defer close(w.done)
		for {
			select {
			case <-ctx.Done():
				return
			case <-w.wake:
				work(ctx)
			}
		}
	}()
	return w
}

// poke asks for the work soon.
func (w *worker) poke() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// stop tells the work under way that it may end, and waits for it.
func (w *worker) stop() {
	w.cancel()
	<-w.done
}

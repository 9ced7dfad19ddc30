package bench

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"syscall"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/sync/wire"

	"github.com/google/uuid"
)

// FanOut is a change of a price on its way to every connected till.
var FanOut = Row{
	Name:  "fan-out",
	Work:  "one price change to every connected till: real links over memory storage, in a process of their own",
	Limit: "a write of the same bytes to as many TCP connections",
	Open:  openFanOut,
}

const (
	fanTills = 5000
	// burst is how many changes come together.
	burst = 20
	// fanMemory is how much memory headquarters may hold for a till, in bytes.
	fanMemory = 20_000
)

// fan is a hub with many tills, and as many bare connections.
type fan struct {
	hq    *headquarters
	crowd *crowd
	bare  *bare
	// goods are what changes its price, held is the memory of a till in this process.
	goods   []retail.Product
	changes int
	held    float64
}

func openFanOut(ctx context.Context, place Place) (stand *Stand, err error) {
	f := &fan{}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.close())
		}
	}()
	tills := place.size(min(fanTills, descriptors()), 50)
	if f.goods, err = goods("", burst); err != nil {
		return nil, err
	}
	if f.hq, err = startHeadquarters(ctx); err != nil {
		return nil, err
	}
	if err := f.begin(); err != nil {
		return nil, err
	}
	before := held()
	if err := f.connect(ctx, tills); err != nil {
		return nil, err
	}
	f.held = float64(held()-before) / float64(tills)
	frame, err := f.sample(ctx)
	if err != nil {
		return nil, err
	}
	if f.bare, err = openBare(ctx, f.crowd, frame); err != nil {
		return nil, err
	}
	runs := place.size(20, 1)
	limit := func(ctx context.Context, w *Watch) error { return f.bare.write(ctx, runs, w) }
	return &Stand{
		Parts: []Part{
			{
				Name: "one change", Limit: limit,
				Product: func(ctx context.Context, w *Watch) error { return f.change(ctx, runs, 1, w) },
				Figure:  Reading.CPUEach, Unit: FrameCPU, Goal: Goal{AtMost: 1.5}, Beside: f.crowd.cpu,
				Also: []Check{{
					Name: "memory a till", Value: func(r Round) float64 { return r.Product.Held },
					Most: func(Round) float64 { return fanMemory }, Unit: Bytes,
				}},
			},
			{
				Name: fmt.Sprintf("%d changes coalesced, each", burst), Limit: limit,
				Product: func(ctx context.Context, w *Watch) error { return f.change(ctx, runs, burst, w) },
				Figure:  Reading.CPUEach, Unit: FrameCPU, Goal: Goal{AtMost: 0.15}, Beside: f.crowd.cpu,
			},
		},
		Note: fmt.Sprintf("%d tills; a frame is %d bytes. Processor time and memory (heap and stacks) are of the process of headquarters; "+
			"the kernel's own memory for sockets is not counted on either side.", tills, len(frame)),
		Close: f.close,
	}, nil
}

// descriptors is how many tills the limit of open files leaves room for, with a bare connection beside each.
func descriptors() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 1000
	}
	return (int(limit.Cur) - 200) / 2
}

// begin publishes the goods, so that the first page of each till is the same for all.
func (f *fan) begin() error {
	var rows []wire.Row
	for _, p := range f.goods {
		r, err := row(retail.RowProduct, p.ID, p)
		if err != nil {
			return err
		}
		rows = append(rows, r)
	}
	f.hq.load(global, rows)
	return nil
}

// connect starts the process of the tills and waits until each has the goods.
func (f *fan) connect(ctx context.Context, tills int) error {
	for i := range tills {
		id, key := device(i)
		f.hq.admit(id, key.Public().(ed25519.PublicKey))
	}
	var err error
	if f.crowd, err = startCrowd(ctx, f.hq.url, f.hq.key, tills); err != nil {
		return err
	}
	return f.crowd.wait(ctx, fmt.Sprintf("upto %d", len(f.goods)))
}

// sample is the frame of one change.
func (f *fan) sample(ctx context.Context) ([]byte, error) {
	head := f.hq.head(global)
	page, _, _, err := f.hq.Page(ctx, wire.Cursor{Feed: global, Gen: 1, Seq: head - 1})
	if err != nil {
		return nil, err
	}
	return frameOf(page)
}

// change changes prices, so many at once, and waits until every till has them; runs times.
func (f *fan) change(ctx context.Context, runs, together int, w *Watch) error {
	batches := make([][]wire.Row, runs)
	for i := range batches {
		for j := range together {
			p := f.goods[(i+j)%len(f.goods)]
			f.changes++
			p.Price = money.Amount(100 + f.changes%900)
			r, err := row(retail.RowProduct, p.ID, p)
			if err != nil {
				return err
			}
			batches[i] = append(batches[i], r)
		}
	}
	w.Start()
	for _, rows := range batches {
		if err := f.crowd.wait(ctx, fmt.Sprintf("upto %d", f.hq.publish(global, rows...))); err != nil {
			return err
		}
	}
	w.Stop(runs * together * f.crowd.tills)
	w.Hold(f.held)
	return nil
}

func (f *fan) close() error {
	var errs []error
	if f.bare != nil {
		errs = append(errs, f.bare.close())
	}
	if f.crowd != nil {
		errs = append(errs, f.crowd.close())
	}
	if f.hq != nil {
		errs = append(errs, f.hq.close())
	}
	return errors.Join(errs...)
}

// held is the memory this process uses for heap and stacks, in bytes.
func held() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what pools keep is gone after two
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}

// device is the i-th till and its key, the same in both processes.
func device(i int) (uuid.UUID, ed25519.PrivateKey) {
	id := seeded(7, i)
	return id, ed25519.NewKeyFromSeed([]byte(strings.Repeat(string(id[:]), 2)))
}

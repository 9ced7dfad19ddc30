package link

import (
	"context"
	"crypto/ed25519"
	"log/slog"
	"testing"
	"time"

	"comptant/shared/journal"
	"comptant/sync/wire"

	"github.com/stretchr/testify/require"
)

// file is a till's storage in memory: entries are only counted.
type file struct {
	epochs  []wire.EpochState
	opened  []uint64
	cursors []wire.Cursor
	err     error
	// unreadable is an entry that is lost, 0 for none.
	unreadable uint64

	pages  []wire.Changes
	resets []wire.Cursor
	// feedErr is returned by Stage, Publish, Reset and Cursors.
	feedErr error
}

func (f *file) Epochs(context.Context) ([]wire.EpochState, error) {
	return append([]wire.EpochState(nil), f.epochs...), f.err
}

func (f *file) epoch(n uint64) *wire.EpochState {
	for i := range f.epochs {
		if f.epochs[i].Epoch == n {
			return &f.epochs[i]
		}
	}
	return nil
}

func (f *file) Read(_ context.Context, path wire.Path, after uint64, limit, _ int) (Batch, error) {
	e := f.epoch(path.Epoch)
	b := Batch{First: max(after, e.Floor) + 1}
	for f.unreadable == b.First {
		b.First++
	}
	for seq := b.First; seq <= e.Last && seq != f.unreadable && len(b.Entries) < limit; seq++ {
		b.Entries = append(b.Entries, []byte{byte(seq)})
	}
	return b, f.err
}

func (f *file) HashAt(_ context.Context, _ wire.Path, seq uint64) (journal.Hash, error) {
	return journal.Hash{byte(seq)}, nil
}

func (f *file) Acknowledge(_ context.Context, path wire.Path, upto uint64, _ time.Time) error {
	f.epoch(path.Epoch).Acked = upto
	return f.err
}

func (f *file) SessionOpened(context.Context, uint64, uint64, time.Time) error { return f.err }

func (f *file) Refill(_ context.Context, epoch uint64, b Batch) error {
	if f.epoch(epoch) == nil {
		f.epochs = append(f.epochs, wire.EpochState{Epoch: epoch})
	}
	e := f.epoch(epoch)
	e.Last = b.First + uint64(len(b.Entries)) - 1
	e.Acked = e.Last
	return f.err
}

func (f *file) OpenEpoch(_ context.Context, least uint64) error {
	f.opened = append(f.opened, least)
	f.epochs = append(f.epochs, wire.EpochState{Epoch: least})
	return f.err
}

func (f *file) Cursors(context.Context) ([]wire.Cursor, error) { return f.cursors, f.feedErr }

func (f *file) Stage(_ context.Context, page wire.Changes) error {
	if f.feedErr == nil {
		f.pages = append(f.pages, page)
	}
	return f.feedErr
}

func (f *file) Publish(ctx context.Context, page wire.Changes) error { return f.Stage(ctx, page) }

func (f *file) Reset(_ context.Context, feed string, gen uint64) error {
	f.resets = append(f.resets, wire.Cursor{Feed: feed, Gen: gen})
	return f.feedErr
}

func (f *file) Follow(context.Context, []string) error { return f.feedErr }

// play drives a core by hand.
type play struct {
	*testing.T
	*Core
	file *file
	now  time.Time
	last Effects
}

func newPlay(t *testing.T, f *file) *play {
	p := &play{T: t, file: f, now: begin, Core: NewCore(Config{
		Key: tillKey, HQKey: hqKey.Public().(ed25519.PublicKey), App: "1",
		Journal: f, Replica: f, Log: slog.New(slog.DiscardHandler), Rand: func() float64 { return 0.5 },
	})}
	p.Start(p.now)
	return p
}

// after lets time pass and calls the core.
func (p *play) after(d time.Duration) []wire.Message {
	p.now = p.now.Add(d)
	p.Tick(p.Context(), p.now)
	return p.said()
}

func (p *play) hear(m wire.Message) []wire.Message {
	p.Received(p.Context(), p.now, m)
	return p.said()
}

func (p *play) notify() []wire.Message {
	p.Grew(p.Context(), p.now)
	return p.said()
}

// said is what the core sends.
func (p *play) said() []wire.Message {
	p.last = p.Take()
	return p.last.Send
}

// open brings the core to an open session in which HQ has what have says.
func (p *play) open(welcome wire.Welcome) []wire.Message {
	p.Helper()
	p.now = p.Next()
	p.Tick(p.Context(), p.now)
	p.said()
	require.True(p, p.last.Dial)
	p.Connected(p.now)
	said := p.hear(wire.Challenge{Nonce: nonce, HQ: p.hqKey, Min: 1, Max: 1})
	require.Len(p, said, 1)
	hello := said[0].(wire.Hello)
	require.NoError(p, wire.VerifyHello(hello, nonce, tillKey.Public().(ed25519.PublicKey)))
	if welcome.Credit == 0 {
		welcome.Credit = wire.Window
	}
	welcome.Time = p.now.UnixMilli()
	signed, err := wire.SignWelcome(welcome, nonce, hello, hqKey)
	require.NoError(p, err)
	said = p.hear(signed)
	require.True(p, p.status.Online)
	require.IsType(p, wire.Ping{}, said[0])
	return said[1:]
}

// batches are the epoch, first and number of entries of each message, which must all be batches.
func batches(t *testing.T, said []wire.Message) [][3]uint64 {
	t.Helper()
	var all [][3]uint64
	for _, m := range said {
		require.IsType(t, wire.Entries{}, m)
		e := m.(wire.Entries)
		all = append(all, [3]uint64{e.Epoch, e.First, uint64(len(e.Entries))})
	}
	return all
}

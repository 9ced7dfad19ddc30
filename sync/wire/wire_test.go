package wire

import (
	"bytes"
	"crypto/ed25519"
	"math/rand/v2"
	"runtime"
	"testing"

	"comptant/shared/journal"
	"comptant/shared/retail"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"
	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var (
	id   = uuid.MustParse("0190c2a0-0000-7000-8000-000000000001")
	hash = journal.Hash(bytes.Repeat([]byte{0xaa}, 32))
	seed = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
)

// messages is one of each type, with every key filled.
var messages = []Message{
	Challenge{Nonce: []byte("nonce"), HQ: []byte("key"), Time: 1_700_000_000_000, Min: 1, Max: 2},
	Hello{
		Till: id, N: 3, Proto: 1, App: "1.2.3", Schema: 1,
		Epochs:  []EpochState{{Epoch: 1, Floor: 2, Last: 300, Hash: hash, Acked: 70_000}},
		Cursors: []Cursor{{Feed: "global", Gen: 7, Seq: 8, Base: 9}}, Wall: 10, Mono: 11, Sig: []byte("sig"),
	},
	Welcome{
		Session: id, N: 4, Epochs: []EpochHave{{Epoch: 1, Have: 2}}, MinEpoch: 100, Store: id, Credit: 4, BatchMax: 500,
		Time: 5, Feeds: []string{"global", "store:x"}, MinApp: "1.0", Sig: []byte("sig"),
	},
	Entries{Epoch: 1, First: 2, Prev: hash, Head: hash, Hole: true, Entries: [][]byte{{1}, {2, 3}}},
	Ack{Epoch: 1, Upto: 2, Time: 3, Credit: 4, Notes: []Note{{Seq: 5, Code: Invalid}}},
	Nack{Code: UnknownParent, Epoch: 1, Expect: 2},
	Prove{Epoch: 1, Points: []Point{{Seq: 2, Hash: hash}}},
	Proof{Epoch: 1, Seq: 2},
	Refill{Epoch: 1, First: 2, Entries: [][]byte{{1}}, Prev: journal.Hash{1}, Head: journal.Hash{2}},
	Changes{
		Feed: "global", Gen: 1, From: 2, Base: 3, Upto: 4, More: true, Digest: 1 << 63,
		Rows: []Row{{Seq: 3, Type: retail.RowProduct, ID: id, Body: []byte("body")}, {Seq: 4, Type: retail.RowStock, ID: id}},
	},
	Applied{Feed: "global", Gen: 1, Upto: 2, Base: 3, Code: DigestDiffers},
	Reset{Feed: "global", Gen: 2, Code: CursorTooOld, Snapshot: "x", Seq: 3, SHA256: []byte("sum")},
	Ping{T0: 1},
	Pong{T0: 1, T1: 2, T2: 3},
	Bye{Code: Draining, AfterMS: 1500},
	Command{ID: id, Name: "print", Args: cbor.RawMessage{0xa0}},
	Done{ID: id, Code: Invalid},
}

// bare takes off what Decode keeps beside the fields.
func bare(m Message) Message {
	switch m := m.(type) {
	case Hello:
		m.raw = nil
		return m
	case Welcome:
		m.raw = nil
		return m
	}
	return m
}

func TestBadFrame(t *testing.T) {
	sound, err := Encode(Ping{T0: 1})
	require.NoError(t, err)
	for name, frame := range map[string][]byte{
		"empty":             {},
		"flag alone":        {0},
		"unknown flag":      append([]byte{2}, sound[1:]...),
		"not zstd":          {flagZstd, 1, 2, 3},
		"not a map":         {0, 0x01},
		"empty map":         {0, 0xa0},
		"no type":           {0, 0xa1, 0x01, 0x05},
		"type is text":      {0, 0xa1, 0x00, 0x61, 'x'},
		"cut":               sound[:len(sound)-1],
		"bytes after":       append(bytes.Clone(sound), 0),
		"key twice":         {0, 0xa3, 0x00, byte(TypePing), 0x01, 0x05, 0x01, 0x06},
		"wrong type of key": {0, 0xa2, 0x00, byte(TypePing), 0x01, 0x61, 'x'},
		"short hash":        {0, 0xa2, 0x00, byte(TypeEntries), 0x03, 0x41, 0x00},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Decode(frame)
			require.ErrorIs(t, err, BadFrame)
		})
	}
}

// TestBomb sends little that would become much.
func TestBomb(t *testing.T) {
	enc, err := zstd.NewWriter(nil)
	require.NoError(t, err)
	bomb := enc.EncodeAll(make([]byte, 4*MaxMessage), []byte{flagZstd})
	require.Less(t, len(bomb), MaxFrame)
	_, err = Decode(bomb)
	require.ErrorIs(t, err, BadFrame)
	_, err = Decode(make([]byte, MaxFrame+1))
	require.ErrorIs(t, err, TooLarge)
	noise := make([]byte, MaxFrame)
	rng := rand.NewChaCha8([32]byte{})
	_, _ = rng.Read(noise)
	_, err = Encode(Entries{Entries: [][]byte{noise}})
	require.ErrorIs(t, err, TooLarge)
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.SliceOfN(rapid.Byte(), 1, 300)
		m := Entries{
			Epoch: rapid.Uint64().Draw(t, "epoch"), First: rapid.Uint64().Draw(t, "first"), Prev: hash,
			Hole: rapid.Bool().Draw(t, "hole"), Entries: rapid.SliceOfN(body, 1, 60).Draw(t, "entries"),
		}
		frame, err := Encode(m)
		require.NoError(t, err)
		got, err := Decode(frame)
		require.NoError(t, err)
		clear(frame)
		require.Equal(t, m, got, "the message shares no memory with its frame")
	})
}

func TestLargeMessagesAreCompressed(t *testing.T) {
	m := Entries{Entries: [][]byte{bytes.Repeat([]byte("bread and milk "), 1000)}}
	frame, err := Encode(m)
	require.NoError(t, err)
	require.EqualValues(t, flagZstd, frame[0])
	require.Less(t, len(frame), 1000)
}

func signed(t *testing.T) (Hello, Welcome, []byte) {
	nonce := bytes.Repeat([]byte{1}, 32)
	hello, err := SignHello(messages[1].(Hello), nonce, seed)
	require.NoError(t, err)
	welcome, err := SignWelcome(messages[2].(Welcome), nonce, hello, seed)
	require.NoError(t, err)
	return send(t, hello).(Hello), send(t, welcome).(Welcome), nonce
}

func send(t *testing.T, m Message) Message {
	frame, err := Encode(m)
	require.NoError(t, err)
	m, err = Decode(frame)
	require.NoError(t, err)
	return m
}

func TestSignatures(t *testing.T) {
	hello, welcome, nonce := signed(t)
	key := seed.Public().(ed25519.PublicKey)
	require.NoError(t, VerifyHello(hello, nonce, key))
	require.NoError(t, VerifyWelcome(welcome, nonce, hello, key))

	other := ed25519.NewKeyFromSeed(make([]byte, 32)).Public().(ed25519.PublicKey)
	replayed := bytes.Repeat([]byte{2}, 32)
	require.ErrorIs(t, VerifyHello(hello, nonce, other), BadSignature)
	require.ErrorIs(t, VerifyHello(hello, replayed, key), BadSignature)
	require.ErrorIs(t, VerifyHello(Hello{Sig: hello.Sig}, nonce, key), BadSignature)
	require.ErrorIs(t, VerifyHello(hello, nonce, nil), BadSignature)
	require.ErrorIs(t, VerifyWelcome(welcome, replayed, hello, key), BadSignature)
	require.ErrorIs(t, VerifyWelcome(welcome, nonce, hello, other), BadSignature)

	another := hello
	another.N++
	another, err := SignHello(another, nonce, seed)
	require.NoError(t, err)
	require.ErrorIs(t, VerifyWelcome(welcome, nonce, another, key), BadSignature, "a welcome answers one hello")
}

// TestSignatureCoversLaterKeys: a later version signs keys this one does not know.
func TestSignatureCoversLaterKeys(t *testing.T) {
	type later struct {
		Hello
		New string `cbor:"20,keyasint"`
	}
	nonce := []byte("a nonce long enough")
	h := later{Hello: messages[1].(Hello), New: "later"}
	h.Sig = nil
	sign := func(h later) Hello {
		b, err := encMode.Marshal(h)
		require.NoError(t, err)
		raw, err := withType(b, TypeHello)
		require.NoError(t, err)
		m, err := Decode(append([]byte{0}, raw...))
		require.NoError(t, err)
		return m.(Hello)
	}
	words, err := helloWords(sign(h).raw, nonce)
	require.NoError(t, err)
	h.Sig = ed25519.Sign(seed, words)
	key := seed.Public().(ed25519.PublicKey)
	require.NoError(t, VerifyHello(sign(h), nonce, key))
	h.New = "changed"
	require.ErrorIs(t, VerifyHello(sign(h), nonce, key), BadSignature)
}

func TestRowHash(t *testing.T) {
	// Computed by hand with another language's SHA-256.
	require.Equal(t, uint64(0xa662427906c9fd40), RowHash(retail.RowProduct, id, 5, []byte("body")))
	seen := map[uint64]bool{}
	for _, h := range []uint64{
		RowHash(retail.RowProduct, id, 5, []byte("body")), RowHash(retail.RowStock, id, 5, []byte("body")),
		RowHash(retail.RowProduct, uuid.Nil, 5, []byte("body")), RowHash(retail.RowProduct, id, 6, []byte("body")),
		RowHash(retail.RowProduct, id, 5, []byte("bodY")),
	} {
		require.False(t, seen[h])
		seen[h] = true
	}
}

// most is what reading one frame may allocate in all, in bytes.
const most = 4 * MaxMessage

// allocated is what f allocates, in bytes, whether it is kept or not.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestWorstFrames sends as many of the smallest things as a frame may hold.
func TestWorstFrames(t *testing.T) {
	many := func(n int, thing byte) []byte {
		return append([]byte{0x9a, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}, bytes.Repeat([]byte{thing}, n)...)
	}
	const emptyMap, emptyBytes, null = 0xa0, 0x40, 0xf6
	frame := func(t Type, keys ...any) []byte {
		raw := []byte{0, 0xa0 + byte(1+len(keys)/2), 0x00, byte(t)}
		for _, k := range keys {
			switch k := k.(type) {
			case int:
				raw = append(raw, byte(k))
			case []byte:
				raw = append(raw, k...)
			}
		}
		return raw
	}
	full := 65536
	for name, b := range map[string][]byte{
		"rows":             frame(TypeChanges, 8, many(full, emptyMap)),
		"epochs, cursors":  frame(TypeHello, 6, many(full, emptyMap), 7, many(full, emptyMap)),
		"entries":          frame(TypeEntries, 6, many(full, emptyBytes)),
		"points":           frame(TypeProve, 2, many(full, emptyMap)),
		"notes":            frame(TypeAck, 5, many(full, emptyMap)),
		"nothing to know":  frame(TypeProof, 22, many(full, null), 23, many(full, null)),
		"one long entry":   frame(TypeEntries, 6, append([]byte{0x81, 0x5a, 0, 0x1f, 0, 0}, make([]byte, 0x1f0000)...)),
		"too many of them": frame(TypeEntries, 6, many(full+1, emptyBytes)),
	} {
		require.LessOrEqual(t, len(b), MaxFrame)
		used := allocated(func() { _, _ = Decode(b) })
		require.Less(t, used, uint64(most), name)
		// The same, compressed until it is as large as a message may be.
		packed := compress([]byte{flagZstd}, b[1:])
		used = allocated(func() { _, _ = Decode(packed) })
		require.Less(t, used, uint64(most), name)
	}
	huge := compress([]byte{flagZstd}, frame(TypeEntries, 6, append([]byte{0x81, 0x5a, 0, 0x7f, 0xff, 0xf0}, make([]byte, 0x7ffff0)...)))
	require.Less(t, len(huge), MaxFrame)
	require.Less(t, allocated(func() { _, _ = Decode(huge) }), uint64(most))
	bomb := compress([]byte{flagZstd}, make([]byte, 16*MaxMessage))
	require.Less(t, allocated(func() { _, _ = Decode(bomb) }), uint64(most))
}

func FuzzDecode(f *testing.F) {
	for _, m := range messages {
		frame, err := Encode(m)
		require.NoError(f, err)
		f.Add(frame)
		f.Add(compress([]byte{flagZstd}, frame[1:]))
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		var m Message
		var err error
		require.Less(t, allocated(func() { m, err = Decode(frame) }), uint64(most))
		if err != nil {
			return
		}
		again, err := Encode(bare(m))
		if err != nil {
			return
		}
		same, err := Decode(again)
		require.NoError(t, err)
		require.Equal(t, mustEncode(t, bare(m)), mustEncode(t, bare(same)))
	})
}

func mustEncode(t *testing.T, m Message) []byte {
	b, err := Encode(m)
	require.NoError(t, err)
	return b
}

package wire

import (
	"bytes"
	"encoding/hex"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"comptant/shared/retail"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden bytes of messages that have none yet")

// laterKey is a key no version has yet.
const laterKey = 99

// more are shapes besides the full and the minimal ones.
var more = map[string]Message{
	"Hello/branches": Hello{
		Till: id, Proto: 1, App: "1.0", Schema: 1,
		Epochs:  []EpochState{{Epoch: 1, Last: 3, Hash: hash}, {Epoch: 1, Branch: 1, Floor: 1, Last: 2, Hash: hash}},
		Cursors: []Cursor{{Feed: "global", Gen: 7, Seq: 8, Digest: 9}}, Sig: []byte("sig"),
	},
	"Welcome/upgrade": Welcome{
		Session: id, N: 1, Epochs: []EpochHave{{Epoch: 1, Have: 2, Branch: 1}}, MinEpoch: 1, Store: id, Credit: 4,
		BatchMax: 500, Time: 5, Feeds: []string{"global"}, MinApp: "2.0", Sig: []byte("sig"), Code: UpgradeRequired,
	},
	"Entries/branch":   Entries{Epoch: 1, Branch: 2, First: 1, Prev: hash, Head: hash, Entries: [][]byte{{1}}},
	"Ack/till":         Ack{Epoch: 1, Upto: 2},
	"Ack/branch":       Ack{Epoch: 1, Branch: 2, Upto: 3, Time: 4, Credit: 1},
	"Ack/unknown-note": Ack{Epoch: 1, Upto: 2, Time: 3, Credit: 4, Notes: []Note{{Seq: 2, Code: 499}}},
	"Nack/wait":        Nack{Code: Overloaded, Epoch: 1, Expect: 2, Branch: 3},
	"Nack/unknown":     Nack{Code: 399, Epoch: 1, Expect: 2},
	"Prove/branch":     Prove{Epoch: 1, Branch: 2, Points: []Point{{Seq: 9, Hash: hash}, {Seq: 8, Hash: hash}}},
	"Proof/branch":     Proof{Epoch: 1, Branch: 2, Seq: 3},
	"Changes/unknown-row": Changes{
		Feed: "global", Gen: 1, Upto: 2, Digest: 3, Rows: []Row{{Seq: 2, Type: 999, ID: id, Body: []byte{0xa0}}},
	},
	"Changes/tombstone": Changes{Feed: "store:x", Gen: 1, Upto: 2, More: true, Rows: []Row{{Seq: 2, Type: retail.RowStock, ID: id}}},
	"Reset/plain":       Reset{Feed: "global", Gen: 2, Code: CursorAhead},
	"Reset/snapshot":    Reset{Feed: "global", Gen: 2, Snapshot: "name", Seq: 3, SHA256: hash[:], Sig: []byte("sig")},
	"Hello/snapshots":   Hello{Till: id, Proto: 1, App: "1.1", Schema: 1, Sig: []byte("sig"), Snapshots: true},
	"Hello/unsent":      Hello{Till: id, Proto: 1, App: "1.1", Schema: 1, Sig: []byte("sig"), Unsent: &Unsent{Count: 37, Oldest: 5}},
	"Ping/unsent":       Ping{T0: 5, Unsent: &Unsent{Count: 37, Oldest: 5}},
	"Bye/unknown":       Bye{Code: 299},
}

// shapes are all messages that have golden bytes, of every type the least, one with every key, and some between.
func shapes() map[string]Message {
	all := maps.Clone(more)
	for _, m := range messages {
		all[name(m)+"/full"] = m
		all[name(m)+"/minimal"] = reflect.Zero(reflect.TypeOf(m)).Interface().(Message)
	}
	return all
}

func name(m Message) string { return strings.TrimPrefix(fmt.Sprintf("%T", m), "wire.") }

// TestGoldenMessages reads what has been sent, for ever. A line of the file is never changed.
func TestGoldenMessages(t *testing.T) {
	require.Len(t, messages, len(readers), "one of each type")
	path := filepath.Join("testdata", "v1", "messages.txt")
	want := shapes()
	if *update {
		write(t, path, want)
	}
	golden, _ := goldenLines(t, path)
	for name := range want {
		require.Contains(t, golden, name, "no golden bytes: go test -run TestGoldenMessages -update")
	}
	for name, frame := range golden {
		t.Run(name, func(t *testing.T) {
			got, err := Decode(frame)
			require.NoError(t, err)
			kind, how, _ := strings.Cut(name, "/")
			if how != "later" {
				require.Contains(t, want, name)
				again, err := Encode(want[name])
				require.NoError(t, err)
				require.Equal(t, hex.EncodeToString(frame), hex.EncodeToString(again))
			}
			switch m := got.(type) {
			case Hello, Welcome:
				// What is signed is kept as it came.
				again, err := Encode(m)
				require.NoError(t, err)
				require.Equal(t, hex.EncodeToString(frame), hex.EncodeToString(again))
			case Command:
				if how == "later" {
					require.Contains(t, string(m.Args), "later", "arguments are passed on as they came")
					m.Args = want["Command/full"].(Command).Args
					got = m
				}
			}
			if how == "later" {
				name = kind + "/full"
			}
			require.Equal(t, normal(t, want[name]), normal(t, got))
		})
	}
}

// normal is a message as it is encoded, so that an empty list is the same as none.
func normal(t *testing.T, m Message) string {
	b, err := encodeMap(bare(m))
	require.NoError(t, err)
	return fmt.Sprintf("%T %x", m, b)
}

// TestCompressedFrameIsReadForEver holds one frame as zstd made it; another zstd may make other bytes.
func TestCompressedFrameIsReadForEver(t *testing.T) {
	path := filepath.Join("testdata", "v1", "compressed.txt")
	want := Changes{Feed: "global", Gen: 1, Upto: 40}
	for seq := range uint64(40) {
		want.Rows = append(want.Rows, Row{Seq: seq + 1, Type: retail.RowProduct, ID: id, Body: []byte("body")})
	}
	if _, err := os.Stat(path); *update && err != nil {
		frame, err := Encode(want)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, fmt.Appendf(nil, "Changes/zstd %x\n", frame), 0o644))
	}
	golden, _ := goldenLines(t, path)
	frame := golden["Changes/zstd"]
	require.EqualValues(t, flagZstd, frame[0])
	got, err := Decode(frame)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

// TestUnknownTypesAreToldApart reads messages of types no version has yet.
func TestUnknownTypesAreToldApart(t *testing.T) {
	golden, order := goldenLines(t, filepath.Join("testdata", "v1", "unknown.txt"))
	require.NotEmpty(t, order)
	for _, name := range order {
		_, err := Decode(golden[name])
		require.ErrorIs(t, err, ErrUnknownType, name)
		require.NotErrorIs(t, err, BadFrame, name)
	}
}

// goldenLines gives the lines of a golden file, "name hex", and their order.
func goldenLines(t *testing.T, path string) (map[string][]byte, []string) {
	text, err := os.ReadFile(path)
	if !*update {
		require.NoError(t, err)
	}
	golden, order := map[string][]byte{}, []string(nil)
	for l := range strings.Lines(string(text)) {
		name, digits, ok := strings.Cut(strings.TrimSpace(l), " ")
		require.True(t, ok, l)
		b, err := hex.DecodeString(digits)
		require.NoError(t, err, name)
		require.NotContains(t, golden, name)
		golden[name], order = b, append(order, name)
	}
	return golden, order
}

// write appends what has no golden bytes yet.
func write(t *testing.T, path string, want map[string]Message) {
	golden, order := goldenLines(t, path)
	var text strings.Builder
	for _, name := range order {
		fmt.Fprintf(&text, "%s %x\n", name, golden[name])
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if golden[name] != nil {
			continue
		}
		frame, err := Encode(want[name])
		require.NoError(t, err)
		require.Zero(t, frame[0], "compressed bytes may change")
		fmt.Fprintf(&text, "%s %x\n", name, frame)
		if kind, ok := strings.CutSuffix(name, "/full"); ok {
			fmt.Fprintf(&text, "%s/later 00%x\n", kind, grown(t, frame[1:]))
		}
	}
	require.NoError(t, os.WriteFile(path, []byte(text.String()), 0o644))
}

// grown adds a key of a later version to every map of a message.
func grown(t *testing.T, b []byte) []byte {
	var v any
	require.NoError(t, cbor.Unmarshal(b, &v))
	out, err := encMode.Marshal(grow(v))
	require.NoError(t, err)
	require.False(t, bytes.Equal(b, out))
	return out
}

func grow(v any) any {
	switch v := v.(type) {
	case map[any]any:
		for k := range v {
			v[k] = grow(v[k])
		}
		v[uint64(laterKey)] = map[uint64]any{1: "of a later version"}
	case []any:
		for i := range v {
			v[i] = grow(v[i])
		}
	}
	return v
}

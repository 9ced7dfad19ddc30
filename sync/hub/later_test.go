package hub_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/sync/wire"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"
)

// peer is one end of a connection, held by hand.
type peer struct {
	*testing.T
	*websocket.Conn
}

func (p peer) say(m wire.Message) {
	frame, err := wire.Encode(m)
	require.NoError(p, err)
	p.sayFrame(frame)
}

func (p peer) sayFrame(frame []byte) {
	require.NoError(p, p.WriteMessage(websocket.BinaryMessage, frame))
}

func (p peer) hear() wire.Message {
	_, frame, err := p.ReadMessage()
	require.NoError(p, err)
	m, err := wire.Decode(frame)
	require.NoError(p, err)
	return m
}

// unknown are frames of types no version has yet.
func unknown(t *testing.T) [][]byte {
	text, err := os.ReadFile("../wire/testdata/v1/unknown.txt")
	require.NoError(t, err)
	var frames [][]byte
	for l := range strings.Lines(string(text)) {
		_, digits, _ := strings.Cut(strings.TrimSpace(l), " ")
		frame, err := hex.DecodeString(digits)
		require.NoError(t, err)
		frames = append(frames, frame)
	}
	require.NotEmpty(t, frames)
	return frames
}

// TestHeadquartersPassesOverWhatALaterTillSays of types and codes it does not know.
func TestHeadquartersPassesOverWhatALaterTillSays(t *testing.T) {
	c := newCorridor(t)
	lane := c.enrol()
	d := websocket.Dialer{Subprotocols: []string{wire.Subprotocol}}
	ws, _, err := d.Dial("ws"+strings.TrimPrefix(c.url, "http")+wire.SyncPath, nil)
	require.NoError(t, err)
	defer func() { _ = ws.Close() }()
	p := peer{t, ws}
	challenge := p.hear().(wire.Challenge)
	for _, frame := range unknown(t) {
		p.sayFrame(frame)
	}
	hello, err := wire.SignHello(wire.Hello{Till: lane.id, Proto: 1, App: "later"}, challenge.Nonce, lane.key)
	require.NoError(t, err)
	p.say(hello)
	welcome := p.hear().(wire.Welcome)
	require.NoError(t, wire.VerifyWelcome(welcome, challenge.Nonce, hello, lane.hq))
	for _, frame := range unknown(t) {
		p.sayFrame(frame)
	}
	p.say(wire.Applied{Feed: "of a later kind", Gen: 1, Upto: 2, Code: 599})
	p.say(wire.Done{ID: uuid.UUID{1}, Code: 499})
	entry := []byte("a sale")
	genesis := journal.Genesis(lane.id, 1)
	p.say(wire.Entries{Epoch: 1, First: 1, Prev: genesis, Head: journal.Next(genesis, lane.id, 1, 1, entry), Entries: [][]byte{entry}})
	require.EqualValues(t, 1, p.hear().(wire.Ack).Upto)
}

// TestTillPassesOverWhatALaterHeadquartersSays of types, rows and codes it does not know.
func TestTillPassesOverWhatALaterHeadquartersSays(t *testing.T) {
	pub, key, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	hqPub, hqKey, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	id := uuid.Must(uuid.NewV7())
	row := wire.Row{Seq: 1, Type: retail.RowType(9999), ID: uuid.UUID{7}, Body: []byte{0xa1, 0x18, 0x63, 0x01}}
	nonce := bytes.Repeat([]byte{1}, 32)
	sessions := make(chan peer)
	up := websocket.Upgrader{Subprotocols: []string{wire.Subprotocol}}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := up.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		select {
		case sessions <- peer{t, ws}:
		case <-t.Context().Done():
		}
	}))
	t.Cleanup(srv.Close)
	c := &corridor{t: t, url: srv.URL}
	lane := &till{ledger: newLedger(id), id: id, key: key, hq: hqPub, app: "1.0"}
	lane.sell(1)
	c.start(lane)

	p := <-sessions
	defer func() { _ = p.Close() }()
	p.sayFrame(unknown(t)[0])
	p.say(wire.Challenge{Nonce: nonce, HQ: hqPub, Min: 1, Max: 7})
	hello := p.hear().(wire.Hello)
	require.Equal(t, 1, hello.Proto)
	require.NoError(t, wire.VerifyHello(hello, nonce, pub))
	welcome, err := wire.SignWelcome(wire.Welcome{N: 1, Credit: 4, BatchMax: 500, Feeds: []string{"global"}, Code: 299}, nonce, hello, hqKey)
	require.NoError(t, err)
	p.say(welcome)
	for _, frame := range unknown(t) {
		p.sayFrame(frame)
	}
	require.IsType(t, wire.Ping{}, p.hear())
	require.IsType(t, wire.Entries{}, p.hear())
	p.say(wire.Ack{Epoch: 1, Upto: 1, Credit: 9, Notes: []wire.Note{{Seq: 1, Code: 499}}})
	p.say(wire.Command{ID: uuid.UUID{1}, Name: "of a later kind"})
	p.say(wire.Changes{Feed: "of a later kind", Upto: 1})
	p.say(wire.Changes{Feed: "global", Gen: 1, Upto: 1, Digest: wire.RowHash(row.Type, row.ID, row.Seq, row.Body), Rows: []wire.Row{row}})
	require.Equal(t, wire.Applied{Feed: "global", Gen: 1, Upto: 1}, p.hear())
	lane.ledger.mu.Lock()
	require.Equal(t, row, lane.rows["global"][row.ID], "kept as it came")
	require.EqualValues(t, 1, lane.acked[1])
	lane.ledger.mu.Unlock()
	require.False(t, lane.link.Status().TooOld)
	p.say(wire.Bye{Code: 299})
	lane.until(t, "the end", func() bool { return lane.link.Status().Err != nil })
	require.ErrorIs(t, lane.link.Status().Err, wire.Code(299))
}

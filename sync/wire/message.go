package wire

import (
	"comptant/shared/journal"
	"comptant/shared/retail"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"
)

// Subprotocol is offered and chosen in the websocket handshake.
const Subprotocol = "comptant.sync.1"

// Protocol is the version of the messages below.
const Protocol = 1

// Limits both sides hold to.
const (
	// BatchEntries and BatchBytes bound one entries message; bytes are counted before compression of the entries.
	BatchEntries = 500
	BatchBytes   = 1 << 20
	// Window is how many entries messages may be unacknowledged.
	Window = 4
	// PageRows and PageBytes bound one changes message.
	PageRows  = 1000
	PageBytes = 512 << 10
	// ProvePoints is the most points of one Prove.
	ProvePoints = 64
	// MaxFrame bounds a frame on the wire, MaxMessage what it may decompress to.
	MaxFrame   = 2 << 20
	MaxMessage = 8 << 20
)

// Type is the type of a message: key 0 of its map.
type Type uint64

// The types. The numbers are never reused.
const (
	TypeChallenge Type = 1
	TypeHello     Type = 2
	TypeWelcome   Type = 3
	TypeEntries   Type = 4
	TypeAck       Type = 5
	TypeNack      Type = 6
	TypeProve     Type = 7
	TypeProof     Type = 8
	TypeRefill    Type = 9
	TypeChanges   Type = 10
	TypeApplied   Type = 11
	TypeReset     Type = 12
	TypePing      Type = 13
	TypePong      Type = 14
	TypeBye       Type = 15
	TypeCommand   Type = 16
	TypeDone      Type = 17
)

// Message is one of the structs of this file.
type Message interface{ Type() Type }

// Challenge is HQ's first word: a fresh nonce that the till signs.
type Challenge struct {
	Nonce []byte `cbor:"1,keyasint"`
	// HQ is the identity of the headquarters: its Ed25519 public key.
	HQ []byte `cbor:"2,keyasint"`
	// Time is HQ's clock in milliseconds since 1970, UTC; every time on the wire is.
	Time int64 `cbor:"3,keyasint"`
	// Min and Max are the protocol versions HQ speaks in full. Of every older one it speaks the way up: see
	// Welcome.Code.
	Min int `cbor:"4,keyasint"`
	Max int `cbor:"5,keyasint"`
}

// Path names entries of one epoch that chain on to each other, as the till keeps them. Branch 0 is the epoch as the file
// goes on writing it or closed it; a higher number is the till's own for a tail that its sentinel gave back and that does
// not chain on to the file. HQ repeats the number and makes nothing of it: it knows entries by their hashes.
type Path struct{ Epoch, Branch uint64 }

// EpochState is one path of the till's file. The entries Floor+1 to Last can still be read; Hash is that of Last.
type EpochState struct {
	Epoch  uint64       `cbor:"1,keyasint"`
	Floor  uint64       `cbor:"2,keyasint"`
	Last   uint64       `cbor:"3,keyasint"`
	Hash   journal.Hash `cbor:"4,keyasint"`
	Acked  uint64       `cbor:"5,keyasint"`
	Branch uint64       `cbor:"6,keyasint,omitempty"`
}

// Path is which one.
func (s EpochState) Path() Path { return Path{s.Epoch, s.Branch} }

// Cursor is how far a till has followed a feed.
type Cursor struct {
	Feed string `cbor:"1,keyasint"`
	Gen  uint64 `cbor:"2,keyasint"`
	Seq  uint64 `cbor:"3,keyasint"`
	// Base is the head at which the first load began; 0 once the cursor has passed it.
	Base uint64 `cbor:"4,keyasint,omitempty"`
	// Digest is that of what the till shows of the feed at Seq. HQ compares it when the feed has not moved since, so that
	// a feed that was rolled back and came to the same seq again is found.
	Digest uint64 `cbor:"5,keyasint,omitempty"`
}

// Hello says who the till is, all that its file holds, and how far it has followed the feeds.
type Hello struct {
	Till uuid.UUID `cbor:"1,keyasint"`
	// N is the number of the till's last session, as HQ gave it in Welcome.
	N uint64 `cbor:"2,keyasint"`
	// Proto is the highest version both sides speak, hence at most Max of the challenge.
	Proto int    `cbor:"3,keyasint"`
	App   string `cbor:"4,keyasint"`
	// Schema is the version of the entries the till writes.
	Schema  int          `cbor:"5,keyasint"`
	Epochs  []EpochState `cbor:"6,keyasint"`
	Cursors []Cursor     `cbor:"7,keyasint"`
	// Wall and Mono are the till's clock and its monotonic time since boot, milliseconds.
	Wall int64 `cbor:"8,keyasint"`
	Mono int64 `cbor:"9,keyasint"`
	// Sig is the device's Ed25519 signature: see SignHello.
	Sig []byte `cbor:"10,keyasint"`
	// Snapshots says that the till can load a feed from a file: see Reset.
	Snapshots bool `cbor:"11,keyasint,omitempty"`
	// Unsent is left out by a till that does not say.
	Unsent *Unsent `cbor:"12,keyasint,omitempty"`

	// raw is the message's map as it was signed or received, keys unknown here included.
	raw []byte
}

// EpochHave says after which entry of a path the till goes on. It is the path's Last when, and only when, HQ has the entry
// with that hash. Below that it is an estimate: HQ has an entry of that number, and the batch that follows shows whether it
// is the till's.
type EpochHave struct {
	Epoch  uint64 `cbor:"1,keyasint"`
	Have   uint64 `cbor:"2,keyasint"`
	Branch uint64 `cbor:"3,keyasint,omitempty"`
}

// Welcome opens the session. The till resumes after Have in every path, also where that is below an earlier Ack.
type Welcome struct {
	Session uuid.UUID `cbor:"1,keyasint"`
	// N is the number of this session. The till keeps it, with MinEpoch, before it sends anything.
	N      uint64      `cbor:"2,keyasint"`
	Epochs []EpochHave `cbor:"3,keyasint"`
	// MinEpoch is the least epoch the till may write; when it is above the till's, the till opens it at once, before it
	// takes a Refill.
	MinEpoch uint64    `cbor:"4,keyasint"`
	Store    uuid.UUID `cbor:"5,keyasint"`
	// Credit is how many entries messages may be unacknowledged, BatchMax how many entries one may hold.
	Credit   int      `cbor:"6,keyasint"`
	BatchMax int      `cbor:"7,keyasint"`
	Time     int64    `cbor:"8,keyasint"`
	Feeds    []string `cbor:"9,keyasint"`
	// MinApp is the oldest program that is sent changes, for a person to read.
	MinApp string `cbor:"10,keyasint,omitempty"`
	// Sig is HQ's Ed25519 signature: see SignWelcome.
	Sig []byte `cbor:"11,keyasint"`
	// Code is Revoked for a key that counts no more: entries go up and are kept aside, and the feeds stay as the till has them. It
	// is UpgradeRequired for a till whose program or version is too old: entries go up as ever, and the feeds stay as
	// the till has them.
	Code Code `cbor:"12,keyasint,omitempty"`

	raw []byte
}

// Entries carries consecutive entries of one epoch. It has the hash before the first and after the last, not those
// between: HQ recomputes them.
type Entries struct {
	Epoch uint64       `cbor:"1,keyasint"`
	First uint64       `cbor:"2,keyasint"`
	Prev  journal.Hash `cbor:"3,keyasint"`
	Head  journal.Hash `cbor:"4,keyasint"`
	// Hole says that what comes before cannot be given any more: HQ takes the entries although it does not know their
	// parent.
	Hole    bool     `cbor:"5,keyasint,omitempty"`
	Entries [][]byte `cbor:"6,keyasint"`
	Branch  uint64   `cbor:"7,keyasint,omitempty"`
}

// Path is where they belong.
func (e Entries) Path() Path { return Path{e.Epoch, e.Branch} }

// Ack says that every entry of the path up to Upto is stored durably and its chain verified. It never means anything else.
// HQ acknowledges Entries; a till acknowledges Refill with Epoch and Upto alone.
type Ack struct {
	Epoch  uint64 `cbor:"1,keyasint"`
	Upto   uint64 `cbor:"2,keyasint"`
	Time   int64  `cbor:"3,keyasint"`
	Credit int    `cbor:"4,keyasint"`
	Notes  []Note `cbor:"5,keyasint,omitempty"`
	Branch uint64 `cbor:"6,keyasint,omitempty"`
}

// Path is which one.
func (a Ack) Path() Path { return Path{a.Epoch, a.Branch} }

// Note tells the till what HQ thinks of a stored entry (codes 4xx).
type Note struct {
	Seq  uint64 `cbor:"1,keyasint"`
	Code Code   `cbor:"2,keyasint"`
}

// Nack refuses a batch. Expect is the seq HQ would take next. After a code 1xx, which says nothing about the batch, the
// session goes on: HQ passes over what comes of the path until the till, after a pause, sends again from Expect. It also
// goes on after UnknownParent: HQ passes over what comes of the path until the till offers points with Prove. Every other
// code ends it.
type Nack struct {
	Code   Code   `cbor:"1,keyasint"`
	Epoch  uint64 `cbor:"2,keyasint"`
	Expect uint64 `cbor:"3,keyasint"`
	Branch uint64 `cbor:"4,keyasint,omitempty"`
}

// Path is which one.
func (n Nack) Path() Path { return Path{n.Epoch, n.Branch} }

// Point is an entry named by its place and hash.
type Point struct {
	Seq  uint64       `cbor:"1,keyasint"`
	Hash journal.Hash `cbor:"2,keyasint"`
}

// Prove offers points of the till's path, newest first, for HQ to find the last common entry.
type Prove struct {
	Epoch  uint64  `cbor:"1,keyasint"`
	Points []Point `cbor:"2,keyasint"`
	Branch uint64  `cbor:"3,keyasint,omitempty"`
}

// Path is which one.
func (p Prove) Path() Path { return Path{p.Epoch, p.Branch} }

// Proof answers Prove: the highest offered entry HQ has, 0 for none.
type Proof struct {
	Epoch  uint64 `cbor:"1,keyasint"`
	Seq    uint64 `cbor:"2,keyasint"`
	Branch uint64 `cbor:"3,keyasint,omitempty"`
}

// Path is which one.
func (p Proof) Path() Path { return Path{p.Epoch, p.Branch} }

// Refill gives a restored till back entries it lost, with the hash before the first and after the last. The till answers
// with Ack once they are on its disk; HQ sends the next Refill then.
type Refill struct {
	Epoch   uint64       `cbor:"1,keyasint"`
	First   uint64       `cbor:"2,keyasint"`
	Entries [][]byte     `cbor:"3,keyasint"`
	Prev    journal.Hash `cbor:"4,keyasint"`
	Head    journal.Hash `cbor:"5,keyasint"`
}

// Row is one thing of a feed, in its newest state. A nil Body is a tombstone.
type Row struct {
	Seq  uint64         `cbor:"1,keyasint"`
	Type retail.RowType `cbor:"2,keyasint"`
	ID   uuid.UUID      `cbor:"3,keyasint"`
	Body []byte         `cbor:"4,keyasint,omitempty"`
}

// Changes is a page of a feed: the rows whose seq lies in (From, Upto], in order. Pages are staged and published
// together when More is false; that page carries the digest of the whole feed.
type Changes struct {
	Feed   string `cbor:"1,keyasint"`
	Gen    uint64 `cbor:"2,keyasint"`
	From   uint64 `cbor:"3,keyasint"`
	Base   uint64 `cbor:"4,keyasint,omitempty"`
	Upto   uint64 `cbor:"5,keyasint"`
	More   bool   `cbor:"6,keyasint,omitempty"`
	Digest uint64 `cbor:"7,keyasint,omitempty"`
	Rows   []Row  `cbor:"8,keyasint"`
}

// Applied says that the till has staged (or, at the last page, published) a feed up to Upto.
type Applied struct {
	Feed string `cbor:"1,keyasint"`
	Gen  uint64 `cbor:"2,keyasint"`
	Upto uint64 `cbor:"3,keyasint"`
	Base uint64 `cbor:"4,keyasint,omitempty"`
	// Code is DigestDiffers when the till refused to publish and wants the feed from the start.
	Code Code `cbor:"5,keyasint,omitempty"`
}

// Reset tells the till to load a feed from the start, under a new generation.
type Reset struct {
	Feed string `cbor:"1,keyasint"`
	Gen  uint64 `cbor:"2,keyasint"`
	Code Code   `cbor:"3,keyasint"`
	// Snapshot names a file with the whole feed up to Seq, to load instead of pages; the pages after it go on from there.
	// See SnapshotPath. SHA256 is that of the file, Sig HQ's signature: see SignSnapshot.
	Snapshot string `cbor:"4,keyasint,omitempty"`
	Seq      uint64 `cbor:"5,keyasint,omitempty"`
	SHA256   []byte `cbor:"6,keyasint,omitempty"`
	Sig      []byte `cbor:"7,keyasint,omitempty"`
}

// Ping measures the way to the other side and back; T0 is the sender's clock.
type Ping struct {
	T0 int64 `cbor:"1,keyasint"`
	// Unsent is left out by HQ, and by a till that does not say.
	Unsent *Unsent `cbor:"2,keyasint,omitempty"`
}

// Unsent is what a till holds that HQ has not acknowledged: how many entries, and when the till wrote the oldest, by its clock; 0 when there
// is none, or it cannot be read.
type Unsent struct {
	Count  uint64 `cbor:"1,keyasint"`
	Oldest int64  `cbor:"2,keyasint"`
}

// Pong answers with the answerer's clock at receipt (T1) and at sending (T2).
type Pong struct {
	T0 int64 `cbor:"1,keyasint"`
	T1 int64 `cbor:"2,keyasint"`
	T2 int64 `cbor:"3,keyasint"`
}

// Bye ends the session on purpose. The till comes back after AfterMS.
type Bye struct {
	Code    Code  `cbor:"1,keyasint"`
	AfterMS int64 `cbor:"2,keyasint,omitempty"`
}

// Command asks the other side to do something; Done answers it. A till asks for receipts and holds (see CommandReceipt and
// CommandHold) and sends customers (see CommandCustomer).
type Command struct {
	ID   uuid.UUID       `cbor:"1,keyasint"`
	Name string          `cbor:"2,keyasint"`
	Args cbor.RawMessage `cbor:"3,keyasint,omitempty"`
}

// CommandHold is the name of the command by which a till asks for the right to refund a receipt of another till; its
// argument is a retail.HoldAsked. The answer that counts comes by the till's feed.
const CommandHold = "hold"

// CommandReceipt is the name of the command by which a till asks for a receipt by what is printed on it; its argument is a
// retail.ReceiptAsked. The answer comes by the till's feed.
const CommandReceipt = "receipt"

// CommandCustomer is the name of the command by which a till sends a customer who was written down there; its argument is a
// retail.Customer. It is sent again until the store's feed shows the customer, or that they were erased.
const CommandCustomer = "customer"

// Done answers Command.
type Done struct {
	ID   uuid.UUID `cbor:"1,keyasint"`
	Code Code      `cbor:"2,keyasint,omitempty"`
}

// Type of each message.
func (Challenge) Type() Type { return TypeChallenge }
func (Hello) Type() Type     { return TypeHello }
func (Welcome) Type() Type   { return TypeWelcome }
func (Entries) Type() Type   { return TypeEntries }
func (Ack) Type() Type       { return TypeAck }
func (Nack) Type() Type      { return TypeNack }
func (Prove) Type() Type     { return TypeProve }
func (Proof) Type() Type     { return TypeProof }
func (Refill) Type() Type    { return TypeRefill }
func (Changes) Type() Type   { return TypeChanges }
func (Applied) Type() Type   { return TypeApplied }
func (Reset) Type() Type     { return TypeReset }
func (Ping) Type() Type      { return TypePing }
func (Pong) Type() Type      { return TypePong }
func (Bye) Type() Type       { return TypeBye }
func (Command) Type() Type   { return TypeCommand }
func (Done) Type() Type      { return TypeDone }

package hub

import (
	"context"
	"crypto/ed25519"
	"io"
	"time"

	"comptant/shared/journal"
	"comptant/sync/wire"

	"github.com/google/uuid"
)

// Tills knows the devices: who may open a session, and what HQ has of each.
type Tills interface {
	// Identity is HQ's own key, which signs every welcome.
	Identity(ctx context.Context) (ed25519.PrivateKey, error)
	// Key is the till's public keys and store. It returns wire.UnknownTill as the error.
	Key(ctx context.Context, till uuid.UUID) (Device, error)
	// Open starts a session, fencing any older one of the till, and says how far HQ has each path of hello, which feeds it
	// follows, the least epoch it may write, and what it has lost. asked is when the challenge was sent that hello signs: one of
	// before the till's newest session may have come late, over a connection that has died, and is told to wire.Wait.
	Open(ctx context.Context, hello wire.Hello, asked time.Time) (Session, error)
	// OpenAside starts a session for a key that counts no more: nothing is compared, granted or fenced.
	OpenAside(ctx context.Context, device Device, hello wire.Hello) (Session, error)
	// Seen records that the till is connected by this session, and how far it shows each feed. The first call says that the
	// session is used: the till has its welcome on disk. Closed records that it left.
	Seen(ctx context.Context, till, session uuid.UUID, at time.Time, shown []wire.Cursor) error
	Closed(ctx context.Context, till, session uuid.UUID, at time.Time) error
	// Unsent records what the till of this session says it holds that HQ has not acknowledged. What it holds at first is in its hello.
	Unsent(ctx context.Context, till, session uuid.UUID, u wire.Unsent) error
	// Command does what a till asks for. The error is a wire.Code when that is not possible.
	Command(ctx context.Context, store, till uuid.UUID, m wire.Command) error
	// Enrol turns a one-time code and a public key into a till. Wrong codes are counted by address. A refusal a person must see is a *retail.Error.
	Enrol(ctx context.Context, req wire.EnrolRequest, address string) (wire.EnrolReply, error)
}

// Device is a till that may connect.
type Device struct {
	Till, Store uuid.UUID
	// Key is nil when it is revoked. Old are keys that count no more: what they still send is kept aside.
	Key ed25519.PublicKey
	Old []ed25519.PublicKey
}

// Session is an opened session as the database knows it.
type Session struct {
	ID       uuid.UUID
	N        uint64
	Store    uuid.UUID
	Epochs   []wire.EpochHave
	MinEpoch uint64
	Feeds    []string
	// Gaps are what the till has lost of its epochs and HQ can give back.
	Gaps []Gap
}

// Gap is the part of an epoch that comes after an entry; After 0 is all of it.
type Gap struct {
	Epoch, After uint64
	Hash         journal.Hash
}

// Intake stores entries and gives them back.
type Intake interface {
	// Store returns a wire.Code as the error when the batch cannot be placed (UnknownParent, BadHead, Fenced, TooLarge);
	// otherwise every entry is durable when it returns, whatever the domains thought of it.
	Store(ctx context.Context, batch Batch) (Stored, error)
	// KeepAside stores a batch of a key that counts no more, durably and for a person to look at. It is applied to nothing.
	KeepAside(ctx context.Context, key ed25519.PublicKey, batch Batch) (Stored, error)
	// Known is the highest of these entries of an epoch that HQ has; 0 for none.
	Known(ctx context.Context, store, till uuid.UUID, epoch uint64, points []wire.Point) (seq uint64, err error)
	// Refill is the next part of a gap, as much as one message holds; no entries when there is nothing more.
	Refill(ctx context.Context, store, till uuid.UUID, gap Gap) (wire.Refill, error)
}

// Batch is an entries message of an authenticated session.
type Batch struct {
	Till, Store, Session uuid.UUID
	// Path is where they belong, as the till calls it.
	Path       wire.Path
	First      uint64
	Prev, Head journal.Hash
	// Hole says that the till cannot give what comes before First: the parent need not be known.
	Hole    bool
	Entries [][]byte
}

// Stored is what came of a batch.
type Stored struct {
	// Upto is the last entry that HQ now has of the batch. With an error it says after which entry HQ can go on.
	Upto  uint64
	Notes []wire.Note
	// Forked says that the batch opened a branch beside entries HQ has: the session must end, so that the next hello
	// compares.
	Forked bool
}

// Feeds reads what tills must know.
type Feeds interface {
	// Page is the next page of a feed after the cursor, or the Reset the till must do first. ok is false when the till
	// has everything; of the page only Digest counts then.
	Page(ctx context.Context, cursor wire.Cursor) (page wire.Changes, reset *wire.Reset, ok bool, err error)
	// Subscribe calls wake with the names of feeds that may have changed, until stop is called. It must not block.
	Subscribe(wake func(feeds []string)) (stop func())
}

// Snapshots are whole feeds in files, for tills that begin a feed that is long.
type Snapshots interface {
	// Snapshot is the newest of a feed, made when there is none that is new enough. ok is false when the feed is so short
	// that its pages do as well.
	Snapshot(ctx context.Context, feed string) (s Snapshot, ok bool, err error)
	// File opens a snapshot by its name. The error is fs.ErrNotExist when there is none of that name any more.
	File(ctx context.Context, name string) (File, error)
}

// Snapshot names a file with the pages of a feed up to Seq: see wire.AppendPage.
type Snapshot struct {
	Name     string
	Gen, Seq uint64
	SHA256   []byte
}

// File is the bytes of a snapshot.
type File interface {
	io.ReadSeeker
	Made() time.Time
}

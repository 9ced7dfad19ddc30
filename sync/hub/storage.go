package hub

import (
	"context"
	"crypto/ed25519"
	"time"

	"comptant/shared/journal"
	"comptant/sync/wire"

	"github.com/google/uuid"
)

// Tills knows the devices: who may open a session, and what HQ has of each.
type Tills interface {
	// Identity is HQ's own key, which signs every welcome.
	Identity(ctx context.Context) (ed25519.PrivateKey, error)
	// Key is the till's public key and store. It returns wire.UnknownTill or wire.Revoked as the error.
	Key(ctx context.Context, till uuid.UUID) (Device, error)
	// Open starts a session, fencing any older one of the till, and says how far HQ has each epoch of hello on the
	// till's path, which feeds it follows, and the least epoch it may write.
	Open(ctx context.Context, hello wire.Hello) (Session, error)
	// Seen records that the till is connected, how much it says it has not sent, and its clock; Closed that it left.
	Seen(ctx context.Context, till, session uuid.UUID, at time.Time) error
	Closed(ctx context.Context, till, session uuid.UUID, at time.Time) error
	// Enrol turns a one-time code and a public key into a till. Wrong codes are counted by address. A refusal a person must see is a *retail.Error.
	Enrol(ctx context.Context, req wire.EnrolRequest, address string) (wire.EnrolReply, error)
}

// Device is a till that may connect.
type Device struct {
	Till, Store uuid.UUID
	Key         ed25519.PublicKey
}

// Session is an opened session as the database knows it.
type Session struct {
	ID       uuid.UUID
	N        uint64
	Store    uuid.UUID
	Epochs   []wire.EpochHave
	MinEpoch uint64
	Feeds    []string
}

// Intake stores entries. Store returns a wire.Code as the error when the batch cannot be placed (UnknownParent,
// BadHead, Fenced, TooLarge); otherwise every entry is durable when it returns, whatever the domains thought of it.
type Intake interface {
	Store(ctx context.Context, batch Batch) (Stored, error)
}

// Batch is an entries message of an authenticated session.
type Batch struct {
	Till, Store, Session uuid.UUID
	Epoch, First         uint64
	Prev, Head           journal.Hash
	Entries              [][]byte
}

// Stored is what came of a batch.
type Stored struct {
	// Upto is the last entry of the epoch that HQ now has on the till's path. With an error it says after which entry
	// HQ can go on.
	Upto  uint64
	Notes []wire.Note
}

// Feeds reads what tills must know.
type Feeds interface {
	// Page is the next page of a feed after the cursor, or the Reset the till must do first. ok is false when the till
	// has everything.
	Page(ctx context.Context, cursor wire.Cursor) (page wire.Changes, reset *wire.Reset, ok bool, err error)
	// Subscribe calls wake with the names of feeds that may have changed, until stop is called. It must not block.
	Subscribe(wake func(feeds []string)) (stop func())
}

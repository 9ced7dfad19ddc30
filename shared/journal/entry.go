package journal

import (
	"errors"
	"fmt"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"
)

// Version is the entry format this program writes.
const Version = 1

// MaxEntry is the size above which a till refuses to commit an entry, in bytes.
const MaxEntry = 64 << 10

// Kind says what an entry records. The numbers are written to disk and never reused.
type Kind uint64

// The kinds of version 1.
const (
	KindEpochOpen      Kind = 1
	KindSale           Kind = 2
	KindRefund         Kind = 3
	KindRefundHold     Kind = 4
	KindVoid           Kind = 5
	KindCashMove       Kind = 6
	KindShiftOpen      Kind = 7
	KindShiftClose     Kind = 8
	KindAdjust         Kind = 9
	KindCount          Kind = 10
	KindClock          Kind = 11
	KindRestockRequest Kind = 12
	KindReceive        Kind = 13
	KindTransferOut    Kind = 14
	KindTransferIn     Kind = 15
	KindOrderAccept    Kind = 16
	KindOrderShort     Kind = 17
	KindOrderReady     Kind = 18
	KindOrderCollected Kind = 19 // never written: what is handed over is a sale that names its order
	KindSignIn         Kind = 20
	KindOverride       Kind = 21
	KindDrawerOpen     Kind = 22
	KindChainHead      Kind = 23
)

var kindNames = map[Kind]string{
	KindEpochOpen: "epoch-open", KindSale: "sale", KindRefund: "refund", KindRefundHold: "refund-hold",
	KindVoid: "void", KindCashMove: "cash-move", KindShiftOpen: "shift-open", KindShiftClose: "shift-close",
	KindAdjust: "adjust", KindCount: "count", KindClock: "clock", KindRestockRequest: "restock-request",
	KindReceive: "receive", KindTransferOut: "transfer-out", KindTransferIn: "transfer-in",
	KindOrderAccept: "order-accept", KindOrderShort: "order-short", KindOrderReady: "order-ready",
	KindOrderCollected: "order-collected", KindSignIn: "sign-in", KindOverride: "override",
	KindDrawerOpen: "drawer-open", KindChainHead: "chain-head",
}

// String is the kind's name, or "kind-N" for one this version does not know.
func (k Kind) String() string {
	if n, ok := kindNames[k]; ok {
		return n
	}
	return fmt.Sprintf("kind-%d", uint64(k))
}

// Entry is the envelope every kind shares. Body is the kind's own map, still encoded.
type Entry struct {
	Version uint64 `cbor:"0,keyasint"`
	Kind    Kind   `cbor:"1,keyasint"`
	// Time is the till's own clock in milliseconds since 1970, UTC.
	Time int64 `cbor:"2,keyasint"`
	// Offset is the estimate of HQ's time minus the till's, and Error its bound, both in milliseconds.
	Offset int64 `cbor:"3,keyasint,omitempty"`
	Error  int64 `cbor:"4,keyasint,omitempty"`
	// Shift is the number of the till's shift; 0 outside one.
	Shift uint64 `cbor:"5,keyasint,omitempty"`
	// User is who was signed in; the zero UUID for the till itself.
	User uuid.UUID       `cbor:"6,keyasint"`
	Body cbor.RawMessage `cbor:"7,keyasint"`
}

// At is the till's estimate of the true time of the entry.
func (e Entry) At() time.Time { return time.UnixMilli(e.Time + e.Offset).UTC() }

// ErrTooLarge is returned for an entry above MaxEntry.
var ErrTooLarge = errors.New("entry larger than 64 KiB")

var (
	encMode = must(cbor.CoreDetEncOptions().EncMode())
	decMode = must(cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, MaxNestedLevels: 16,
		MaxArrayElements: 16384, MaxMapPairs: 1024,
	}.DecMode())
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Encode gives the entry's bytes with body as its kind's map. Version is set when it is 0.
func Encode(e Entry, body any) ([]byte, error) {
	raw, err := encMode.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("encode %s body: %w", e.Kind, err)
	}
	if e.Version == 0 {
		e.Version = Version
	}
	e.Body = raw
	b, err := encMode.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", e.Kind, err)
	}
	if len(b) > MaxEntry {
		return nil, fmt.Errorf("encode %s of %d bytes: %w", e.Kind, len(b), ErrTooLarge)
	}
	return b, nil
}

// Decode reads the envelope; the body stays encoded until DecodeBody.
func Decode(b []byte) (Entry, error) {
	var e Entry
	if len(b) > MaxEntry {
		return e, ErrTooLarge
	}
	if err := decMode.Unmarshal(b, &e); err != nil {
		return e, fmt.Errorf("decode entry: %w", err)
	}
	if e.Version == 0 || e.Kind == 0 || len(e.Body) == 0 {
		return e, errors.New("decode entry: version, kind or body missing")
	}
	return e, nil
}

// DecodeBody reads the body into the kind's type. Keys it does not know are left out, which is safe because a key that
// changes money, stock or meaning raises the version.
func DecodeBody[T any](e Entry) (T, error) {
	var v T
	if e.Version > Version {
		return v, fmt.Errorf("decode %s: version %d is newer than %d", e.Kind, e.Version, Version)
	}
	if err := decMode.Unmarshal(e.Body, &v); err != nil {
		return v, fmt.Errorf("decode %s body: %w", e.Kind, err)
	}
	return v, nil
}

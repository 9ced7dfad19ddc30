package wire

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

// A frame is a flag byte, then the message's map.
const (
	flagZstd = 1 << 0
	// flagsKnown are the bits a receiver understands; any other bit makes the frame unreadable.
	flagsKnown = flagZstd
)

// compressAbove is the size of a map, in bytes, from which zstd is tried.
const compressAbove = 512

// maxPairs is the most pairs a message's map may have and still have a one-byte head: see withType.
const maxPairs = 22

var (
	encMode = must(encOptions().EncMode())
	decMode = must(cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden,
		MaxNestedLevels: 16, MaxArrayElements: 65536, MaxMapPairs: 1024,
	}.DecMode())
)

// encOptions is the core deterministic encoding of RFC 8949; a nil slice is written as an empty one, so that a message
// has one form only.
func encOptions() cbor.EncOptions {
	o := cbor.CoreDetEncOptions()
	o.NilContainers = cbor.NilContainerAsEmpty
	return o
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// ErrUnknownType is wrapped by the error of Decode for a sound frame of a type this version does not know. A session
// skips such a message.
var ErrUnknownType = errors.New("message of an unknown type")

// Encode gives the frame of a message. The bytes are never written to again, so one frame may go to many tills.
func Encode(m Message) ([]byte, error) {
	raw, err := encodeMap(m)
	if err != nil {
		return nil, err
	}
	frame := append(make([]byte, 0, 1+len(raw)), 0)
	if len(raw) > compressAbove {
		if frame = compress(frame, raw); len(frame) < 1+len(raw) {
			frame[0] = flagZstd
		} else {
			frame = append(frame[:0], 0)
		}
	}
	if frame[0] == 0 {
		frame = append(frame, raw...)
	}
	if len(frame) > MaxFrame || len(raw) > MaxMessage {
		return nil, fmt.Errorf("encode message %d of %d bytes: %w", m.Type(), len(raw), TooLarge)
	}
	return frame, nil
}

// encodeMap gives the message's map, key 0 included.
func encodeMap(m Message) ([]byte, error) {
	switch m := m.(type) {
	case Hello:
		if m.raw != nil {
			return m.raw, nil
		}
	case Welcome:
		if m.raw != nil {
			return m.raw, nil
		}
	}
	b, err := encMode.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("encode message %d: %w", m.Type(), err)
	}
	return withType(b, m.Type())
}

// withType puts key 0, the type, in front of the pairs of a map. That is its place in the deterministic order.
func withType(b []byte, t Type) ([]byte, error) {
	if len(b) == 0 || b[0] < 0xa0 || b[0] > 0xa0+maxPairs {
		return nil, fmt.Errorf("encode message %d: not a map of at most %d pairs", t, maxPairs)
	}
	key, err := encMode.Marshal(uint64(t))
	if err != nil {
		return nil, fmt.Errorf("encode type %d: %w", t, err)
	}
	out := make([]byte, 0, len(b)+1+len(key))
	out = append(out, b[0]+1, 0x00)
	out = append(out, key...)
	return append(out, b[1:]...), nil
}

// Decode reads a frame. The message shares no memory with it. A frame that is not one of ours gives BadFrame, one that
// is too large TooLarge, one of a later version ErrUnknownType; it never panics and never takes more memory than a
// small multiple of MaxMessage.
func Decode(frame []byte) (Message, error) {
	raw, err := openFrame(frame)
	if err != nil {
		return nil, err
	}
	t, err := typeOf(raw)
	if err != nil {
		return nil, err
	}
	read, ok := readers[t]
	if !ok {
		return nil, fmt.Errorf("decode message %d: %w", t, ErrUnknownType)
	}
	m, err := read(raw)
	if err != nil {
		return nil, fmt.Errorf("decode message %d: %w: %w", t, BadFrame, err)
	}
	return m, nil
}

// openFrame gives the map inside a frame.
func openFrame(frame []byte) ([]byte, error) {
	switch {
	case len(frame) > MaxFrame:
		return nil, fmt.Errorf("frame of %d bytes: %w", len(frame), TooLarge)
	case len(frame) < 2 || frame[0]&^flagsKnown != 0:
		return nil, fmt.Errorf("frame without known flags and body: %w", BadFrame)
	case frame[0]&flagZstd != 0:
		return decompress(frame[1:])
	default:
		return frame[1:], nil
	}
}

// typeOf reads key 0, which the deterministic order puts first.
func typeOf(raw []byte) (Type, error) {
	if err := decMode.Wellformed(raw); err != nil {
		return 0, fmt.Errorf("message is not CBOR: %w: %w", BadFrame, err)
	}
	const mapType, oneByteLength = 0xa0, 0xb8
	pairs := raw[1:]
	if raw[0] == oneByteLength {
		pairs = raw[2:]
	} else if raw[0] <= mapType || raw[0] > oneByteLength {
		return 0, fmt.Errorf("message is not a map of CBOR: %w", BadFrame)
	}
	if len(pairs) < 2 || pairs[0] != 0x00 {
		return 0, fmt.Errorf("message has no type: %w", BadFrame)
	}
	var t Type
	if _, err := decMode.UnmarshalFirst(pairs[1:], &t); err != nil {
		return 0, fmt.Errorf("type of message: %w: %w", BadFrame, err)
	}
	return t, nil
}

// readers decodes each type. Keys a struct does not have are skipped.
var readers = map[Type]func([]byte) (Message, error){
	TypeChallenge: read[Challenge],
	TypeHello: func(raw []byte) (Message, error) {
		var m Hello
		err := decMode.Unmarshal(raw, &m)
		m.raw = bytes.Clone(raw)
		return m, err
	},
	TypeWelcome: func(raw []byte) (Message, error) {
		var m Welcome
		err := decMode.Unmarshal(raw, &m)
		m.raw = bytes.Clone(raw)
		return m, err
	},
	TypeEntries: read[Entries],
	TypeAck:     read[Ack],
	TypeNack:    read[Nack],
	TypeProve:   read[Prove],
	TypeProof:   read[Proof],
	TypeRefill:  read[Refill],
	TypeChanges: read[Changes],
	TypeApplied: read[Applied],
	TypeReset:   read[Reset],
	TypePing:    read[Ping],
	TypePong:    read[Pong],
	TypeBye:     read[Bye],
	TypeCommand: read[Command],
	TypeDone:    read[Done],
}

func read[M Message](raw []byte) (Message, error) {
	var m M
	err := decMode.Unmarshal(raw, &m)
	return m, err
}

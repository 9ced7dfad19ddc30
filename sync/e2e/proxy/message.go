package proxy

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"

	"comptant/sync/wire"
)

// The parts of a websocket frame's head. https://www.rfc-editor.org/rfc/rfc6455#section-5.2
const (
	finBit     = 0x80
	opcodeBits = 0x0f
	maskBit    = 0x80
	lengthBits = 0x7f
	length16   = 126
	length64   = 127
	control    = 0x8 // opcodes from here on are control frames
)

// message is one websocket message: all its bytes as they came, control frames between its fragments included, and its
// payload without the mask. A control frame on its own has no payload.
type message struct {
	raw, payload []byte
}

// readMessage takes the next message off a connection.
func readMessage(r *bufio.Reader) (m message, err error) {
	for {
		head, body, err := readFrame(r)
		if err != nil {
			return m, err
		}
		m.raw = append(append(m.raw, head...), body...)
		if head[0]&opcodeBits >= control {
			if len(m.payload) == 0 {
				return m, nil
			}
			continue
		}
		at := len(m.payload)
		m.payload = append(m.payload, body...)
		if head[1]&maskBit != 0 {
			key := head[len(head)-4:]
			for i := range m.payload[at:] {
				m.payload[at+i] ^= key[i%4]
			}
		}
		if head[0]&finBit != 0 {
			return m, nil
		}
	}
}

// readFrame gives a frame's head, the masking key included, and its body, still masked.
func readFrame(r *bufio.Reader) (head, body []byte, err error) {
	head = make([]byte, 2, 14)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, nil, err
	}
	length := uint64(head[1] & lengthBits)
	rest := 0
	switch length {
	case length16:
		rest = 2
	case length64:
		rest = 8
	}
	if head[1]&maskBit != 0 {
		rest += 4
	}
	head = head[:2+rest]
	if _, err := io.ReadFull(r, head[2:]); err != nil {
		return nil, nil, err
	}
	switch length {
	case length16:
		length = uint64(binary.BigEndian.Uint16(head[2:]))
	case length64:
		length = binary.BigEndian.Uint64(head[2:])
	}
	if length > wire.MaxFrame {
		return nil, nil, fmt.Errorf("websocket frame of %d bytes", length)
	}
	body = make([]byte, length)
	_, err = io.ReadFull(r, body)
	return head, body, err
}

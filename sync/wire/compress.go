package wire

import (
	"fmt"

	"github.com/klauspost/compress/zstd"
)

// window is how far back zstd looks. It bounds the memory of each of the pooled encoders.
const window = 1 << 20

// One encoder and one decoder serve every session: each keeps a pool of states as large as the number of processors.
// The chain guards entries and the digest guards feeds, so frames carry no checksum of their own.
var (
	encoder = newEncoder()
	decoder = must(zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxMemory(MaxMessage), zstd.WithDecoderMaxWindow(MaxMessage)))
)

// newEncoder uses the encoder once: its pool is a channel made at the first use, and one made inside a bubble of
// testing/synctest could not be used outside it.
func newEncoder() *zstd.Encoder {
	e := must(zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderCRC(false),
		zstd.WithWindowSize(window), zstd.WithLowerEncoderMem(true)))
	e.EncodeAll([]byte{0}, nil)
	return e
}

// compress appends b, compressed, to dst.
func compress(dst, b []byte) []byte { return encoder.EncodeAll(b, dst) }

// decompress gives at most MaxMessage bytes, whatever the frame says of its own size.
func decompress(b []byte) ([]byte, error) {
	out, err := decoder.DecodeAll(b, nil)
	if err != nil {
		return nil, fmt.Errorf("decompress frame: %w: %w", BadFrame, err)
	}
	if len(out) == 0 || len(out) > MaxMessage {
		return nil, fmt.Errorf("frame decompresses to %d bytes: %w", len(out), BadFrame)
	}
	return out, nil
}

package wire

import (
	"bufio"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	checksum "hash"
	"io"
	"iter"

	"comptant/shared/journal"

	"github.com/google/uuid"
)

// An export is a file with entries that HQ has not acknowledged, to be carried there by hand:
//
//	"comptant export 1\n" head batch* 0 0 0 0 sig
//
// head and each batch have their length before them in 4 bytes, big endian. head is the map of an ExportHead, a batch the
// frame of an Entries, sig the device's Ed25519 over "comptant export" || SHA-256 of all that comes before sig.
const (
	exportMagic  = "comptant export 1\n"
	exportDomain = "comptant export"
	// exportHeadMost bounds the head, exportMost the whole file: ten years of a busy till.
	exportHeadMost = 4 << 10
	exportMost     = 256 << 20
)

// Why a file is not taken. A signature that is not the key's is BadSignature.
var (
	ErrNotExport = errors.New("this file is not a till's export")
	ErrCutOff    = errors.New("the file is cut off: copy it again")
	ErrDamaged   = errors.New("the file is damaged: copy it again")
)

// ExportHead says whose entries a file holds and for whom they are.
type ExportHead struct {
	Till uuid.UUID `cbor:"1,keyasint"`
	// Key is the device's public key, HQ the headquarters' that it was enrolled at.
	Key []byte `cbor:"2,keyasint"`
	HQ  []byte `cbor:"3,keyasint"`
	// Time is the till's estimate of HQ's time, in milliseconds since 1970, UTC.
	Time int64  `cbor:"4,keyasint"`
	App  string `cbor:"5,keyasint,omitempty"`
}

// ExportWriter writes such a file.
type ExportWriter struct {
	to  io.Writer
	sum checksum.Hash
	key ed25519.PrivateKey
}

// NewExport begins a file. Each batch of a path comes after the one before.
func NewExport(to io.Writer, head ExportHead, key ed25519.PrivateKey) (*ExportWriter, error) {
	w := &ExportWriter{to: to, sum: sha256.New(), key: key}
	raw, err := encMode.Marshal(head)
	if err != nil {
		return nil, fmt.Errorf("encode the head of an export: %w", err)
	}
	if err := w.write([]byte(exportMagic)); err != nil {
		return nil, err
	}
	return w, w.part(raw)
}

// Add writes a batch.
func (w *ExportWriter) Add(m Entries) error {
	frame, err := Encode(m)
	if err != nil {
		return err
	}
	return w.part(frame)
}

// Close signs what was written.
func (w *ExportWriter) Close() error {
	if err := w.write(make([]byte, 4)); err != nil {
		return err
	}
	return w.write(ed25519.Sign(w.key, exportWords(w.sum)))
}

func (w *ExportWriter) part(b []byte) error {
	if err := w.write(binary.BigEndian.AppendUint32(nil, uint32(len(b)))); err != nil {
		return err
	}
	return w.write(b)
}

func (w *ExportWriter) write(b []byte) error {
	w.sum.Write(b) // never fails
	if _, err := w.to.Write(b); err != nil {
		return fmt.Errorf("write export: %w", err)
	}
	return nil
}

func exportWords(sum checksum.Hash) []byte { return sum.Sum([]byte(exportDomain)) }

// Export is a file that was read to its end. Nothing of it may be believed before Verify.
type Export struct {
	Head   ExportHead
	frames [][]byte
	words  []byte
	sig    []byte
}

// ReadExport reads a file. The error is ErrNotExport, ErrCutOff, ErrDamaged or the reader's.
func ReadExport(from io.Reader) (Export, error) {
	r := exportReader{from: bufio.NewReader(io.LimitReader(from, exportMost+1)), sum: sha256.New()}
	var e Export
	magic, err := r.take(len(exportMagic))
	if err != nil && !errors.Is(err, ErrCutOff) {
		return e, err
	}
	if string(magic) != exportMagic {
		return e, ErrNotExport
	}
	raw, err := r.part(exportHeadMost)
	if err != nil {
		return e, err
	}
	if err := decMode.Unmarshal(raw, &e.Head); err != nil || len(e.Head.Key) != ed25519.PublicKeySize {
		return e, ErrDamaged
	}
	for {
		frame, err := r.part(MaxFrame)
		if err != nil {
			return e, err
		}
		if len(frame) == 0 {
			break
		}
		e.frames = append(e.frames, frame)
	}
	e.words = exportWords(r.sum)
	if e.sig, err = r.take(ed25519.SignatureSize); err != nil {
		return e, err
	}
	if _, err := r.from.ReadByte(); !errors.Is(err, io.EOF) {
		return e, errors.Join(ErrDamaged, err)
	}
	return e, nil
}

// Verify checks that the device with the key made the file, all of it. The error is BadSignature.
func (e Export) Verify(key ed25519.PublicKey) error {
	if len(key) != ed25519.PublicKeySize || !ed25519.Verify(key, e.words, e.sig) {
		return fmt.Errorf("verify the export of till %s: %w", e.Head.Till, BadSignature)
	}
	return nil
}

// Batches gives the entries, their chain verified: every batch has the head it says, and comes after the one before of its
// path, or after a hole.
func (e Export) Batches() iter.Seq2[Entries, error] {
	return func(yield func(Entries, error) bool) {
		ends := map[Path]journal.Link{}
		for _, frame := range e.frames {
			m, err := e.batch(frame, ends)
			if !yield(m, err) || err != nil {
				return
			}
		}
	}
}

func (e Export) batch(frame []byte, ends map[Path]journal.Link) (Entries, error) {
	read, err := Decode(frame)
	if err != nil {
		return Entries{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	m, ok := read.(Entries)
	n := uint64(len(m.Entries))
	if !ok || n == 0 || n > BatchEntries || m.First == 0 || m.First+n < m.First {
		return Entries{}, fmt.Errorf("message %d in an export: %w", read.Type(), ErrDamaged)
	}
	for _, b := range m.Entries {
		if len(b) > journal.MaxEntry {
			return Entries{}, fmt.Errorf("entry of %d bytes: %w", len(b), ErrDamaged)
		}
	}
	links := journal.Chain(e.Head.Till, m.Epoch, m.First, m.Prev, m.Entries)
	last, before := links[n-1], ends[m.Path()]
	follows := m.First == before.Seq+1 && m.Prev == before.Hash || m.Hole && m.First > before.Seq
	if last.Hash != m.Head || before.Seq > 0 && !follows {
		return Entries{}, fmt.Errorf("entries of epoch %d from %d on: %w: %w", m.Epoch, m.First, ErrDamaged, BadHead)
	}
	ends[m.Path()] = journal.Link{Seq: last.Seq, Hash: last.Hash}
	return m, nil
}

type exportReader struct {
	from *bufio.Reader
	sum  checksum.Hash
}

// part reads what has its length before it.
func (r exportReader) part(most uint32) ([]byte, error) {
	length, err := r.take(4)
	if err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(length)
	if n > most {
		return nil, ErrDamaged
	}
	return r.take(int(n))
}

func (r exportReader) take(n int) ([]byte, error) {
	b := make([]byte, n)
	got, err := io.ReadFull(r.from, b)
	r.sum.Write(b[:got]) // never fails
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = ErrCutOff
	}
	if err != nil && !errors.Is(err, ErrCutOff) {
		err = fmt.Errorf("read export: %w", err)
	}
	return b[:got], err
}

package journal_test

import (
	"encoding/hex"
	"errors"
	"os"
	"strings"
	"testing"

	"comptant/shared/journal"
	"comptant/shared/retail"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var till = uuid.MustParse("01930000-0000-7000-8000-000000000001")

func entry(t require.TestingT, number uint64) []byte {
	b, err := journal.Encode(
		journal.Entry{Kind: journal.KindSale, Time: 1_763_800_000_000, Shift: 3, User: till},
		retail.Sale{Number: number, BusinessDate: 20261122, Currency: "CAD", Total: 1149},
	)
	require.NoError(t, err)
	return b
}

// The bytes and hashes are the format: a change here is a new version, never an edit of this test.
func TestGoldenBytes(t *testing.T) {
	b := entry(t, 1)
	require.Equal(t, goldenEntry, hex.EncodeToString(b))
	h0 := journal.Genesis(till, 1)
	require.Equal(t, goldenGenesis, h0.String())
	require.Equal(t, goldenNext, journal.Next(h0, till, 1, 1, b).String())
}

func TestDecodeGivesBackWhatWasEncoded(t *testing.T) {
	e, err := journal.Decode(entry(t, 7))
	require.NoError(t, err)
	require.Equal(t, journal.KindSale, e.Kind)
	require.Equal(t, uint64(3), e.Shift)
	sale, err := journal.DecodeBody[retail.Sale](e)
	require.NoError(t, err)
	require.Equal(t, uint64(7), sale.Number)
	require.Equal(t, retail.Date(20261122), sale.BusinessDate)
}

func TestDecodeRefuses(t *testing.T) {
	for name, b := range map[string][]byte{
		"nothing":     nil,
		"not CBOR":    {0xff, 0x00},
		"no body":     {0xa2, 0x00, 0x01, 0x01, 0x02},
		"not a map":   {0x01},
		"trailing":    append(entry(t, 1), 0x00),
		"over 64 KiB": make([]byte, journal.MaxEntry+1),
	} {
		_, err := journal.Decode(b)
		require.Error(t, err, name)
	}
}

func TestEncodeRefusesMoreThan64KiB(t *testing.T) {
	_, err := journal.Encode(journal.Entry{Kind: journal.KindSale}, retail.Sale{Currency: string(make([]byte, journal.MaxEntry))})
	require.ErrorIs(t, err, journal.ErrTooLarge)
}

func TestNewerVersionIsKeptButNotRead(t *testing.T) {
	b, err := journal.Encode(journal.Entry{Version: journal.Version + 1, Kind: journal.KindSale}, retail.Sale{})
	require.NoError(t, err)
	e, err := journal.Decode(b)
	require.NoError(t, err, "the envelope of a newer version is read, so that it can be stored")
	_, err = journal.DecodeBody[retail.Sale](e)
	require.ErrorContains(t, err, "newer")
}

// Whatever single thing is done to a chain, Verify names the first entry at which it stops being what was written.
func TestVerifyFindsEveryChange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 12).Draw(t, "n")
		var entries [][]byte
		for i := range n {
			entries = append(entries, entry(t, uint64(i+1)))
		}
		links := journal.Chain(till, 2, 1, journal.Genesis(till, 2), entries)
		require.NoError(t, verify(links))

		at := rapid.IntRange(0, n-2).Draw(t, "at")
		var want error
		switch rapid.IntRange(0, 2).Draw(t, "change") {
		case 0:
			b := append([]byte(nil), links[at].Bytes...)
			b[rapid.IntRange(0, len(b)-1).Draw(t, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
			links[at].Bytes, want = b, journal.ErrBytes
		case 1:
			links, want = append(links[:at:at], links[at+1:]...), journal.ErrGap
		case 2:
			links[at].Bytes, links[at+1].Bytes, want = links[at+1].Bytes, links[at].Bytes, journal.ErrBytes
		}
		err := verify(links)
		require.ErrorIs(t, err, want)
		var fault *journal.Fault
		require.True(t, errors.As(err, &fault))
		require.Equal(t, uint64(at+1), fault.Seq)
		require.Equal(t, uint64(2), fault.Epoch)
	})
}

func verify(links []journal.Link) error {
	v := journal.NewVerifier(till, 2)
	for _, l := range links {
		if err := v.Add(l); err != nil {
			return err
		}
	}
	return nil
}

func FuzzDecode(f *testing.F) {
	f.Add(entry(f, 1))
	text, err := os.ReadFile("testdata/v1/entries.txt")
	require.NoError(f, err)
	for l := range strings.Lines(string(text)) {
		_, digits, _ := strings.Cut(strings.TrimSpace(l), " ")
		b, err := hex.DecodeString(digits)
		require.NoError(f, err)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := journal.Decode(b)
		if err == nil {
			_, _ = decodeBody(e)
		}
	})
}

// FuzzVerifier cuts any bytes into entries and changes one bit of their chain: the verifier stops at the first entry that
// cannot be read or is not what was written, and never before.
func FuzzVerifier(f *testing.F) {
	first := entry(f, 1)
	f.Add(append(append([]byte(nil), first...), entry(f, 2)...), uint16(len(first)-1), uint16(70), uint8(3))
	f.Add([]byte{0xa0, 0x01, 0x02}, uint16(1), uint16(9), uint8(0))
	f.Fuzz(func(t *testing.T, data []byte, size, at uint16, bit uint8) {
		var entries [][]byte
		for n := int(size)%1000 + 1; len(data) > 0; data = data[min(n, len(data)):] {
			entries = append(entries, append([]byte(nil), data[:min(n, len(data))]...))
		}
		if len(entries) == 0 {
			return
		}
		links := journal.Chain(till, 2, 1, journal.Genesis(till, 2), entries)
		changed := int(at) % len(links)
		b := links[changed].Bytes
		b[int(at)%len(b)] ^= 1 << (bit % 8)
		v := journal.NewVerifier(till, 2)
		for i, l := range links {
			err := v.Add(l)
			if i == changed {
				require.ErrorIs(t, err, journal.ErrBytes)
				return
			}
			_, unreadable := journal.Decode(l.Bytes)
			require.Equal(t, unreadable != nil, err != nil)
			if err != nil {
				require.ErrorIs(t, err, journal.ErrDecode)
				return
			}
		}
	})
}

const (
	goldenEntry   = "a600010102021b0000019aaaac2600050306500193000000007000800000000000000107a80101021a013529020363434144040005f606f607f60819047d"
	goldenGenesis = "0ce8672db70d3e27d518ed90cc074b7111f48ddf856629654b153d0881680b30"
	goldenNext    = "b57743804b348630b5973734e896d4fe736f6cab61d93f02efca110e7cdf4690"
)

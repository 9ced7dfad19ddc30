package audit_test

import (
	"bytes"
	"crypto/ed25519"
	"strings"
	"testing"
	"time"

	"comptant/shared/audit"
	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

var (
	till  = uuid.UUID{1}
	key   = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	first = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
)

// written is a journal of one till: two sales, and the end of the chain signed.
type written struct {
	t     *testing.T
	links []journal.Link
}

func (w *written) add(kind journal.Kind, body any) {
	b, err := journal.Encode(journal.Entry{Kind: kind, Time: first.UnixMilli()}, body)
	require.NoError(w.t, err)
	prev := journal.Genesis(till, 1)
	if n := len(w.links); n > 0 {
		prev = w.links[n-1].Hash
	}
	w.links = append(w.links, journal.Chain(till, 1, uint64(len(w.links))+1, prev, [][]byte{b})...)
}

func sale(number uint64) retail.Sale {
	line := retail.Line{Product: uuid.UUID{9}, SKU: "1", Name: "Milk", Quantity: money.One, UnitPrice: 499, Amount: 499, Class: retail.ZeroRated}
	return retail.Sale{
		Number: number, BusinessDate: 20261101, Currency: "CAD", Lines: []retail.Line{line}, Total: 499, Rounding: 1,
		Tenders: []retail.Tender{{Kind: retail.TenderCash, Amount: 500, Given: 500}},
	}
}

func (w *written) sign(key ed25519.PrivateKey) {
	last := w.links[len(w.links)-1]
	w.add(journal.KindChainHead, retail.SignHead(till, retail.ChainEnd{Epoch: 1, Seq: last.Seq, Hash: last.Hash[:]}, key))
}

func journalOf(t *testing.T) *written {
	w := &written{t: t}
	w.add(journal.KindEpochOpen, retail.EpochOpen{Nonce: []byte{1}, Reason: retail.EpochEnrolled})
	w.add(journal.KindSale, sale(1))
	w.add(journal.KindSale, sale(2))
	w.sign(key)
	w.add(journal.KindSale, sale(3))
	return w
}

// file is the journal after an entry as an auditor gets it.
func (w *written) file(after int) string {
	w.t.Helper()
	var b bytes.Buffer
	f, err := audit.NewWriter(&b, audit.Head{From: first, Until: first.AddDate(0, 1, 0)})
	require.NoError(w.t, err)
	require.NoError(w.t, f.Till(audit.Till{ID: till, Store: "CV", Number: 1, Keys: []ed25519.PublicKey{key.Public().(ed25519.PublicKey)}}))
	require.NoError(w.t, f.Chain(audit.Chain{Epoch: 1, After: uint64(after), Hash: audit.Hex(w.links[after].Prev)}))
	for _, l := range w.links[after:] {
		require.NoError(w.t, f.Entry(audit.Entry{Seq: l.Seq, Hash: audit.Hex(l.Hash), Bytes: l.Bytes}))
	}
	_, err = f.Close()
	require.NoError(w.t, err)
	return b.String()
}

func TestWhatAgrees(t *testing.T) {
	w := journalOf(t)
	for after, sales := range map[int]int{0: 3, 2: 2} { // the whole, and a period of it
		r, err := audit.Check(strings.NewReader(w.file(after)))
		require.NoError(t, err)
		require.Empty(t, r.Faults)
		require.Len(t, r.Tills, 1)
		found := r.Tills[0]
		require.Equal(t, sales, found.Sales)
		require.EqualValues(t, 499*sales, found.SalesAmount)
		require.Equal(t, 1, found.Signed)
		require.Equal(t, 1, found.After)
	}
}

func TestWhatWasDoneToTheJournal(t *testing.T) {
	other := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{8}, ed25519.SeedSize))
	for name, tc := range map[string]struct {
		do   func(w *written)
		want error
	}{
		"an entry is changed": {func(w *written) { w.links[1].Bytes[20] ^= 1 }, journal.ErrBytes},
		"one is left out":     {func(w *written) { w.links = append(w.links[:1], w.links[2:]...) }, journal.ErrGap},
		"the first is left out, as if the epoch began later": {func(w *written) {
			w.links = w.links[1:]
			w.links[0].Seq = 1
		}, journal.ErrChain},
		"all is written anew after a change": {func(w *written) {
			signed := w.links[3]
			w.links = w.links[:1]
			w.add(journal.KindSale, sale(1))
			w.add(journal.KindSale, func() retail.Sale { s := sale(2); s.Note = "another"; return s }())
			e, err := journal.Decode(signed.Bytes)
			require.NoError(w.t, err)
			w.add(journal.KindChainHead, e.Body)
		}, audit.ErrHead},
		"and signed by somebody else": {func(w *written) {
			w.links = w.links[:2]
			w.sign(other)
		}, audit.ErrSignature},
		"a receipt is missing": {func(w *written) { w.add(journal.KindSale, sale(5)) }, audit.ErrNumber},
	} {
		t.Run(name, func(t *testing.T) {
			w := journalOf(t)
			tc.do(w)
			r, err := audit.Check(strings.NewReader(w.file(0)))
			require.NoError(t, err)
			require.NotEmpty(t, r.Faults)
			require.ErrorIs(t, r.Faults[0], tc.want)
		})
	}
	w := journalOf(t)
	wrong := sale(4)
	wrong.Total++
	w.add(journal.KindSale, wrong)
	r, err := audit.Check(strings.NewReader(w.file(0)))
	require.NoError(t, err)
	require.Len(t, r.Faults, 1, "a sum is wrong")
}

func TestWhatIsNoFile(t *testing.T) {
	whole := journalOf(t).file(0)
	lines := strings.SplitAfter(whole, "\n")
	for name, tc := range map[string]struct {
		text string
		want error
	}{
		"nothing":            {"", audit.ErrFormat},
		"something else":     {"{\"sku\": 1}\n", audit.ErrFormat},
		"cut off":            {strings.Join(lines[:len(lines)-2], ""), audit.ErrCut},
		"cut inside a line":  {whole[:len(whole)/2], audit.ErrCut},
		"an entry too few":   {strings.Join(append(lines[:len(lines)-3:len(lines)-3], lines[len(lines)-2]), ""), audit.ErrFormat},
		"more after the end": {whole + lines[1], audit.ErrFormat},
		"out of its place":   {lines[0] + lines[3], audit.ErrFormat},
		"a later version":    {strings.Replace(whole, `"format":1`, `"format":2`, 1), audit.ErrFormat},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := audit.Check(strings.NewReader(tc.text))
			require.ErrorIs(t, err, tc.want)
		})
	}
}

func FuzzCheck(f *testing.F) {
	f.Add([]byte("{\"audit\":{\"format\":1}}\n{\"till\":{}}\n{\"chain\":{\"epoch\":1}}\n{\"entry\":{\"seq\":1}}\n{\"end\":{}}\n"))
	f.Fuzz(func(_ *testing.T, b []byte) { _, _ = audit.Check(bytes.NewReader(b)) })
}

package ledger

import (
	"context"
	"crypto/ed25519"
	"flag"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/sync/wire"
	"comptant/terminal/till"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Whatever is backed up, put back, lost and damaged: what one of the two files knew is listed by some path, every path
// chains, and no receipt number that one of them knew is given again.
func TestNothingKnownIsLostOrRepeated(t *testing.T) {
	checks := "60"
	if testing.Short() {
		checks = "12"
	}
	before := flag.Lookup("rapid.checks").Value.String()
	require.NoError(t, flag.Set("rapid.checks", checks))
	defer func() { _ = flag.Set("rapid.checks", before) }()
	rapid.Check(t, func(r *rapid.T) {
		w := newLives(r)
		defer func() { require.NoError(r, os.RemoveAll(w.dir)) }()
		for range rapid.IntRange(6, 16).Draw(r, "steps") {
			w.step(rapid.SampledFrom([]string{
				"sell", "sell", "back up", "back up", "put the database back", "put the database back", "put the sentinel back", "put both back", "lose the database",
				"damage the database", "lose the sentinel", "damage the sentinel", "told an epoch",
			}).Draw(r, "step"))
			if rapid.Bool().Draw(r, "open") {
				w.check()
			}
		}
		w.check()
	})
}

// knowledge is the entries that a file knows, with their receipt numbers.
type knowledge map[journal.Hash][2]uint64

// snapshot is a backup of both files and of what each knew.
type snapshot struct {
	db, sentinel           []byte
	dbKnows, sentinelKnows knowledge
	damaged                bool
}

// lives is a folder and what its files must know.
type lives struct {
	r    *rapid.T
	dir  string
	till uuid.UUID
	// granted is above every epoch that was ever written.
	granted                uint64
	dbKnows, sentinelKnows knowledge
	backups                []snapshot
	// damaged says that the sentinel was damaged and not opened since.
	damaged bool
}

func newLives(r *rapid.T) *lives {
	dir, err := os.MkdirTemp("", "lives")
	require.NoError(r, err)
	w := &lives{r: r, dir: dir, till: uuid.Must(uuid.NewV7()), dbKnows: knowledge{}, sentinelKnows: knowledge{}}
	w.enrol()
	w.step("sell")
	return w
}

func (w *lives) file(name string) string { return filepath.Join(w.dir, name) }

func (w *lives) enrol() {
	w.granted += 100
	_, key, err := ed25519.GenerateKey(nil)
	require.NoError(w.r, err)
	require.NoError(w.r, Enrol(context.Background(), w.dir, Enrolment{
		Till: w.till, Number: 1, Currency: "CAD", URL: "http://hq.test", Key: key, HQKey: key.Public().(ed25519.PublicKey),
		Epoch: w.granted, Store: retail.Location{ID: w.till, Code: "CV", Name: "Magasin", Zone: "America/Toronto"},
	}))
}

// open opens the folder: both files know then what one of them knew, and the database has it.
func (w *lives) open() *Ledger {
	l, err := Open(context.Background(), Config{Dir: w.dir, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return day }})
	require.NoError(w.r, err)
	w.damaged = false
	maps.Copy(w.dbKnows, w.sentinelKnows)
	w.sentinelKnows = knowledge{} // what a damaged one knew is in the database now
	w.learn(l)
	return l
}

// learn adds the newest entry of the journal, which opening may have written.
func (w *lives) learn(l *Ledger) {
	for seq := uint64(1); seq <= l.head.seq; seq++ {
		h, err := l.HashAt(context.Background(), wire.Path{Epoch: l.head.epoch}, seq)
		require.NoError(w.r, err)
		if _, ok := w.dbKnows[h]; !ok {
			w.dbKnows[h] = [2]uint64{l.head.epoch, 0}
		}
	}
	_, err := l.sentinel.scan(func(k journal.Link) error { w.sentinelKnows[k.Hash] = w.dbKnows[k.Hash]; return nil })
	require.NoError(w.r, err)
}

func (w *lives) step(what string) {
	switch what {
	case "sell":
		l := w.open()
		given := map[[2]uint64]bool{}
		for _, place := range w.dbKnows {
			given[place] = true
		}
		for range rapid.IntRange(1, 3).Draw(w.r, "sales") {
			sold, err := l.Commit(context.Background(), saleDraft(line(timbit, 3, 25)))
			require.NoError(w.r, err)
			number := [2]uint64{sold.Epoch, sold.Number}
			require.False(w.r, given[number], "receipt %v was given twice", number)
			given[number], w.dbKnows[sold.Hash] = true, number
		}
		w.learn(l)
		require.NoError(w.r, l.Close())
	case "told an epoch":
		l := w.open()
		w.granted += 100
		require.NoError(w.r, l.SessionOpened(context.Background(), 1, w.granted, day))
		require.NoError(w.r, l.Close())
	case "back up":
		s := snapshot{damaged: w.damaged, dbKnows: maps.Clone(w.dbKnows), sentinelKnows: maps.Clone(w.sentinelKnows)}
		s.db, _ = os.ReadFile(w.file(ledgerFile))
		s.sentinel, _ = os.ReadFile(w.file(sentinelFile))
		w.backups = append(w.backups, s)
	case "put the database back", "put the sentinel back", "put both back":
		if len(w.backups) == 0 {
			return
		}
		s := rapid.SampledFrom(w.backups).Draw(w.r, "backup")
		if what != "put the sentinel back" {
			require.NoError(w.r, os.WriteFile(w.file(ledgerFile), s.db, 0o600))
			w.dbKnows = maps.Clone(s.dbKnows)
		}
		if what != "put the database back" {
			if s.sentinel == nil {
				_ = os.Remove(w.file(sentinelFile))
			} else {
				require.NoError(w.r, os.WriteFile(w.file(sentinelFile), s.sentinel, 0o600))
			}
			w.sentinelKnows, w.damaged = maps.Clone(s.sentinelKnows), s.damaged
		}
		if what == "put both back" {
			w.forgetAside()
		}
	case "lose the database":
		require.NoError(w.r, os.Remove(w.file(ledgerFile)))
		w.dbKnows = knowledge{}
		w.enrol()
	case "damage the database":
		// Its first page is gone, and with it all it knew; opening goes on by itself.
		file, err := os.ReadFile(w.file(ledgerFile))
		require.NoError(w.r, err)
		require.NoError(w.r, os.WriteFile(w.file(ledgerFile), append(make([]byte, 4096), file[4096:]...), 0o600))
		w.dbKnows = knowledge{}
	case "lose the sentinel":
		_ = os.Remove(w.file(sentinelFile)) // it may be lost already
		w.sentinelKnows, w.damaged = knowledge{}, false
	case "damage the sentinel":
		w.damage()
	}
}

// forgetAside removes the damaged sentinels: an image of the whole disk brings back none of a later life.
func (w *lives) forgetAside() {
	aside, err := (&sentinel{path: w.file(sentinelFile)}).aside()
	require.NoError(w.r, err)
	for _, path := range aside {
		require.NoError(w.r, os.Remove(path))
	}
}

// damage flips a byte of the sentinel; it then no longer knows the record that the byte was in.
func (w *lives) damage() {
	file, err := os.ReadFile(w.file(sentinelFile))
	if err != nil || len(file) == 0 || w.damaged {
		return
	}
	w.damaged = true
	hit := rapid.IntRange(0, len(file)-1).Draw(w.r, "byte")
	at := sentinelHead
	require.NoError(w.r, salvage(w.file(sentinelFile), func(k journal.Link) error {
		end := at + recordHead + recordFixed + len(k.Bytes)
		if at <= hit && hit < end {
			delete(w.sentinelKnows, k.Hash)
		}
		at = end
		return nil
	}))
	file[hit] ^= 0x41
	require.NoError(w.r, os.WriteFile(w.file(sentinelFile), file, 0o600))
}

// check opens the folder and compares what it lists with what its files knew.
func (w *lives) check() {
	ctx := context.Background()
	l := w.open()
	defer func() { require.NoError(w.r, l.Close()) }()
	states, err := l.Epochs(ctx)
	require.NoError(w.r, err)
	listed := map[journal.Hash]bool{}
	for _, s := range states {
		head, err := l.HashAt(ctx, s.Path(), s.Floor)
		require.NoError(w.r, err)
		for after := s.Floor; after < s.Last; {
			b, err := l.Read(ctx, s.Path(), after, 4, wire.BatchBytes)
			require.NoError(w.r, err)
			require.Equal(w.r, after+1, b.First, "%v has a hole", s.Path())
			require.Equal(w.r, head, b.Prev)
			for _, k := range journal.Chain(w.till, s.Epoch, b.First, b.Prev, b.Entries) {
				listed[k.Hash], head, after = true, k.Hash, k.Seq
			}
			require.Equal(w.r, head, b.Head)
		}
		require.Equal(w.r, s.Hash, head)
	}
	for h, place := range w.dbKnows {
		require.True(w.r, listed[h], "%v of epoch and number %v is lost", h, place)
	}
	receipts, err := l.Receipts(ctx, till.ReceiptFilter{Limit: 1000})
	require.NoError(w.r, err)
	for i, r := range receipts[:max(len(receipts)-1, 0)] {
		require.NotEqual(w.r, [2]uint64{r.Epoch, r.Number}, [2]uint64{receipts[i+1].Epoch, receipts[i+1].Number})
	}
}

package sim_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/sync/e2e/sim"
	"comptant/sync/wire"
	"comptant/terminal/ledger"
	"comptant/terminal/till"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// folders are tills' folders that are thrown away together.
type folders struct {
	t    *testing.T
	root string
	made []*folder
}

// newFolders has them in memory where the system offers that: what they hold is asked for, not how durable it is.
func newFolders(t *testing.T) *folders {
	root, err := os.MkdirTemp("/dev/shm", "comptant-sim-")
	if err != nil {
		root = t.TempDir()
	}
	all := &folders{t: t, root: root}
	t.Cleanup(func() {
		all.clear()
		require.NoError(t, os.RemoveAll(root))
	})
	return all
}

func (all *folders) make() sim.Folder { return all.add() }

func (all *folders) add() *folder {
	f := &folder{all: all, dir: filepath.Join(all.root, fmt.Sprint(len(all.made))), watch: map[string]*sql.DB{}}
	require.NoError(all.t, os.Mkdir(f.dir, 0o700))
	all.made = append(all.made, f)
	return f
}

func (all *folders) clear() {
	for _, f := range all.made {
		require.NoError(all.t, f.blink())
		if f.Ledger != nil {
			require.NoError(all.t, f.Close())
		}
		broken.Delete(f.dir)
		require.NoError(all.t, os.RemoveAll(f.dir))
	}
	all.made = nil
}

// folder is a till's folder as it is, on SQLite.
type folder struct {
	*ledger.Ledger // nil while no till runs
	all            *folders
	dir            string
	// counted says that its writes are counted.
	counted bool
	writes  writes
	// watch are connections to its databases, by their files' names.
	watch map[string]*sql.DB
}

// count has the writes of connections that are opened from now on counted.
func (f *folder) count() {
	if f.counted {
		broken.Store(f.dir, f)
	}
}

func (f *folder) Enrol(ctx context.Context, e sim.Enrolment) error {
	f.count()
	return ledger.Enrol(ctx, f.dir, ledger.Enrolment{
		Till: e.Till, Number: e.Number, Store: retail.Location{ID: e.Store, Kind: retail.LocationStore, Code: "AA", Zone: "America/Toronto"},
		Currency: "CAD", Key: e.Key, HQKey: e.HQ, Epoch: e.Epoch,
	})
}

func (f *folder) Start(ctx context.Context, now func() time.Time) (session uint64, err error) {
	f.count()
	f.Ledger, err = ledger.Open(ctx, ledger.Config{Dir: f.dir, App: "sim", Log: slog.New(slog.DiscardHandler), Now: now})
	if err != nil {
		f.Ledger = nil
		return 0, err
	}
	return f.Session(), nil
}

// Kill leaves the files as they are: what Close still does to them is done to files that nobody will see.
func (f *folder) Kill() error {
	if f.Ledger == nil {
		return nil
	}
	left, err := f.copy()
	if err != nil {
		return err
	}
	broken.Delete(f.dir)
	err = errors.Join(f.blink(), f.Close(), os.RemoveAll(f.dir))
	f.Ledger, f.dir, left.dir = nil, left.dir, f.dir
	return err
}

func (f *folder) Commit(ctx context.Context, kind journal.Kind, body func(uint64) any) error {
	_, err := f.Ledger.Commit(ctx, till.Draft{Kind: kind, Numbered: kind == journal.KindSale || kind == journal.KindRefund, Body: body})
	return err
}

func (f *folder) Stock(ctx context.Context, products []uuid.UUID) (map[uuid.UUID]int64, error) {
	stock, err := f.StockOfMany(ctx, products)
	shown := map[uuid.UUID]int64{}
	for p, s := range stock {
		shown[p] = int64(s.Here)
	}
	return shown, err
}

func (f *folder) Said(ctx context.Context, hold uuid.UUID) (sim.Saying, error) {
	h, err := f.Hold(ctx, hold)
	return sim.Saying{Answered: h.Answered, Released: h.Released, Used: h.Used, Entry: h.Entry}, err
}

func (f *folder) Copy() (sim.Folder, error) { return f.copy() }

// copy takes each database before its write-ahead log: a checkpoint on the way changes nothing that is in both.
func (f *folder) copy() (*folder, error) {
	c := f.all.add()
	return c, c.restore(f, sim.Database, sim.Sentinel, sim.Catalog)
}

// files are the beginnings of the names of a part's files.
var files = map[sim.Part]string{sim.Database: "ledger.db", sim.Sentinel: "sentinel", sim.Catalog: "catalog.db"}

func (f *folder) Restore(from sim.Folder, parts ...sim.Part) error {
	return f.restore(from.(*folder), parts...)
}

func (f *folder) restore(from *folder, parts ...sim.Part) error {
	if err := f.blink(); err != nil {
		return err
	}
	for _, p := range parts {
		if err := f.each(p, func(name string) error { return os.Remove(filepath.Join(f.dir, name)) }); err != nil {
			return err
		}
		if err := from.each(p, func(name string) error {
			if strings.HasSuffix(name, "-shm") {
				return nil // the memory of running programs
			}
			b, err := os.ReadFile(filepath.Join(from.dir, name))
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			return errors.Join(err, os.WriteFile(filepath.Join(f.dir, name), b, 0o600))
		}); err != nil {
			return err
		}
	}
	return nil
}

// each calls do for the files of a part, in the order of their names.
func (f *folder) each(p sim.Part, do func(name string) error) error {
	entries, err := os.ReadDir(f.dir)
	for _, e := range entries {
		if err == nil && strings.HasPrefix(e.Name(), files[p]) {
			err = do(e.Name())
		}
	}
	return err
}

func (f *folder) SpoilEntry(at wire.Path, seq uint64, bad []byte) error {
	db, err := sql.Open("sqlite", filepath.Join(f.dir, "ledger.db")+"?_pragma=wal_autocheckpoint(0)&_busy_timeout=5000")
	if err != nil {
		return err
	}
	if at.Branch == 0 {
		_, err = db.Exec(`UPDATE entry SET bytes = ? WHERE epoch = ? AND seq = ?`, bad, at.Epoch, seq)
	} else {
		_, err = db.Exec(`UPDATE stray SET bytes = ? WHERE epoch = ? AND seq = ? AND branch = ?`, bad, at.Epoch, seq, at.Branch)
	}
	return errors.Join(err, db.Close())
}

func (f *folder) SpoilRecord(h journal.Hash) error {
	return f.sentinel(func(_ int, record []byte) bool {
		if !bytes.Equal(record[56:88], h[:]) {
			return true
		}
		copy(record[88:], "spoilt")
		return false
	})
}

func (f *folder) CutSentinel(records int) error {
	path := filepath.Join(f.dir, "sentinel")
	end := int64(24) // what comes before the records: see terminal/ledger/sentinel.go
	err := f.sentinel(func(i int, record []byte) bool {
		if i < records {
			end += int64(len(record))
		}
		return i < records
	})
	return errors.Join(err, os.Truncate(path, end))
}

// sentinel gives the records of the sentinel, which may be changed, until do has enough.
func (f *folder) sentinel(do func(i int, record []byte) bool) error {
	file, err := os.OpenFile(filepath.Join(f.dir, "sentinel"), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	all, err := os.ReadFile(file.Name())
	if err != nil {
		return err
	}
	rest := all[24:]
	for i := 0; len(rest) >= 8; i++ {
		n := 8 + int(binary.BigEndian.Uint32(rest))
		if n > len(rest) || !do(i, rest[:n]) { // the last may have been cut short
			break
		}
		rest = rest[n:]
	}
	_, err = file.WriteAt(all, 0)
	return err
}

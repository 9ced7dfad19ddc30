package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"modernc.org/sqlite"
)

// catalogue is a file of what the feeds show. Another one takes its place when a snapshot is loaded, and each night; the one
// before is kept, for the day on which the newest is damaged.
type catalogue struct {
	*database
	// renamed is set when a product comes, goes, or is found by other words.
	renamed *atomic.Bool
}

// The names of catalogues: the first, those that took its place, by number, and the one that is being filled.
const (
	catalogFirst = "catalog.db"
	catalogLater = "catalog-%d.db"
	catalogPart  = "catalog.part"
)

// generations is how many catalogues a folder keeps.
const generations = 2

// catalogue is the one in force. It stays open while the next one
// is in force, for those who are reading it.
func (l *Ledger) catalogue() catalogue { return *l.current.Load() }

// beginCatalogue puts the newest catalogue in force that can be read. One that cannot is removed: headquarters goes on from
// where the one before ends, or from the beginning. Callers hold feeding.
func (l *Ledger) beginCatalogue(ctx context.Context) error {
	defer l.damagedPath.Store(nil) // what was seen of those that are gone
	numbers, err := l.catalogueNumbers()
	if err != nil {
		return err
	}
	for i, number := range numbers {
		err := l.readCatalogue(ctx, number, i < len(numbers)-1)
		if err == nil {
			return l.dropCatalogues(numbers[i:])
		}
		if !corrupt(err) {
			return err
		}
		l.cfg.Log.Error("a catalogue is damaged", "path", l.cataloguePath(number), "before_it", len(numbers)-1-i, "error", err)
		l.closeCatalogues()
	}
	if err := l.dropCatalogues(nil); err != nil {
		return err
	}
	return l.readCatalogue(ctx, 0, false)
}

// readCatalogue puts a file in force and reads what the ledger keeps of it. An empty file is a damaged one where there is
// another.
func (l *Ledger) readCatalogue(ctx context.Context, number int, another bool) error {
	if info, err := os.Stat(l.cataloguePath(number)); another && err == nil && info.Size() == 0 {
		return errBroken
	}
	if err := l.useCatalogue(ctx, number); err != nil {
		return err
	}
	if err := l.catalogue().keepBooks(ctx); err != nil {
		return err
	}
	return l.refreshStore(ctx)
}

// catalogueNumbers are those of the files there are, the newest first; 0 for none.
func (l *Ledger) catalogueNumbers() ([]int, error) {
	names, err := filepath.Glob(filepath.Join(l.cfg.Dir, "catalog*.db"))
	if err != nil {
		return nil, err
	}
	numbers := []int{0}
	for _, name := range names {
		numbers = append(numbers, catalogueNumber(name))
	}
	slices.Sort(numbers)
	numbers = slices.Compact(numbers)
	slices.Reverse(numbers)
	if last := len(numbers) - 1; last > 0 {
		if _, err := os.Stat(l.cataloguePath(0)); err != nil {
			numbers = numbers[:last]
		}
	}
	return numbers, nil
}

// dropCatalogues removes every file of a catalogue but those of the first of the numbers.
func (l *Ledger) dropCatalogues(numbers []int) error {
	names, err := filepath.Glob(filepath.Join(l.cfg.Dir, "catalog*"))
	if err != nil {
		return err
	}
	for _, name := range names {
		if !slices.ContainsFunc(numbers[:min(len(numbers), generations)], func(number int) bool {
			return strings.HasPrefix(name, l.cataloguePath(number)) // its own WAL begins with its name
		}) {
			if err := os.Remove(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// useCatalogue puts a file in force.
func (l *Ledger) useCatalogue(ctx context.Context, number int) error {
	d, err := openDatabase(ctx, l.cataloguePath(number), "catalog", normalSync, normalReadBack)
	if err != nil {
		return err
	}
	d.read.damaged = func() { l.catalogueDamaged(d.path) }
	c := catalogue{d, &l.renamed}
	l.catalogues = append(l.catalogues, c)
	l.current.Store(&c)
	for len(l.catalogues) > generations { // who reads the one before the last has had the time of a whole load
		gone := l.catalogues[0]
		l.catalogues = l.catalogues[1:]
		if err := gone.remove(); err != nil {
			l.cfg.Log.Warn("a catalogue that was replaced is left until the next start", "path", gone.path, "error", err)
		}
	}
	return nil
}

func (l *Ledger) closeCatalogues() {
	for _, c := range l.catalogues {
		_ = c.close() // what a damaged file says of it is of no use
	}
	l.catalogues = nil
}

// remove closes the file and takes it away, its WAL with it.
func (c catalogue) remove() error {
	if err := c.close(); err != nil {
		return err
	}
	return os.Remove(c.path)
}

func (l *Ledger) cataloguePath(number int) string {
	name := catalogFirst
	if number > 0 {
		name = fmt.Sprintf(catalogLater, number)
	}
	return filepath.Join(l.cfg.Dir, name)
}

// catalogueNumber is the number in the name of a catalogue; 0 for the first, and for any other name.
func catalogueNumber(path string) int {
	before, after, _ := strings.Cut(catalogLater, "%d")
	name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(path), before), after)
	n, err := strconv.Atoi(name)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// copyCatalogue writes what the catalogue in force holds to another file.
func (l *Ledger) copyCatalogue(ctx context.Context, path string) error {
	old := l.catalogue()
	err := old.copyTo(ctx, path)
	l.lookAt(old, err)
	return err
}

// lookAt notes what an error says of a catalogue.
func (l *Ledger) lookAt(c catalogue, err error) {
	if corrupt(err) {
		l.catalogueDamaged(c.path)
	}
}

// copyTo writes what a file holds to another, which does not exist or is empty. Its writer goes on meanwhile.
func (d *database) copyTo(ctx context.Context, path string) error {
	db, err := open(d.path, normalSync, normalReadBack, false)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `VACUUM INTO ?`, path)
	return errors.Join(err, db.Close())
}

// openBulk opens a file to fill it in one go. Nothing of it survives a crash.
func openBulk(ctx context.Context, path string) (*writer, error) {
	q := url.Values{"_pragma": {
		"journal_mode(OFF)", "synchronous(OFF)", "foreign_keys(1)", "cache_size(-65536)",
	}}
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: q.Encode()}
	connector, err := sqlite.NewConnector(u.String())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	db := sql.OpenDB(connector)
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), db.Close())
	}
	return &writer{db: db, conn: conn, stmts: map[string]*sql.Stmt{}}, nil
}

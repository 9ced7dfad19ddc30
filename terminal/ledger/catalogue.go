package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"modernc.org/sqlite"
)

// catalogue is a file of what the feeds show. There is one, until a snapshot is loaded into another, which then takes its
// place.
type catalogue struct{ *database }

// The names of catalogues: the first, those that took its place, by number, and the one that is being filled.
const (
	catalogFirst = "catalog.db"
	catalogLater = "catalog-%d.db"
	catalogPart  = "catalog.part"
)

// catalogue is the one in force. It stays open while the next one
// is in force, for those who are reading it.
func (l *Ledger) catalogue() catalogue { return *l.current.Load() }

// beginCatalogue opens the catalogue. One that cannot be read is removed: it is loaded again from headquarters.
func (l *Ledger) beginCatalogue(ctx context.Context) error {
	err := l.readCatalogue(ctx)
	if !corrupt(err) {
		return err
	}
	l.cfg.Log.Error("the catalogue is damaged; it is loaded again", "error", err)
	for _, c := range l.catalogues {
		_ = c.close()
	}
	l.catalogues = nil
	names, err := filepath.Glob(filepath.Join(l.cfg.Dir, "catalog*"))
	for _, name := range names {
		err = errors.Join(err, os.Remove(name))
	}
	if err != nil {
		return err
	}
	return l.readCatalogue(ctx)
}

func (l *Ledger) readCatalogue(ctx context.Context) error {
	if err := l.openCatalogue(ctx); err != nil {
		return err
	}
	if err := l.catalogue().keepBooks(ctx); err != nil {
		return err
	}
	return l.refreshStore(ctx)
}

// openCatalogue opens the newest file there is and removes the others, which a snapshot has replaced, or was to.
func (l *Ledger) openCatalogue(ctx context.Context) error {
	names, err := filepath.Glob(filepath.Join(l.cfg.Dir, "catalog*"))
	if err != nil {
		return err
	}
	newest := 0
	for _, name := range names {
		newest = max(newest, catalogueNumber(name))
	}
	path := l.cataloguePath(newest)
	for _, name := range names {
		if !strings.HasPrefix(name, path) { // its own WAL begins with its name
			if err := os.Remove(name); err != nil {
				return err
			}
		}
	}
	return l.useCatalogue(ctx, newest)
}

// useCatalogue puts a file in force.
func (l *Ledger) useCatalogue(ctx context.Context, number int) error {
	d, err := openDatabase(ctx, l.cataloguePath(number), "catalog", normalSync, normalReadBack)
	if err != nil {
		return err
	}
	c := catalogue{d}
	l.catalogues = append(l.catalogues, c)
	l.current.Store(&c)
	for len(l.catalogues) > 2 { // who reads the one before the last has had the time of a whole load
		gone := l.catalogues[0]
		l.catalogues = l.catalogues[1:]
		if err := gone.remove(); err != nil {
			l.cfg.Log.Warn("a catalogue that was replaced is left until the next start", "path", gone.path, "error", err)
		}
	}
	return nil
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

package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"

	"comptant/shared/journal"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// identityFile is a copy of what the till was enrolled with, beside ledger.db: a till whose database cannot be opened any
// more goes on with a new one, without headquarters.
const identityFile = "identity.json"

// suspectFile says that ledger.db was seen to be damaged while the till ran: the next opening looks at all of it.
const suspectFile = ledgerFile + ".suspect"

// identityCopy is what the file holds.
type identityCopy struct {
	Enrolment
	// Opened is the highest epoch the folder has written.
	Opened uint64
}

// corrupt says that a file is not a database any more, or not all of it. https://www.sqlite.org/rescode.html
func corrupt(err error) bool {
	if errors.Is(err, errBroken) {
		return true
	}
	var failure *sqlite.Error
	if !errors.As(err, &failure) {
		return false
	}
	code := failure.Code() & 0xff
	return code == sqlite3.SQLITE_CORRUPT || code == sqlite3.SQLITE_NOTADB
}

// errBroken says what SQLite found wrong with a file.
var errBroken = errors.New("the database is damaged")

// check looks at ledger.db in the background. A till that sells is not stopped for what it finds.
func (l *Ledger) check(ctx context.Context) {
	if err := l.ledger.sound(ctx, "quick_check"); err != nil && ctx.Err() == nil {
		l.cfg.Log.Error("check the journal's database", "error", err)
		l.suspect(err)
	}
}

// sound is nil when SQLite finds nothing wrong. https://www.sqlite.org/pragma.html#pragma_integrity_check
func (d *database) sound(ctx context.Context, check string) error {
	found, _, err := one(ctx, d.read, value[string], `PRAGMA `+check+`(1)`)
	if err == nil && found != "ok" {
		err = fmt.Errorf("%w: %s", errBroken, found)
	}
	return err
}

// suspect notes that an error says that ledger.db is damaged.
func (l *Ledger) suspect(err error) {
	if !corrupt(err) {
		return
	}
	if err := os.WriteFile(filepath.Join(l.cfg.Dir, suspectFile), []byte(err.Error()+"\n"), 0o600); err != nil {
		l.cfg.Log.Error("note that the journal's database is damaged", "error", err)
	}
}

// clearSuspicion looks at all of a database that was seen to be damaged.
func (l *Ledger) clearSuspicion(ctx context.Context) error {
	path := filepath.Join(l.cfg.Dir, suspectFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := l.ledger.sound(ctx, "integrity_check"); err != nil {
		return err
	}
	return os.Remove(path)
}

// keepIdentity brings the copy up to date. Selling does not depend on it.
func (l *Ledger) keepIdentity() {
	if err := writeIdentity(l.cfg.Dir, identityCopy{l.identity.Enrolment, l.head.epoch}); err != nil {
		l.cfg.Log.Error("the copy of the till's identity was not written", "error", err)
	}
}

func writeIdentity(dir string, c identityCopy) error {
	if old, err := readCopy(dir); err == nil && old.Till == c.Till {
		c.Opened = max(c.Opened, old.Opened)
	}
	text, err := json.MarshalIndent(c, "", "\t")
	if err != nil {
		return err
	}
	path := filepath.Join(dir, identityFile)
	part := path + ".part"
	if err := os.WriteFile(part, text, 0o600); err != nil {
		return err
	}
	if err := errors.Join(syncPath(part), os.Rename(part, path)); err != nil {
		return err
	}
	return syncPath(dir)
}

func readCopy(dir string) (c identityCopy, err error) {
	text, err := os.ReadFile(filepath.Join(dir, identityFile))
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	if err != nil {
		return c, fmt.Errorf("read the copy of the till's identity: %w", err)
	}
	return c, nil
}

// replaceDamaged puts a ledger.db that cannot be opened aside and begins another, which knows who the till is and nothing
// else. Opening it then finds the entries again that the sentinel and the damaged file can still give.
func replaceDamaged(ctx context.Context, cfg Config, cause error) error {
	c, err := readCopy(cfg.Dir)
	if err != nil {
		return err
	}
	path := filepath.Join(cfg.Dir, ledgerFile)
	if err := os.Remove(filepath.Join(cfg.Dir, suspectFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	aside := ""
	for n := 1; ; n++ {
		aside = fmt.Sprintf("%s%s-%d", path, damagedSuffix, n)
		if _, err := os.Stat(aside); errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	for _, part := range []string{"-wal", "-shm", ""} { // the file last: until it is away, this begins again
		if err := os.Rename(path+part, aside+part); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("put the damaged journal aside: %w", err)
		}
	}
	cfg.Log.Error("the journal's database is damaged; a new one is begun", "aside", aside, "cause", cause)
	c.Epoch = max(c.Epoch, c.Opened+1)
	return Enrol(ctx, cfg.Dir, c.Enrolment)
}

// damagedDatabases lists what replaceDamaged put aside.
func (l *Ledger) damagedDatabases() ([]string, error) {
	found, err := filepath.Glob(filepath.Join(l.cfg.Dir, ledgerFile+damagedSuffix+"-*[0-9]"))
	sort.Strings(found)
	return found, err
}

// salvageDatabase calls f for the entries of a damaged database that can still be read: those before the damage, then those
// after it, each in order. What cannot be read ends in nothing.
func salvageDatabase(ctx context.Context, path string, f func(journal.Link) error) error {
	q, err := open(path, normalSync, normalReadBack, true)
	if err != nil {
		return nil
	}
	defer q.Close()
	for _, table := range []string{"entry", "stray"} {
		var before journal.Link
		if err := eachLink(ctx, q, `ORDER BY epoch, seq`, table, func(k journal.Link) error {
			before = k
			return f(k)
		}); err != nil {
			return err
		}
		var after journal.Link
		if err := eachLink(ctx, q, `ORDER BY epoch DESC, seq DESC`, table, func(k journal.Link) error {
			if k.Epoch < before.Epoch || k.Epoch == before.Epoch && k.Seq <= before.Seq {
				return errStop
			}
			after = k
			return nil
		}); err != nil {
			return err
		}
		if after.Seq == 0 {
			continue
		}
		from := fmt.Sprintf(`WHERE (epoch, seq) >= (%d, %d) ORDER BY epoch, seq`, after.Epoch, after.Seq)
		if err := eachLink(ctx, q, from, table, f); err != nil {
			return err
		}
	}
	return nil
}

var errStop = errors.New("enough")

// eachLink calls f for entries until one cannot be read, or f has enough.
func eachLink(ctx context.Context, q *sql.DB, where, table string, f func(journal.Link) error) error {
	rows, err := q.QueryContext(ctx, `SELECT epoch, seq, prev, hash, bytes FROM `+table+` `+where)
	if err != nil {
		return ctx.Err()
	}
	defer rows.Close()
	for rows.Next() {
		k, err := scanLink(rows)
		if err != nil {
			return nil
		}
		if err := f(k); errors.Is(err, errStop) {
			return nil
		} else if err != nil {
			return err
		}
	}
	return ctx.Err()
}

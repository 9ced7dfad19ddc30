package ledger

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"comptant/sync/wire"
)

// Download opens the file that a snapshot is downloaded to, and removes those of earlier snapshots of the feed. See
// link.Snapshots.
func (l *Ledger) Download(reset wire.Reset) (*os.File, error) {
	if err := l.mayWait(); err != nil {
		return nil, err
	}
	path := l.downloadPath(reset)
	others, err := filepath.Glob(strings.TrimSuffix(path, filepath.Base(reset.Snapshot)) + "*")
	if err != nil {
		return nil, err
	}
	for _, other := range others {
		if other != path {
			if err := os.Remove(other); err != nil {
				return nil, err
			}
		}
	}
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
}

func (l *Ledger) downloadPath(reset wire.Reset) string {
	feed := strings.ReplaceAll(reset.Feed, ":", "-")
	return filepath.Join(l.cfg.Dir, filepath.Base("load-"+feed+"-")+filepath.Base(reset.Snapshot))
}

// Load fills a new catalogue with what this one holds and the snapshot, and puts it in force. Until then this one is shown,
// searched, and goes on with the other feeds. See link.Snapshots.
func (l *Ledger) Load(ctx context.Context, reset wire.Reset) (err error) {
	l.loading.Lock()
	defer l.loading.Unlock()
	path := filepath.Join(l.cfg.Dir, catalogPart)
	defer func() {
		if err != nil && !errors.Is(err, wire.DigestDiffers) {
			err = fmt.Errorf("load snapshot of %s: %w", reset.Feed, err)
		}
		_ = os.Remove(path) // it is left only when something failed
	}()
	_ = os.Remove(path)
	if err := l.copyCatalogue(ctx, path); err != nil {
		return err
	}
	w, err := openBulk(ctx, path)
	if err != nil {
		return err
	}
	next := catalogue{&database{path: path, write: w}, &l.renamed}
	if err := next.loadFile(ctx, reset, l.downloadPath(reset)); err != nil {
		return errors.Join(err, w.close())
	}
	if err := l.replaceCatalogue(context.WithoutCancel(ctx), next, reset); err != nil {
		return err
	}
	if err := l.refreshStore(ctx); err != nil {
		return err
	}
	l.published()
	return os.Remove(l.downloadPath(reset))
}

// loadFile shows the pages of a file instead of what the feed showed.
func (c catalogue) loadFile(ctx context.Context, reset wire.Reset, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	pages := bufio.NewReaderSize(file, 1<<20)
	return c.write.tx(ctx, func() error { return c.load(ctx, reset, pages) })
}

// load takes the pages of a whole feed. What they do not name goes.
func (c catalogue) load(ctx context.Context, reset wire.Reset, pages *bufio.Reader) error {
	feed := reset.Feed
	r, err := c.write.exec(ctx, `UPDATE row SET seq = 0 WHERE feed = ?`, feed)
	if err != nil {
		return err
	}
	had, err := r.RowsAffected()
	if err != nil {
		return err
	}
	if err := c.searchConfig(ctx, bulkSearch); err != nil {
		return err
	}
	var digest, upto uint64
	for more := true; more; {
		page, err := wire.ReadPage(pages)
		if err != nil {
			return err
		}
		if page.Feed != feed || page.Gen != reset.Gen || page.From != upto {
			return fmt.Errorf("page of %s after %d in a snapshot: %w", page.Feed, page.From, wire.BadFrame)
		}
		for _, row := range page.Rows {
			digest += wire.RowHash(row.Type, row.ID, row.Seq, row.Body)
			if err := c.take(ctx, feed, row, had > 0); err != nil {
				return fmt.Errorf("row %d %s: %w", row.Type, row.ID, err)
			}
		}
		upto, more = page.Upto, page.More
		if !more && digest != page.Digest {
			return wire.DigestDiffers
		}
	}
	if upto != reset.Seq {
		return fmt.Errorf("snapshot ends at %d, not %d: %w", upto, reset.Seq, wire.BadFrame)
	}
	if err := c.dropRows(ctx, `SELECT type, id, feed FROM row WHERE feed = ?1 AND seq = 0`, feed); err != nil {
		return err
	}
	if _, err := c.write.exec(ctx, `INSERT INTO search (search) VALUES ('optimize')`); err != nil {
		return err
	}
	if err := c.searchConfig(ctx, usualSearch); err != nil {
		return err
	}
	if err := c.clearStaging(ctx, feed); err != nil {
		return err
	}
	_, err = c.write.exec(ctx, `INSERT INTO feed (name, gen, seq, digest) VALUES (?1, ?2, ?3, ?4)
		ON CONFLICT (name) DO UPDATE SET gen = ?2, seq = ?3, base = 0, digest = ?4`, feed, reset.Gen, reset.Seq, int64(digest))
	return err
}

// How FTS5 gathers words: it keeps hashsize bytes of them in memory, and merges automerge pieces of the index into one.
// Where many rows come at once, memory saves pieces, and the last step merges them all.
// https://www.sqlite.org/fts5.html#the_automerge_configuration_option
var (
	usualSearch = []setting{{"automerge", 4}, {"crisismerge", 16}, {"hashsize", 1 << 20}}
	bulkSearch  = []setting{{"automerge", 0}, {"crisismerge", 1000}, {"hashsize", 32 << 20}}
)

type setting struct {
	name  string
	value int
}

func (c catalogue) searchConfig(ctx context.Context, settings []setting) error {
	for _, s := range settings {
		if _, err := c.write.exec(ctx, `INSERT INTO search (search, rank) VALUES (?, ?)`, s.name, s.value); err != nil {
			return err
		}
	}
	return nil
}

// take shows one row of a snapshot; known says that the feed showed something before.
func (c catalogue) take(ctx context.Context, feed string, row wire.Row, known bool) (err error) {
	to := change{Row: row}
	if known {
		to.oldBody, to.had, err = one(ctx, c.write, value[[]byte],
			`SELECT body FROM row WHERE type = ? AND id = ? AND feed = ?`, row.Type, row.ID[:], feed)
		if err != nil {
			return err
		}
	}
	return c.apply(ctx, feed, to)
}

// replaceCatalogue brings over what the other feeds have changed since the copy was made, and puts the new file in force.
func (l *Ledger) replaceCatalogue(ctx context.Context, next catalogue, reset wire.Reset) error {
	l.feeding.Lock()
	defer l.feeding.Unlock()
	old := l.catalogue()
	err := next.carry(ctx, old, reset)
	if err := errors.Join(err, next.write.close()); err != nil {
		return err
	}
	number := catalogueNumber(old.path) + 1
	if err := syncPath(next.path); err != nil { // it was filled without a sync
		return err
	}
	if err := os.Rename(next.path, l.cataloguePath(number)); err != nil {
		return err
	}
	if err := syncPath(l.cfg.Dir); err != nil {
		return err
	}
	if err := l.useCatalogue(ctx, number); err != nil {
		return err
	}
	now := l.cfg.Now()
	numbers, err := l.catalogueNumbers()
	return errors.Join(err, os.Chtimes(old.path, now, now), l.dropCatalogues(numbers))
}

// carry takes over from the catalogue in force what has changed in other feeds.
func (c catalogue) carry(ctx context.Context, from catalogue, loaded wire.Reset) error {
	if _, err := c.write.exec(ctx, `ATTACH ? AS old`, from.path); err != nil {
		return err
	}
	return c.write.tx(ctx, func() error {
		later, _, err := one(ctx, c.write, value[bool], `SELECT gen = ? AND seq > ? FROM old.feed WHERE name = ?`,
			loaded.Gen, loaded.Seq, loaded.Feed)
		if err != nil {
			return err
		}
		if later {
			return fmt.Errorf("pages after %d were published meanwhile: %w", loaded.Seq, wire.CursorAhead)
		}
		feeds, err := list(ctx, c.write, value[string], `SELECT name FROM (
			SELECT name, gen, seq, base, digest FROM feed UNION ALL SELECT name, gen, seq, base, digest FROM old.feed)
			WHERE name <> ? GROUP BY name, gen, seq, base, digest HAVING count(*) = 1`, loaded.Feed)
		if err != nil {
			return err
		}
		for _, feed := range feeds {
			if err := c.carryFeed(ctx, feed); err != nil {
				return err
			}
		}
		for _, table := range []string{"staged", "staging"} {
			if _, err := c.write.exec(ctx, `DELETE FROM `+table+` WHERE feed <> ?`, loaded.Feed); err != nil {
				return err
			}
			if _, err := c.write.exec(ctx, `INSERT INTO `+table+` SELECT * FROM old.`+table+` WHERE feed <> ?`, loaded.Feed); err != nil {
				return err
			}
		}
		return nil
	})
}

// carryFeed takes one feed over; one that is not followed any more goes.
func (c catalogue) carryFeed(ctx context.Context, feed string) error {
	if err := c.dropRows(ctx, `SELECT type, id, feed FROM row WHERE feed = ?1 AND NOT EXISTS (
		SELECT 1 FROM old.row o WHERE o.feed = row.feed AND o.type = row.type AND o.id = row.id)`, feed); err != nil {
		return err
	}
	if _, err := c.write.exec(ctx, `INSERT INTO feed (name, gen, seq, base, digest)
		SELECT name, gen, seq, base, digest FROM old.feed WHERE name = ?
		ON CONFLICT (name) DO UPDATE SET gen = excluded.gen, seq = excluded.seq, base = excluded.base, digest = excluded.digest`,
		feed); err != nil {
		return err
	}
	if _, err := c.write.exec(ctx, `DELETE FROM feed WHERE name = ?1 AND NOT EXISTS (SELECT 1 FROM old.feed WHERE name = ?1)`, feed); err != nil {
		return err
	}
	changes, err := list(ctx, c.write, scanChange, `SELECT o.type, o.id, o.seq, o.body, row.seq, row.body
		FROM old.row o LEFT JOIN row USING (type, id, feed) WHERE o.feed = ? AND o.seq IS NOT row.seq`, feed)
	if err != nil {
		return err
	}
	for _, to := range changes {
		if err := c.apply(ctx, feed, to); err != nil {
			return fmt.Errorf("row %d %s: %w", to.Type, to.ID, err)
		}
	}
	return nil
}

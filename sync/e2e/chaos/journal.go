package chaos

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"comptant/shared/journal"

	"github.com/google/uuid"
	_ "modernc.org/sqlite" // the driver the tills use
)

// readJournal reads all entries out of a till's file, past the program that wrote them, oldest first, and recomputes the
// chain of every epoch.
func readJournal(ctx context.Context, path string, till uuid.UUID) (all []journal.Link, err error) {
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	rows, err := db.QueryContext(ctx, `SELECT epoch, seq, prev, hash, bytes FROM entry ORDER BY epoch, seq`)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var chain *journal.Verifier
	for rows.Next() {
		var k journal.Link
		var prev, hash []byte
		if err := rows.Scan(&k.Epoch, &k.Seq, &prev, &hash, &k.Bytes); err != nil {
			return nil, err
		}
		if err := errors.Join(k.Prev.UnmarshalBinary(prev), k.Hash.UnmarshalBinary(hash)); err != nil {
			return nil, err
		}
		if chain == nil || all[len(all)-1].Epoch != k.Epoch {
			chain = journal.NewVerifier(till, k.Epoch)
		}
		if err := chain.Add(k); err != nil {
			return nil, err
		}
		all = append(all, k)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s holds no entry", path)
	}
	return all, rows.Err()
}

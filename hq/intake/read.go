package intake

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/tills"
	"comptant/shared/journal"
)

// Flag is what a person must look at: an entry, or an incident of a till when Seq is 0.
type Flag struct {
	Store      uuid.UUID  `db:"store_id"`
	Till       uuid.UUID  `db:"till_id"`
	Epoch      uint64     `db:"epoch"`
	Seq        uint64     `db:"seq"`
	Hash       []byte     `db:"hash"`
	Code       string     `db:"code"`
	Detail     string     `db:"detail"`
	At         time.Time  `db:"at"`
	ResolvedAt *time.Time `db:"resolved_at"`
	ResolvedBy *uuid.UUID `db:"resolved_by"`
	Note       string     `db:"note"`
}

// Flags gives the flags nobody has resolved, the newest first.
func (d *Desk) Flags(ctx context.Context) ([]Flag, error) {
	rows, err := d.db.Query(ctx, `
		SELECT store_id, till_id, epoch, seq, hash, code, detail, at, resolved_at, resolved_by, note
		FROM journal.flag WHERE resolved_at IS NULL ORDER BY at DESC, till_id, epoch, seq`)
	if err != nil {
		return nil, fmt.Errorf("list flags: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Flag])
}

// TillState is a till and how much of its journal headquarters has.
type TillState struct {
	tills.Till
	// Entries is how many entries headquarters has, over all epochs; Newest is when the last came.
	Entries int64
	Newest  *time.Time
	// Waiting is how many the till had at its last hello that headquarters does not have yet.
	Waiting int64
	// Deferred and Flagged are entries that wait to be applied, and what a person must look at.
	Deferred, Flagged int64
	// OldestUnsent is when the till wrote the oldest of what it says it holds and is not here; nil when there is none of note. See tills.Till.
	OldestUnsent *time.Time
}

// Tills gives every till and how far headquarters has its journal, by store and number.
func (d *Desk) Tills(ctx context.Context) ([]TillState, error) {
	list, err := d.List(ctx)
	if err != nil {
		return nil, err
	}
	states := make(map[uuid.UUID]*TillState, len(list))
	all := make([]TillState, len(list))
	for i, t := range list {
		all[i].Till = t
		states[t.ID] = &all[i]
	}
	rows, err := d.db.Query(ctx, `
		SELECT till_id, sum(seq - fork_seq)::bigint, max(at), 0::bigint, 0::bigint FROM journal.branch GROUP BY till_id
		UNION ALL SELECT till_id, 0, NULL, count(*), 0 FROM journal.deferred GROUP BY till_id
		UNION ALL SELECT till_id, 0, NULL, 0, count(*) FROM journal.flag WHERE resolved_at IS NULL GROUP BY till_id`)
	if err != nil {
		return nil, fmt.Errorf("list journals: %w", err)
	}
	var id [16]byte
	var entries, deferred, flagged int64
	var newest *time.Time
	_, err = pgx.ForEachRow(rows, []any{&id, &entries, &newest, &deferred, &flagged}, func() error {
		if s := states[id]; s != nil {
			s.Entries += entries
			s.Deferred += deferred
			s.Flagged += flagged
			s.Newest = cmp.Or(newest, s.Newest)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list journals: %w", err)
	}
	for i := range all {
		all[i].Waiting = max(all[i].SaidLast-all[i].Entries, 0)
		if all[i].OldestUnsent = all[i].Oldest(d.now()); all[i].OldestUnsent != nil {
			all[i].Waiting = max(all[i].Waiting, all[i].Unsent)
		}
	}
	return all, nil
}

// Entry is one entry as it is stored.
type Entry struct {
	Store, Till uuid.UUID
	journal.Link
	ReceivedAt time.Time
	// Envelope is what the bytes say; its Kind is 0 when they cannot be read.
	Envelope journal.Entry
	// At is when it was written as far as is known, and Dated how that is known.
	At    time.Time
	Dated Dated
}

// Entries gives a till's entries of an epoch from one on, oldest first.
func (d *Desk) Entries(ctx context.Context, store, till uuid.UUID, epoch, from uint64, most int) ([]Entry, error) {
	clocks, err := readCorrections(ctx, d.db, till)
	if err != nil {
		return nil, err
	}
	rows, err := d.db.Query(ctx, `
		SELECT epoch, seq, prev, hash, bytes, received_at FROM journal.entry
		WHERE store_id = $1 AND till_id = $2 AND epoch = $3 AND seq >= $4 ORDER BY seq, branch LIMIT $5`,
		store, till, int64(epoch), int64(from), most)
	if err != nil {
		return nil, fmt.Errorf("list entries of till %s: %w", till, err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Entry, error) {
		e := Entry{Store: store, Till: till}
		var epoch, seq int64
		var prev, hash []byte
		if err := row.Scan(&epoch, &seq, &prev, &hash, &e.Bytes, &e.ReceivedAt); err != nil {
			return e, err
		}
		e.Epoch, e.Seq = uint64(epoch), uint64(seq)
		copy(e.Prev[:], prev)
		copy(e.Hash[:], hash)
		if read, err := journal.Decode(e.Bytes); err == nil {
			e.Envelope = read
			e.At, e.Dated = clocks[till].date(read, e.Epoch, e.Seq)
		}
		return e, nil
	})
}

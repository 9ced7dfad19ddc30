package intake

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/hq/tills"
	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/sync/hub"
	"comptant/sync/wire"
)

// OpenAside starts a session for a key that counts no more. The till itself, which another machine may be by now, is not
// touched: nothing is fenced, granted or given back.
func (d *Desk) OpenAside(ctx context.Context, device hub.Device, hello wire.Hello) (hub.Session, error) {
	if err := sane(hello); err != nil {
		return hub.Session{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return hub.Session{}, err
	}
	s := hub.Session{
		ID: id, N: hello.N, Store: device.Store,
		Feeds: []string{feed.Global, feed.Store(device.Store), feed.Till(device.Till)}, // to keep: none is sent
	}
	for _, e := range hello.Epochs {
		// What was acknowledged is here, in the tree or aside, unless headquarters was rolled back.
		var have int64
		err := d.db.QueryRow(ctx, `
			SELECT coalesce(max(seq), 0) FROM (
				SELECT seq FROM journal.entry WHERE store_id = $1 AND till_id = $2 AND epoch = $3 AND seq <= $4
				UNION ALL SELECT seq FROM journal.aside WHERE store_id = $1 AND till_id = $2 AND epoch = $3 AND seq <= $4 AND key = $5) AS here`,
			device.Store, device.Till, int64(e.Epoch), int64(min(e.Acked, e.Last)), device.Key).Scan(&have)
		if err != nil {
			return hub.Session{}, fmt.Errorf("what a revoked key of till %s sent: %w", device.Till, err)
		}
		s.Epochs = append(s.Epochs, wire.EpochHave{Epoch: e.Epoch, Branch: e.Branch, Have: uint64(have)})
		s.MinEpoch = max(s.MinEpoch, e.Epoch)
	}
	d.log.Warn("till comes with a key that counts no more", "till", device.Till)
	return s, nil
}

// KeepAside stores a batch of a key that counts no more, except what is in the tree. The chain is verified over the batch;
// what it comes after is for a person to compare.
func (d *Desk) KeepAside(ctx context.Context, key ed25519.PublicKey, b hub.Batch) (hub.Stored, error) {
	links, err := chain(b)
	if err != nil {
		return hub.Stored{}, err
	}
	n := len(links)
	seqs, hashes, prevs, entries, totals := make([]int64, n), make([][]byte, n), make([][]byte, n), make([][]byte, n), make([]*int64, n)
	for i := range links {
		l := &links[i]
		seqs[i], hashes[i], prevs[i], entries[i], totals[i] = int64(l.Seq), l.Hash[:], l.Prev[:], l.Bytes, totalOf(*l)
	}
	err = d.db.InTx(ctx, func(tx *db.Tx) error {
		kept, err := tx.Exec(ctx, `
			INSERT INTO journal.aside (store_id, till_id, key, epoch, received_at, seq, hash, prev, bytes, total)
			SELECT $1, $2, $3, $4, $5, s.* FROM unnest($6::bigint[], $7::bytea[], $8::bytea[], $9::bytea[], $10::bigint[]) AS s (seq, hash)
			WHERE NOT EXISTS (SELECT FROM journal.entry e WHERE e.store_id = $1 AND e.till_id = $2 AND e.epoch = $4 AND e.seq = s.seq AND e.hash = s.hash)
			ON CONFLICT DO NOTHING`,
			b.Store, b.Till, key, int64(b.Path.Epoch), d.now(), seqs, hashes, prevs, entries, totals)
		if err != nil || kept.RowsAffected() == 0 {
			return err
		}
		return d.raise(ctx, tx, flag{store: b.Store, till: b.Till, code: FlagAside, detail: fmt.Sprintf("key %x", key[:8])})
	})
	if err != nil {
		return hub.Stored{}, fmt.Errorf("keep entries %d.%d of till %s aside: %w", b.Path.Epoch, b.First, b.Till, err)
	}
	return hub.Stored{Upto: links[n-1].Seq}, nil
}

// totalOf is what a sale came to, or what a refund gave back, negative; nil for any other entry.
func totalOf(l journal.Link) *int64 {
	var total money.Amount
	switch b := read(l, 0).body.(type) {
	case retail.Sale:
		total = b.Total
	case retail.Refund, retail.Void:
		r, _ := asRefund(b)
		total = -r.Total
	default:
		return nil
	}
	return (*int64)(&total)
}

// Aside is what a key that counts no more has sent, and no other key since.
type Aside struct {
	Store uuid.UUID `db:"store_id"`
	Till  uuid.UUID `db:"till_id"`
	Key   []byte    `db:"key"`
	// Documents are the sales and refunds among the entries; Total is what they come to, taxes included.
	Entries   int64        `db:"entries"`
	Documents int64        `db:"documents"`
	Total     money.Amount `db:"total"`
	Newest    time.Time    `db:"newest"`
}

const notInTheTree = `NOT EXISTS (SELECT FROM journal.entry e
	WHERE e.store_id = a.store_id AND e.till_id = a.till_id AND e.epoch = a.epoch AND e.seq = a.seq AND e.hash = a.hash)`

// KeptAside gives what is kept aside, the newest first.
func (d *Desk) KeptAside(ctx context.Context) ([]Aside, error) {
	rows, err := d.db.Query(ctx, `
		SELECT store_id, till_id, key, count(*) AS entries, count(total) AS documents, coalesce(sum(total), 0)::bigint AS total, max(received_at) AS newest
		FROM journal.aside a WHERE `+notInTheTree+` GROUP BY store_id, till_id, key ORDER BY newest DESC, key`)
	if err != nil {
		return nil, fmt.Errorf("list what is kept aside: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Aside])
}

// asideBetween is how many numbers of an epoch, above one and up to another, are kept aside: they were acknowledged to a
// machine that comes with a good key now, and nothing was lost.
func asideBetween(ctx context.Context, tx *db.Tx, till tills.Till, epoch, above, upto uint64) (n uint64, err error) {
	var count int64
	err = tx.QueryRow(ctx, `
		SELECT count(DISTINCT seq) FROM journal.aside WHERE store_id = $1 AND till_id = $2 AND epoch = $3 AND seq > $4 AND seq <= $5`,
		till.Store, till.ID, int64(epoch), int64(above), int64(upto)).Scan(&count)
	if err != nil {
		return 0, fmt.Errorf("look for what is kept aside of till %s: %w", till.ID, err)
	}
	return uint64(count), nil
}

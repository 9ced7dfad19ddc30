package demo

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"time"

	"github.com/google/uuid"

	"comptant/hq/intake"
	"comptant/shared/journal"
	"comptant/sync/hub"
	"comptant/sync/wire"
)

// app and host are what the demo's tills call themselves.
const app, host = "demo", "demo"

// uplink sends a lane's journal as the till's own link does: enrolled with a one-time code, in a session, in batches.
type uplink struct {
	desk    *intake.Desk
	till    uuid.UUID
	store   uuid.UUID
	session uuid.UUID

	seq  uint64
	head journal.Hash
}

// enrol makes the till known to headquarters. Its key is thrown away: nobody can ever sell in its name.
func enrol(ctx context.Context, desk *intake.Desk, store uuid.UUID, number int) (*uplink, error) {
	code, err := desk.NewCode(ctx, store, number)
	if err != nil {
		return nil, err
	}
	key, _, err := ed25519.GenerateKey(nil)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	reply, err := desk.Enrol(ctx, wire.EnrolRequest{Code: code, Key: key, App: app, Host: host}, host)
	if err != nil {
		return nil, fmt.Errorf("enrol till %d: %w", number, err)
	}
	return &uplink{desk: desk, till: reply.Till, store: store, head: journal.Genesis(reply.Till, epoch)}, nil
}

// connect opens a session for a journal.
func (u *uplink) connect(ctx context.Context, entries []entry, now time.Time) error {
	head := u.head
	for i, e := range entries {
		head = journal.Next(head, u.till, epoch, uint64(i+1), e.bytes)
	}
	session, err := u.desk.Open(ctx, wire.Hello{
		Till: u.till, Proto: wire.Protocol, App: app, Wall: now.UnixMilli(),
		Epochs: []wire.EpochState{{Epoch: epoch, Last: uint64(len(entries)), Hash: head}},
	}, now)
	if err != nil {
		return fmt.Errorf("open a session: %w", err)
	}
	u.session = session.ID
	return u.desk.Seen(ctx, u.till, u.session, now, nil)
}

// send chains the entries onto what was sent and has headquarters store them; stored is told how many after each batch.
// What headquarters has already, from a demo that was interrupted, it skips.
func (u *uplink) send(ctx context.Context, entries []entry, stored func(int)) error {
	for len(entries) > 0 {
		n := min(len(entries), wire.BatchEntries)
		batch := hub.Batch{Till: u.till, Store: u.store, Session: u.session, Path: wire.Path{Epoch: epoch}, First: u.seq + 1, Prev: u.head}
		for _, e := range entries[:n] {
			batch.Entries = append(batch.Entries, e.bytes)
		}
		links := journal.Chain(u.till, epoch, batch.First, batch.Prev, batch.Entries)
		batch.Head = links[n-1].Hash
		answer, err := u.desk.Store(ctx, batch)
		if err != nil {
			return err
		}
		if len(answer.Notes) > 0 {
			note := answer.Notes[0]
			return fmt.Errorf("entry %d of till %s was not applied as it is: %w", note.Seq, u.till, note.Code)
		}
		u.seq, u.head = links[n-1].Seq, batch.Head
		entries = entries[n:]
		stored(n)
	}
	return nil
}

// leave ends the session.
func (u *uplink) leave(ctx context.Context, now time.Time) error {
	return u.desk.Closed(ctx, u.till, u.session, now)
}

package feed

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"comptant/hq/db"
)

const (
	channel    = "comptant"
	coalesce   = 25 * time.Millisecond // a mark waits so long for company
	pollEvery  = 5 * time.Second       // how late a lost notification is made good
	retryAfter = time.Second           // after a lost connection
	// payload is Postgres's limit for NOTIFY less one, in bytes.
	// https://www.postgresql.org/docs/current/sql-notify.html
	payload = 7999
)

// Mark tells every Notifier of the database, once the transaction is committed, that what the topic names has changed. A
// topic is a feed, or anything else worth a look: "sales:<store>", "tills".
func Mark(tx *db.Tx, topic string) { tx.Mark(topic) }

// Notifier carries marks to the subscribers of every HQ process: at once within this one, by one NOTIFY every 25 ms to
// the others. For feeds it also looks at the heads every 5 s, so a lost notification delays and never loses.
type Notifier struct {
	db   *db.DB
	log  *slog.Logger
	self string // begins the payloads of this process

	mu    sync.Mutex
	dirty map[string]bool
	subs  map[int]func([]string)
	next  int

	kick chan struct{} // something is dirty
}

// NewNotifier makes a notifier; nothing is carried until Run.
func NewNotifier(db *db.DB, log *slog.Logger) *Notifier {
	return &Notifier{
		db: db, log: log, self: uuid.NewString(),
		dirty: map[string]bool{}, subs: map[int]func([]string){}, kick: make(chan struct{}, 1),
	}
}

// Subscribe calls wake with topics that may have changed, until stop is called. wake must not block.
func (n *Notifier) Subscribe(wake func(topics []string)) (stop func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	id := n.next
	n.next++
	n.subs[id] = wake
	return func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		delete(n.subs, id)
	}
}

func (n *Notifier) mark(topic string) {
	n.mu.Lock()
	n.dirty[topic] = true
	n.mu.Unlock()
	select {
	case n.kick <- struct{}{}:
	default:
	}
}

func (n *Notifier) take() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	topics := make([]string, 0, len(n.dirty))
	for t := range n.dirty {
		topics = append(topics, t)
	}
	clear(n.dirty)
	slices.Sort(topics)
	return topics
}

func (n *Notifier) wake(topics []string) {
	if len(topics) == 0 {
		return
	}
	n.mu.Lock()
	subs := make([]func([]string), 0, len(n.subs))
	for _, s := range n.subs {
		subs = append(subs, s)
	}
	n.mu.Unlock()
	for _, s := range subs {
		s(topics)
	}
}

// Run carries marks until the context ends.
func (n *Notifier) Run(ctx context.Context) error {
	defer n.db.OnMark(n.mark)()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return n.again(ctx, "send notifications", n.send) })
	group.Go(func() error { return n.again(ctx, "listen for notifications", n.listen) })
	group.Go(func() error { return n.poll(ctx) })
	return group.Wait()
}

// Tell is for a program that ends soon: it notes the marks from now on, and send tells the processes that stay.
func Tell(d *db.DB, log *slog.Logger) (send func(context.Context) error) {
	n := NewNotifier(d, log)
	stop := d.OnMark(n.mark)
	return func(ctx context.Context) error {
		stop()
		for _, text := range n.payloads(n.take()) {
			if _, err := d.Exec(ctx, `SELECT pg_notify($1, $2)`, channel, text); err != nil {
				return fmt.Errorf("tell the processes of headquarters: %w", err)
			}
		}
		return nil
	}
}

// again gives work a connection of its own, outside the pool, and a new one when it is lost.
func (n *Notifier) again(ctx context.Context, what string, work func(context.Context, *pgx.Conn) error) error {
	for {
		conn, err := pgx.ConnectConfig(ctx, n.db.Config().ConnConfig.Copy())
		if err == nil {
			err = work(ctx, conn)
			_ = conn.Close(context.WithoutCancel(ctx))
		}
		if ctx.Err() != nil {
			return nil
		}
		n.log.Warn(what, "error", err)
		if !pause(ctx, retryAfter) {
			return nil
		}
	}
}

func (n *Notifier) send(ctx context.Context, conn *pgx.Conn) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-n.kick:
		}
		if !pause(ctx, coalesce) {
			return nil
		}
		topics := n.take()
		n.wake(topics)
		for _, text := range n.payloads(topics) {
			if _, err := conn.Exec(ctx, `SELECT pg_notify($1, $2)`, channel, text); err != nil {
				return err // the others poll
			}
		}
	}
}

// payloads packs the topics, one a line after the sender, into as few notifications as they fit.
func (n *Notifier) payloads(topics []string) []string {
	var all []string
	text := n.self
	for _, t := range topics {
		if len(text)+1+len(t) > payload {
			all = append(all, text)
			text = n.self
		}
		text += "\n" + t
	}
	if text != n.self {
		all = append(all, text)
	}
	return all
}

func (n *Notifier) listen(ctx context.Context, conn *pgx.Conn) error {
	if _, err := conn.Exec(ctx, "LISTEN "+channel); err != nil {
		return err
	}
	for {
		said, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		lines := strings.Split(said.Payload, "\n")
		if lines[0] != n.self {
			n.wake(lines[1:])
		}
	}
}

// poll finds what no notification told of.
func (n *Notifier) poll(ctx context.Context) error {
	known := map[string]int64{}
	for {
		changed, err := n.moved(ctx, known)
		if err != nil && ctx.Err() == nil {
			n.log.Warn("poll the heads of feeds", "error", err)
		}
		n.wake(changed)
		if !pause(ctx, pollEvery) {
			return nil
		}
	}
}

// moved gives the feeds whose head is not the known one, and makes it known.
func (n *Notifier) moved(ctx context.Context, known map[string]int64) ([]string, error) {
	rows, err := n.db.Query(ctx, `SELECT feed, seq FROM feed.head`)
	if err != nil {
		return nil, fmt.Errorf("read heads: %w", err)
	}
	var changed []string
	var name string
	var seq int64
	_, err = pgx.ForEachRow(rows, []any{&name, &seq}, func() error {
		if was, ok := known[name]; !ok || was != seq {
			changed = append(changed, name)
			known[name] = seq
		}
		return nil
	})
	return changed, err
}

// pause waits; it is false when the context ended first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

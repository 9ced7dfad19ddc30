package chaos

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"
)

// customers order at the same time.
const customers = 16

// cards are those of every fifth customer: declined, answers that are lost or late, trouble with taking the money. All end.
var cards = []string{
	"4000000000000002", "4000000000009995", "4000000010000018", "4000000010000026", "4000000010000034", "4000000010000042",
	"4000000010000059", "4000000010000067", "4000000010000075", "4000000010000125",
}

// shop is the customers of the online shop, who order over the REST API of any headquarters.
type shop struct {
	*world
	seed             uint64
	token            string
	client           *http.Client
	products, stores []uuid.UUID

	mu sync.Mutex
	// asked are the orders that were asked for, by their id: true once headquarters has said what became of it.
	asked map[uuid.UUID]bool
	// handed is how many sales of tills name an order.
	handed map[uuid.UUID]int
}

func openShop(ctx context.Context, w *world, seed uint64) (*shop, error) {
	token, err := w.hqs[0].Command(ctx, "token", "add", "--name", "shop", "--scope", "orders:write")
	if err != nil {
		return nil, err
	}
	s := &shop{
		world: w, seed: seed, token: strings.TrimSpace(token), client: &http.Client{Timeout: 10 * time.Second},
		asked: map[uuid.UUID]bool{}, handed: map[uuid.UUID]int{},
	}
	for into, query := range map[*[]uuid.UUID]string{
		&s.products: fmt.Sprintf(`SELECT id FROM catalog.product WHERE sku::int > %d ORDER BY sku`, products-shopProducts),
		&s.stores:   `SELECT id FROM stock.location WHERE kind = 1 ORDER BY code`,
	} {
		rows, err := w.database.look.Query(ctx, query)
		if err != nil {
			return nil, err
		}
		if *into, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID]); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// trade lets the customers order until ctx is done.
func (s *shop) trade(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for i := range customers {
		plan := source(s.seed, "shop", i)
		group.Go(func() error {
			for pause(ctx, time.Duration(300+plan.IntN(1200))*time.Millisecond) {
				if err := s.order(ctx, plan); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// order asks for an order again and again, at any headquarters, until one has said what became of it.
func (s *shop) order(ctx context.Context, plan *rand.Rand) error {
	id := uuid.UUID{}
	for i := range id {
		id[i] = byte(plan.Uint32())
	}
	card := "4242424242424242"
	if plan.IntN(5) == 0 {
		card = cards[plan.IntN(len(cards))]
	}
	body, err := json.Marshal(map[string]any{
		"id": id, "location": s.stores[plan.IntN(len(s.stores))], "name": "Camille Roy", "email": "camille@example.com", "method": card,
		"lines": []map[string]any{{"product": s.products[plan.IntN(len(s.products))], "quantity": 1000 * (1 + plan.IntN(2))}},
	})
	if err != nil {
		return err
	}
	s.mark(id, false)
	for ctx.Err() == nil {
		status, answer, err := s.post(ctx, s.hqs[plan.IntN(len(s.hqs))].URL(), body)
		switch {
		case err == nil && status < http.StatusMultipleChoices:
			s.mark(id, true)
			return nil
		case err == nil && status < http.StatusInternalServerError && status != http.StatusTooManyRequests:
			return fmt.Errorf("order %s: %d %s", id, status, answer)
		}
		pause(ctx, 200*time.Millisecond)
	}
	return nil
}

func (s *shop) post(ctx context.Context, url string, body []byte) (status int, answer []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/api/v1/ecommerce/orders", bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := s.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	answer, err = io.ReadAll(resp.Body)
	return resp.StatusCode, answer, errors.Join(err, resp.Body.Close())
}

func (s *shop) mark(id uuid.UUID, answered bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked[id] = answered
}

// endsWithin is how long after the faults the last order may take to end: a step that failed is tried again after longer and longer.
const endsWithin = 5 * time.Minute

// serveAll lets the tills hand over what was ordered until every order has ended, and its money is taken.
func (c *comparison) serveAll(ctx context.Context) error {
	soon, cancel := context.WithTimeout(ctx, endsWithin)
	defer cancel()
	for {
		for _, l := range c.lanes {
			if err := l.serves()(); err != nil {
				return err
			}
		}
		var open int
		err := c.database.look.QueryRow(ctx, `
			SELECT count(*) FROM orders.placed WHERE state NOT IN ('cancelled', 'collected') OR state = 'collected' AND captured_at IS NULL`).Scan(&open)
		if err != nil {
			return fmt.Errorf("count open orders: %w", err)
		}
		if open == 0 {
			return nil
		}
		if !pause(soon, 50*time.Millisecond) {
			c.differ("%d orders have not ended %s after the last fault", open, endsWithin)
			return ctx.Err()
		}
	}
}

// orders holds what customers asked for against what headquarters has, the tills sold and the payment gateway took.
func (c *comparison) orders(ctx context.Context, db *pgx.Conn) error {
	rows, err := db.Query(ctx, `
		SELECT o.id, o.state, o.total = coalesce(p.captured, 0), coalesce(p.captured, 0) = 0 AND coalesce(p.state, '') NOT IN ('authorised', 'pending'),
			(SELECT count(*) FROM sales.document d WHERE d.till_id = o.sold_till AND d.epoch = o.sold_epoch AND d.number = o.sold_number AND d.total = o.total)
		FROM orders.placed o LEFT JOIN payments.sandbox_charge p ON p.payment = o.id`)
	if err != nil {
		return err
	}
	found := map[uuid.UUID]bool{}
	var id uuid.UUID
	var state string
	var paid, free bool
	var sales int
	_, err = pgx.ForEachRow(rows, []any{&id, &state, &paid, &free, &sales}, func() error {
		handed := c.shop.handed[id]
		if found[id] {
			c.differ("order %s was charged twice", id)
		}
		found[id] = true
		c.result.Orders++
		switch {
		case state == "collected" && (!paid || sales != 1 || handed != 1):
			c.differ("order %s was collected: paid %t, %d sales, handed over by tills %d times", id, paid, sales, handed)
		case state == "cancelled" && (!free || sales+handed != 0):
			c.differ("order %s was cancelled: nothing taken %t, %d sales, handed over by tills %d times", id, free, sales, handed)
		}
		if state == "collected" {
			c.result.Collected++
		}
		return nil
	})
	if err != nil {
		return err
	}
	for id, answered := range c.shop.asked {
		if answered && !found[id] {
			c.differ("order %s was promised and is lost", id)
		}
	}
	for id := range found {
		if _, asked := c.shop.asked[id]; !asked {
			c.differ("nobody asked for order %s", id)
		}
	}
	var reserved, oversold int
	err = db.QueryRow(ctx, `
		SELECT (SELECT count(*) FROM stock.level WHERE reserved <> 0) + (SELECT count(*) FROM stock.reservation),
			(SELECT count(*) FROM stock.level WHERE on_hand < 0 AND product_id = ANY($1))`, c.shop.products).Scan(&reserved, &oversold)
	if reserved+oversold > 0 {
		c.differ("%d reservations are left, %d products of the shop are oversold", reserved, oversold)
	}
	return err
}

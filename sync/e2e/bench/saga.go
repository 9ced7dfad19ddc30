package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"
)

// Saga is an order of the shop.
var Saga = Row{
	Name:  "saga",
	Work:  "an order of one product, over the REST API, until it is verified, reserved, paid and confirmed; 16 clients",
	Limit: "4 commits to a row of its own in the same Postgres, by 16 connections",
	Open: func(ctx context.Context, place Place) (*Stand, error) {
		return openShop(ctx, place, &shop{stores: 10, declined: 0}, Goal{AtLeast: 0.5})
	},
}

// Hot is the same where everybody wants the same.
var Hot = Row{
	Name:  "hot",
	Work:  "the same, everybody the same product of one store, and each fifth is declined: what was reserved for it is given back",
	Limit: "4 commits to one row that all write, by 16 connections",
	Open: func(ctx context.Context, place Place) (*Stand, error) {
		return openShop(ctx, place, &shop{stores: 1, declined: 5}, Goal{AtLeast: 0.8})
	},
}

const (
	customers    = 16
	cardApproves = "4242424242424242"
	cardDeclines = "4000000000000002"
)

// shop is headquarters with stock, and the programs that order from it.
type shop struct {
	// stores are how many are ordered from; with one, there is one product too. declined is one in how many orders; 0 for none.
	stores, declined int

	*office
	bare   *pgxpool.Pool
	tokens []string
	client *http.Client
	placed int
}

func openShop(ctx context.Context, place Place, s *shop, goal Goal) (stand *Stand, err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	sold := ingestProducts
	if s.stores == 1 {
		sold = 1
	}
	products, err := goods(place.Data, sold)
	if err != nil {
		return nil, err
	}
	if s.office, err = openOffice(ctx, place, s.stores, products); err != nil {
		return nil, err
	}
	_, err = s.conn.Exec(ctx, `
		INSERT INTO stock.level (location_id, product_id, on_hand) SELECT l.id, p.id, 1000000000 FROM stock.location l, catalog.product p`)
	if err != nil {
		return nil, fmt.Errorf("write stock: %w", err)
	}
	if _, err := s.conn.Exec(ctx, `CREATE SCHEMA bare CREATE TABLE step (id uuid PRIMARY KEY, n int NOT NULL)`); err != nil {
		return nil, fmt.Errorf("make a bare table: %w", err)
	}
	config, err := pgxpool.ParseConfig(s.postgres.URL())
	if err != nil {
		return nil, err
	}
	config.MinConns, config.MaxConns = customers, customers
	if s.bare, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	for range customers { // a token may ask so often a second
		out, err := s.hq.Command(ctx, "token", "add", "--name", "shop", "--scope", "orders:write")
		if err != nil {
			return nil, err
		}
		s.tokens = append(s.tokens, strings.TrimSpace(out))
	}
	s.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: customers}}
	version, err := s.version(ctx)
	if err != nil {
		return nil, err
	}
	n := place.size(2000, 50)
	return &Stand{
		Parts: []Part{{
			Limit:   func(ctx context.Context, w *Watch) error { return s.commits(ctx, n, w) },
			Product: func(ctx context.Context, w *Watch) error { return s.order(ctx, n, w) },
			Figure:  Reading.Rate, Unit: OrderRate, Goal: goal, Charged: s.cpu,
			Also: []Check{{Name: "p99", Unit: Time, Value: func(r Round) float64 { return P99(r.Product) }}},
		}},
		Note: fmt.Sprintf("%d orders a reading, %d products in %d stores. After each reading every order is confirmed or called off, and what is reserved is what the confirmed ones have. "+
			"Processor time is of headquarters, Postgres and the clients together. The system that Comptant replaces took 1.8 to 2.7 orders/s from one client, "+
			"7.0 from 16 with a fifth failing, and 111 ms of processor time an order, on another machine.", n, len(products), s.stores),
		Postgres: version,
		Close:    s.close,
	}, nil
}

// together does n operations by all customers under the watch.
func together(ctx context.Context, n int, w *Watch, do func(ctx context.Context, client, i int) error) error {
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	w.Start()
	for client := range customers {
		group.Go(func() error {
			for i := client; i < n; i += customers {
				start := time.Now()
				if err := do(ctx, client, i); err != nil {
					return err
				}
				mu.Lock()
				w.Lap(time.Since(start))
				mu.Unlock()
			}
			return nil
		})
	}
	err := group.Wait()
	w.Stop(n)
	return err
}

// commits makes so many steps durable as n orders have.
func (s *shop) commits(ctx context.Context, n int, w *Watch) error {
	if err := s.checkpoint(ctx); err != nil {
		return err
	}
	return together(ctx, n, w, func(ctx context.Context, _, _ int) error {
		id := uuid.Must(uuid.NewV7())
		if s.stores == 1 {
			id = uuid.Nil
		}
		for range 4 {
			if _, err := s.bare.Exec(ctx, `INSERT INTO bare.step AS s VALUES ($1, 1) ON CONFLICT (id) DO UPDATE SET n = s.n + 1`, id); err != nil {
				return fmt.Errorf("bare commit: %w", err)
			}
		}
		return nil
	})
}

// order places n orders and looks at what they left.
func (s *shop) order(ctx context.Context, n int, w *Watch) error {
	if err := s.checkpoint(ctx); err != nil {
		return err
	}
	first := s.placed
	s.placed += n
	err := together(ctx, n, w, func(ctx context.Context, client, i int) error { return s.place(ctx, client, first+i) })
	if err != nil {
		return err
	}
	return s.exact(ctx)
}

// place places the i-th order.
func (s *shop) place(ctx context.Context, client, i int) error {
	card, want := cardApproves, "order_confirmed"
	if s.declined > 0 && i%s.declined == 0 {
		card, want = cardDeclines, "cancelled"
	}
	body, err := json.Marshal(map[string]any{
		"id": seeded(8, i), "location": storeID(i % s.stores), "name": "Camille Roy", "email": "camille@example.com", "method": card,
		"lines": []map[string]any{{"product": s.products[i*7919%len(s.products)].ID, "quantity": 1000}},
	})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.hq.URL()+"/api/v1/ecommerce/orders", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+s.tokens[client])
	req.Header.Set("Content-Type", "application/json")
	resp, err := s.client.Do(req)
	if err != nil {
		return fmt.Errorf("order: %w", err)
	}
	answer, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return fmt.Errorf("order: %w", err)
	}
	var made struct{ State string }
	if err := json.Unmarshal(answer, &made); err != nil || made.State != want {
		return fmt.Errorf("order: %s, state %q instead of %q: %s", resp.Status, made.State, want, answer)
	}
	return nil
}

// exact says whether what is reserved is what the confirmed orders have, and every order is one that has ended or waits for a store.
func (s *shop) exact(ctx context.Context) error {
	var orders, confirmed, cancelled, reserved, promised, over int
	err := s.conn.QueryRow(ctx, `
		SELECT (SELECT count(*) FROM orders.placed), (SELECT count(*) FROM orders.placed WHERE state = 'order_confirmed'),
			(SELECT count(*) FROM orders.placed WHERE state = 'cancelled'),
			(SELECT sum(reserved) / 1000 FROM stock.level), (SELECT sum(quantity) / 1000 FROM stock.reservation),
			(SELECT count(*) FROM stock.level WHERE reserved > on_hand)`).Scan(&orders, &confirmed, &cancelled, &reserved, &promised, &over)
	if err != nil {
		return fmt.Errorf("read orders: %w", err)
	}
	if orders != s.placed || confirmed+cancelled != orders || reserved != confirmed || promised != confirmed || over > 0 {
		return fmt.Errorf("%d orders were placed; there are %d, %d confirmed and %d called off, %d units reserved, %d promised, %d levels oversold",
			s.placed, orders, confirmed, cancelled, reserved, promised, over)
	}
	return nil
}

func (s *shop) close() error {
	if s.client != nil {
		s.client.CloseIdleConnections()
	}
	if s.bare != nil {
		s.bare.Close()
	}
	if s.office == nil {
		return nil
	}
	return s.office.close()
}

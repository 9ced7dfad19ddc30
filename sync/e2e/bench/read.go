package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"
)

// Read is a program that looks things up.
var Read = Row{
	Name:  "read",
	Work:  "a product, or its stock in a store, over the REST API with a token, 64 connections",
	Limit: "net/http and one select of the same row with pgx",
	Open:  openRead,
}

// readers are how many connections read at a time.
const readers = 64

// library is headquarters with products and stock, and a bare server over the same database.
type library struct {
	*archive
	bare *bareServer
}

func openRead(ctx context.Context, place Place) (stand *Stand, err error) {
	l := &library{}
	if l.archive, err = openArchive(ctx, Place{Dir: place.Dir, Programs: place.Programs, Quick: true, Data: place.Data, Progress: place.Progress}); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.close())
		}
	}()
	if _, err := l.conn.Exec(ctx, `INSERT INTO stock.level (location_id, product_id, on_hand) SELECT l.id, p.id, 12000 FROM stock.location l, catalog.product p`); err != nil {
		return nil, fmt.Errorf("write stock: %w", err)
	}
	l.bare, err = openBareServer(ctx, l.postgres.URL(), map[string]bareSelect{
		"GET /products/{product}": {
			`SELECT id, sku, name_fr, name_en, category_id, price, cost, tax_class FROM catalog.product WHERE id = $1`, []string{"product"},
		},
		"GET /warehouse/stock/{location}/{product}": {
			`SELECT location_id, product_id, on_hand, changed_at FROM stock.level WHERE location_id = $1 AND product_id = $2`, []string{"location", "product"},
		},
	})
	if err != nil {
		return nil, err
	}
	version, err := l.version(ctx)
	if err != nil {
		return nil, err
	}
	n := place.size(20_000, 100)
	return &Stand{
		Parts: []Part{{
			Limit: func(ctx context.Context, w *Watch) error { return l.read(ctx, n, w, l.bare.url) },
			Product: func(ctx context.Context, w *Watch) error {
				return l.read(ctx, n, w, l.hq.URL()+"/api/v1")
			},
			Figure: Reading.Rate, Unit: ReadRate, Goal: Goal{AtLeast: 0.8}, Charged: l.cpu,
			Also: []Check{{Name: "p99", Unit: Time, Value: func(r Round) float64 { return P99(r.Product) }}},
		}},
		Note:     "Every other request is for a product, the others for a level of stock. Processor time is of headquarters, Postgres, the bare server and the readers together.",
		Postgres: version, Close: l.close,
	}, nil
}

// read asks n times, all connections together.
func (l *library) read(ctx context.Context, n int, w *Watch, root string) error {
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	w.Start()
	for reader := range readers {
		group.Go(func() error {
			for i := reader; i < n; i += readers {
				product := l.products[i*7919%len(l.products)].ID
				path := "/products/" + product.String()
				if i/readers%2 == 1 {
					path = "/warehouse/stock/" + storeID(0).String() + "/" + product.String()
				}
				start := time.Now()
				if err := l.one(ctx, i, root+path, product); err != nil {
					return err
				}
				took := time.Since(start)
				mu.Lock()
				w.Lap(took)
				mu.Unlock()
			}
			return nil
		})
	}
	err := group.Wait()
	w.Stop(n)
	return err
}

// one reads one address, whose answer names the product.
func (l *library) one(ctx context.Context, i int, address string, product uuid.UUID) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+l.tokens[i%len(l.tokens)])
	body, err := answerOf(l.client, req)
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(bytes.TrimPrefix(body, []byte("[")), []byte("{")) {
		return fmt.Errorf("GET %s: product %s is answered by %q", address, product, body)
	}
	return nil
}

func (l *library) close() error { return errors.Join(l.bare.close(), l.archive.close()) }

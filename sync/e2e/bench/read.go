package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
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
	pool *pgxpool.Pool
	bare *http.Server
	url  string
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
	if l.pool, err = pgxpool.New(ctx, l.postgres.URL()); err != nil {
		return nil, err
	}
	if err := l.serve(ctx); err != nil {
		return nil, err
	}
	version, err := l.version(ctx)
	if err != nil {
		return nil, err
	}
	n := place.size(20_000, 100)
	return &Stand{
		Parts: []Part{{
			Limit: func(ctx context.Context, w *Watch) error { return l.read(ctx, n, w, l.url) },
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

// serve answers on the bare server what the REST API does, from one select.
func (l *library) serve(ctx context.Context) error {
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, r *http.Request, sql string, args ...any) {
		rows, err := l.pool.Query(r.Context(), sql, args...)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToMap)
		if err != nil {
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(row) // or the reader says that something is missing
	}
	mux.HandleFunc("GET /products/{product}", func(w http.ResponseWriter, r *http.Request) {
		answer(w, r, `SELECT id, sku, name_fr, name_en, category_id, price, cost, tax_class FROM catalog.product WHERE id = $1`, r.PathValue("product"))
	})
	mux.HandleFunc("GET /warehouse/stock/{location}/{product}", func(w http.ResponseWriter, r *http.Request) {
		answer(w, r, `SELECT location_id, product_id, on_hand, changed_at FROM stock.level WHERE location_id = $1 AND product_id = $2`,
			r.PathValue("location"), r.PathValue("product"))
	})
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("start the bare server: %w", err)
	}
	l.bare = &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	l.url = "http://" + listener.Addr().String()
	go func() { _ = l.bare.Serve(listener) }() // until it is closed
	return nil
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
	if len(body) == 0 || body[0] != '{' {
		return fmt.Errorf("GET %s: product %s is answered by %q", address, product, body)
	}
	return nil
}

func (l *library) close() error {
	var errs []error
	if l.bare != nil {
		errs = append(errs, l.bare.Close())
	}
	if l.pool != nil {
		l.pool.Close()
	}
	return errors.Join(append(errs, l.archive.close())...)
}

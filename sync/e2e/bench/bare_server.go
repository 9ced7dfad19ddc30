package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// bareServer answers with the rows of selects as JSON: net/http and pgx, and nothing on top.
type bareServer struct {
	pool *pgxpool.Pool
	http *http.Server
	url  string
}

// bareSelect is what is selected at an address; its arguments are those parts of the path.
type bareSelect struct {
	sql  string
	args []string
}

// openBareServer starts one over a database, with what is selected by pattern.
func openBareServer(ctx context.Context, postgres string, selects map[string]bareSelect) (*bareServer, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the bare server: %w", err)
	}
	pool, err := pgxpool.New(ctx, postgres)
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	mux := http.NewServeMux()
	for pattern, s := range selects {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { s.answer(w, r, pool) })
	}
	b := &bareServer{pool: pool, http: &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}, url: "http://" + listener.Addr().String()}
	go func() { _ = b.http.Serve(listener) }() // until it is closed
	return b, nil
}

func (s bareSelect) answer(w http.ResponseWriter, r *http.Request, pool *pgxpool.Pool) {
	args := make([]any, len(s.args))
	for i, name := range s.args {
		args[i] = r.PathValue(name)
	}
	rows, err := pool.Query(r.Context(), s.sql, args...)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	all, err := pgx.CollectRows(rows, pgx.RowToMap)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(all) // or the reader says that something is missing
}

func (b *bareServer) close() error {
	if b == nil {
		return nil
	}
	err := b.http.Close()
	b.pool.Close()
	return err
}

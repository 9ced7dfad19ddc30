package bench

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"comptant/hq/db/postgres"
	"comptant/shared/retail"
	"comptant/shared/secret"
	"comptant/sync/e2e/fleet"
	"comptant/terminal/lane"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// office is headquarters as its own process, with a Postgres that flushes, and a connection to look into that.
type office struct {
	postgres *postgres.Server
	hq       *fleet.HQ
	conn     *pgx.Conn
	products []retail.Product
}

// openOffice starts Postgres and headquarters on an empty folder, with stores and products.
func openOffice(ctx context.Context, place Place, stores int, products []retail.Product) (*office, error) {
	o := &office{products: products}
	if err := o.start(ctx, place, stores); err != nil {
		return nil, errors.Join(err, o.close())
	}
	return o, nil
}

func (o *office) start(ctx context.Context, place Place, stores int) (err error) {
	if o.postgres, err = postgres.Start(ctx, postgres.Options{Dir: filepath.Join(place.Dir, "postgres"), Log: slog.New(slog.DiscardHandler)}); err != nil {
		return err
	}
	bin, err := fleet.Build(ctx, place.Programs, "comptant/hq/cmd/hq")
	if err != nil {
		return err
	}
	o.hq = &fleet.HQ{Bin: bin, Home: place.Dir, DatabaseURL: o.postgres.URL()}
	if err := o.hq.Start(ctx); err != nil {
		return err
	}
	if o.conn, err = pgx.Connect(ctx, o.postgres.URL()); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	return o.furnish(ctx, stores)
}

// furnish writes the stores and the products.
func (o *office) furnish(ctx context.Context, stores int) error {
	var batch pgx.Batch
	for i := range stores {
		batch.Queue(`INSERT INTO stock.location (id, kind, code, name, zone) VALUES ($1, 1, $2, $3, 'America/Toronto')`,
			storeID(i), storeCode(i), "Magasin "+storeCode(i))
	}
	batch.Queue(`INSERT INTO catalog.category (id, name_fr, name_en) VALUES ($1, 'Épicerie', 'Grocery')`, seeded(2, 0))
	for _, p := range o.products {
		batch.Queue(`INSERT INTO catalog.product (id, sku, name_fr, name_en, category_id, price, cost, tax_class) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			p.ID, p.SKU, p.Name.FR, p.Name.EN, p.Category, int64(p.Price), int64(p.Price*7/10), int16(p.Class))
	}
	if err := o.conn.SendBatch(ctx, &batch).Close(); err != nil {
		return fmt.Errorf("write stores and products: %w", err)
	}
	return nil
}

func storeID(i int) uuid.UUID { return seeded(6, i) }

func storeCode(i int) string { return fmt.Sprintf("M%d", i+1) }

// enrol makes folders of tills, spread over so many stores from one on.
func (o *office) enrol(ctx context.Context, dir string, tills, from, stores int) ([]string, error) {
	dirs := make([]string, tills)
	for i := range dirs {
		code := secret.Code()
		hash := secret.HashToken(code)
		if _, err := o.conn.Exec(ctx, `INSERT INTO tills.code (id, store_id, number, hash, expires_at) VALUES ($1, $2, $3, $4, now() + interval '1 hour')`,
			uuid.Must(uuid.NewV7()), storeID(from+i%stores), 1+i/stores, hash[:]); err != nil {
			return nil, fmt.Errorf("write a code: %w", err)
		}
		dirs[i] = filepath.Join(dir, fmt.Sprintf("till%d", i))
		if err := lane.Enrol(ctx, dirs[i], o.hq.URL(), code, fleet.App); err != nil {
			return nil, err
		}
	}
	return dirs, nil
}

// version is that of Postgres.
func (o *office) version(ctx context.Context) (version string, err error) {
	return version, o.conn.QueryRow(ctx, `SHOW server_version`).Scan(&version)
}

// checkpoint leaves Postgres nothing to write that is older than what comes now.
func (o *office) checkpoint(ctx context.Context) error {
	if _, err := o.conn.Exec(ctx, `CHECKPOINT`); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	return nil
}

// cpu is the processor time of everything that takes part: headquarters, Postgres and this process.
func (o *office) cpu() time.Duration {
	return ownTime() + familyTime(o.hq.PID(), o.postgres.PID())
}

func (o *office) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var errs []error
	if o.conn != nil {
		errs = append(errs, o.conn.Close(ctx))
	}
	if o.hq != nil {
		errs = append(errs, o.hq.Stop())
	}
	if o.postgres != nil {
		errs = append(errs, o.postgres.Stop(ctx))
	}
	return errors.Join(errs...)
}

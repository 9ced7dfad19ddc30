package stock

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/shared/retail"
)

// Querier is what reading needs: the pool or a transaction.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// codeForm is that of a location's code, which is printed in receipt numbers.
var codeForm = regexp.MustCompile(`^[A-Z0-9]{2,4}$`)

// Locations gives every store and warehouse, stores first, by name.
func Locations(ctx context.Context, q Querier) ([]retail.Location, error) {
	rows, err := q.Query(ctx, `SELECT id, kind, code, name, zone, address, currency FROM stock.location ORDER BY kind, name`)
	if err != nil {
		return nil, fmt.Errorf("list locations: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[retail.Location])
	if err != nil {
		return nil, fmt.Errorf("list locations: %w", err)
	}
	return all, nil
}

// Stores are the locations that sell.
func Stores(ctx context.Context, q Querier) ([]retail.Location, error) {
	return ofKind(ctx, q, retail.LocationStore)
}

// Warehouses are the locations that supply the stores.
func Warehouses(ctx context.Context, q Querier) ([]retail.Location, error) {
	return ofKind(ctx, q, retail.LocationWarehouse)
}

func ofKind(ctx context.Context, q Querier, kind retail.LocationKind) ([]retail.Location, error) {
	all, err := Locations(ctx, q)
	return slices.DeleteFunc(all, func(l retail.Location) bool { return l.Kind != kind }), err
}

// Location gives one location.
func Location(ctx context.Context, q Querier, id uuid.UUID) (retail.Location, error) {
	return location(ctx, q, `SELECT id, kind, code, name, zone, address, currency FROM stock.location WHERE id = $1`, id)
}

// LockLocation gives one that nobody else may change until the transaction ends.
func LockLocation(ctx context.Context, tx *db.Tx, id uuid.UUID) (retail.Location, error) {
	return location(ctx, tx, `SELECT id, kind, code, name, zone, address, currency FROM stock.location WHERE id = $1 FOR UPDATE`, id)
}

// kept is the advisory lock on which locations there are: who writes for many shares it, who removes one has it alone.
const kept = `hashtextextended('stock.locations', 0)`

// KeepLocations keeps every location from being removed until the transaction ends: what it writes for one finds it there.
func KeepLocations(ctx context.Context, tx *db.Tx) error {
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock_shared(`+kept+`)`); err != nil {
		return fmt.Errorf("keep locations: %w", err)
	}
	return nil
}

// LockToRemove is LockLocation for RemoveLocation. While somebody keeps the locations it refuses: an import may take minutes.
func LockToRemove(ctx context.Context, tx *db.Tx, id uuid.UUID) (retail.Location, error) {
	var free bool
	if err := tx.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock(`+kept+`)`).Scan(&free); err != nil {
		return retail.Location{}, fmt.Errorf("lock locations: %w", err)
	}
	if !free {
		return retail.Location{}, &retail.Error{Code: retail.Conflict, Key: "location.busy"}
	}
	return LockLocation(ctx, tx, id)
}

func location(ctx context.Context, q Querier, query string, id uuid.UUID) (retail.Location, error) {
	rows, err := q.Query(ctx, query, id)
	if err != nil {
		return retail.Location{}, fmt.Errorf("read location %s: %w", id, err)
	}
	l, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[retail.Location])
	if errors.Is(err, pgx.ErrNoRows) {
		return l, &retail.Error{Code: retail.NotFound, Key: "location.unknown", Args: map[string]any{"id": id}}
	}
	if err != nil {
		return l, fmt.Errorf("read location %s: %w", id, err)
	}
	return l, nil
}

// PutLocations writes locations by id and tells every till. A code or a name that another location has is refused.
func PutLocations(ctx context.Context, tx *db.Tx, locations ...retail.Location) error {
	for _, l := range locations {
		if err := checkLocation(l); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `
			INSERT INTO stock.location (id, kind, code, name, zone, address, currency) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, code = excluded.code, name = excluded.name,
				zone = excluded.zone, address = excluded.address, currency = excluded.currency`,
			l.ID, int16(l.Kind), l.Code, l.Name, l.Zone, l.Address, l.Currency)
		var said *pgconn.PgError
		if errors.As(err, &said) && said.Code == "23505" {
			key, value := "location.code_taken", l.Code
			if strings.Contains(said.ConstraintName, "name") {
				key, value = "location.name_taken", l.Name
			}
			return &retail.Error{Code: retail.Conflict, Key: key, Args: map[string]any{"value": value}, Err: err}
		}
		if err != nil {
			return fmt.Errorf("write location %s: %w", l.Code, err)
		}
		row, err := feed.NewRow(retail.RowLocation, l.ID, l)
		if err != nil {
			return err
		}
		feed.Publish(ctx, tx, feed.Global, row)
	}
	return nil
}

// RemoveLocation takes away a location, given by LockToRemove, of which nothing is known but what it is, and tells every till. One that
// anything moved at, or was asked, promised or bought for, is refused.
func RemoveLocation(ctx context.Context, tx *db.Tx, l retail.Location) error {
	var used bool
	err := tx.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM stock.movement WHERE location_id = $1) OR EXISTS (SELECT FROM stock.restock WHERE location_id = $1)
			OR EXISTS (SELECT FROM stock.shipment WHERE location_id = $1 OR from_id = $1) OR EXISTS (SELECT FROM stock.purchase WHERE location_id = $1)
			OR EXISTS (SELECT FROM stock.reservation WHERE location_id = $1)`, l.ID).Scan(&used)
	if err != nil {
		return fmt.Errorf("look for what location %s has: %w", l.Code, err)
	}
	if used {
		return Used(l)
	}
	for _, table := range []string{"stock.threshold", "stock.automatic", "stock.level"} {
		if _, err := tx.Exec(ctx, `DELETE FROM `+table+` WHERE location_id = $1`, l.ID); err != nil {
			return fmt.Errorf("remove location %s: %w", l.Code, err)
		}
	}
	if _, err := tx.Exec(ctx, `DELETE FROM stock.location WHERE id = $1`, l.ID); err != nil {
		return fmt.Errorf("remove location %s: %w", l.Code, err)
	}
	feed.Remove(ctx, tx, feed.Global, retail.RowLocation, l.ID)
	return nil
}

// Used says that a location has a past, and stays.
func Used(l retail.Location) error {
	return &retail.Error{Code: retail.Conflict, Key: "location.used", Args: map[string]any{"name": l.Name}}
}

func checkLocation(l retail.Location) error {
	wrong := func(key, value string) error {
		return &retail.Error{Code: retail.Invalid, Key: key, Args: map[string]any{"value": value}}
	}
	switch {
	case l.ID == uuid.Nil:
		return errors.New("write location: no id")
	case l.Kind != retail.LocationStore && l.Kind != retail.LocationWarehouse:
		return wrong("location.kind", fmt.Sprint(l.Kind))
	case !codeForm.MatchString(l.Code):
		return wrong("location.code", l.Code)
	case strings.TrimSpace(l.Name) == "":
		return wrong("location.name", l.Name)
	}
	if _, err := time.LoadLocation(l.Zone); err != nil || l.Zone == "" || l.Zone == "Local" {
		return wrong("location.zone", l.Zone)
	}
	return nil
}

package importer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/stock"
)

// namespace makes ids out of what a file calls things, so that the same file makes the same things everywhere.
var namespace = uuid.MustParse("0190d3e0-0000-7000-8000-c0397a070001")

func newID(kind, key string) uuid.UUID { return uuid.NewSHA1(namespace, []byte(kind+" "+key)) }

// ErrBadRows is why Apply refused: nothing was imported.
var ErrBadRows = errors.New("nothing was imported: the file has bad rows")

// Plan is what importing a file does.
type Plan struct {
	New, Changed, Unchanged int
	// Ended are those of Changed that end a store's own price.
	Ended int
	// Bad are all rows that cannot be imported, by line: those that are not well formed, and those that do not fit what is
	// there.
	Bad []Bad

	write func(ctx context.Context, tx *db.Tx, at time.Time) error
}

// Preview tells what Apply would do, and does nothing.
func (f *File) Preview(ctx context.Context, d *db.DB) (Plan, error) {
	var plan Plan
	err := d.InTxOptions(ctx, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx *db.Tx) (err error) {
		plan, err = f.compare(ctx, tx)
		return err
	})
	if err != nil {
		return plan, fmt.Errorf("preview the import of %s: %w", f.Kind, err)
	}
	return plan, nil
}

// Apply imports the file, all or nothing. The error wraps ErrBadRows when a row is bad; the plan says which.
func (f *File) Apply(ctx context.Context, d *db.DB, now time.Time) (Plan, error) {
	var plan Plan
	err := d.InTx(ctx, func(tx *db.Tx) (err error) {
		plan, err = f.ApplyIn(ctx, tx, now)
		return err
	})
	if err != nil {
		return plan, fmt.Errorf("import %s: %w", f.Kind, err)
	}
	return plan, nil
}

// ApplyIn is Apply in the caller's transaction, which must be given up when it fails.
func (f *File) ApplyIn(ctx context.Context, tx *db.Tx, now time.Time) (plan Plan, err error) {
	if err := stock.KeepLocations(ctx, tx); err != nil {
		return plan, err
	}
	if f.Kind == Products || f.Kind == Prices { // the file's prices are compared with those in force
		if err := catalog.Activate(ctx, tx, now); err != nil {
			return plan, err
		}
	}
	if plan, err = f.compare(ctx, tx); err != nil {
		return plan, err
	}
	if len(plan.Bad) > 0 {
		return plan, fmt.Errorf("%w: %d, the first on line %d", ErrBadRows, len(plan.Bad), plan.Bad[0].Line)
	}
	if plan.write == nil { // nothing is new
		return plan, nil
	}
	return plan, plan.write(ctx, tx, now)
}

// compare works out what the rows do to what is there.
func (f *File) compare(ctx context.Context, tx *db.Tx) (plan Plan, err error) {
	plan.Bad = slices.Clone(f.Bad)
	switch f.Kind {
	case Products:
		err = f.compareProducts(ctx, tx, &plan)
	case Stores:
		err = f.compareStores(ctx, tx, &plan)
	case Stock:
		err = f.compareStock(ctx, tx, &plan)
	case Charges:
		err = f.compareCharges(ctx, tx, &plan)
	case Taxes:
		err = f.compareTaxes(ctx, tx, &plan)
	case Prices, Barcodes:
		err = f.compareParts(ctx, tx, &plan)
	case Customers:
		err = f.compareCustomers(ctx, tx, &plan)
	case Sales:
		err = f.compareSales(ctx, tx, &plan)
	case Adjustments:
		err = f.compareAdjustments(ctx, tx, &plan)
	}
	slices.SortStableFunc(plan.Bad, func(a, b Bad) int { return cmp.Compare(a.Line, b.Line) })
	return plan, err
}

func (p *Plan) bad(line int, format string, args ...any) {
	p.Bad = append(p.Bad, Bad{line, fmt.Sprintf(format, args...)})
}

// count says what became of a row.
func (p *Plan) count(known, same bool) {
	switch {
	case !known:
		p.New++
	case same:
		p.Unchanged++
	default:
		p.Changed++
	}
}

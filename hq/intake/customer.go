package intake

import (
	"context"
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"

	"comptant/hq/db"
	"comptant/hq/users"
	"comptant/shared/retail"
	"comptant/sync/wire"
)

// keepCustomer takes a customer whom a till of the store sends, as often as it does.
func (d *Desk) keepCustomer(ctx context.Context, store uuid.UUID, m wire.Command) error {
	var c retail.Customer
	if err := cbor.Unmarshal(m.Args, &c); err != nil || c.ID == uuid.Nil || c.Erased {
		return wire.Invalid
	}
	err := d.db.InTx(ctx, func(tx *db.Tx) error { return users.PutCustomer(ctx, tx, store, c) })
	if known := (*retail.Error)(nil); errors.As(err, &known) {
		return wire.Invalid
	}
	if err != nil {
		return fmt.Errorf("customer %s: %w", c.ID, err)
	}
	return nil
}

// customers notes whose sales the items are.
func (l *lane) customers(ctx context.Context, tx *db.Tx, items []*item) error {
	var uses []users.CustomerUse
	for _, it := range items {
		if sale, ok := it.body.(retail.Sale); ok && sale.Customer != uuid.Nil {
			uses = append(uses, users.CustomerUse{Store: l.store, Customer: sale.Customer, At: it.document.At})
		}
	}
	return users.UseCustomers(ctx, tx, uses...)
}

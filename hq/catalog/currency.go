package catalog

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// Currencies are all there are, by code.
func Currencies(ctx context.Context, q Querier) ([]retail.Currency, error) {
	rows, err := q.Query(ctx, `SELECT code, symbol, minor, notes, coins, rolls, cash_step FROM catalog.currency ORDER BY code`)
	if err != nil {
		return nil, fmt.Errorf("list currencies: %w", err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c retail.Currency, err error) {
		var notes, coins []int64
		err = row.Scan(&c.Code, &c.Symbol, &c.Minor, &notes, &coins, &c.Rolls, &c.CashStep)
		c.Notes, c.Coins = amounts(notes), amounts(coins)
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("list currencies: %w", err)
	}
	return all, nil
}

// KnownCurrency refuses a code that no currency has; empty is the default one.
func KnownCurrency(ctx context.Context, q Querier, code string) error {
	if code == "" {
		return nil
	}
	known, err := Currencies(ctx, q)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(known, func(c retail.Currency) bool { return c.Code == code }) {
		return &retail.Error{Code: retail.Invalid, Key: "location.currency", Args: map[string]any{"value": code}}
	}
	return nil
}

// PutCurrencies writes currencies by code and tells every till.
func PutCurrencies(ctx context.Context, tx *db.Tx, currencies ...retail.Currency) error {
	for _, c := range currencies {
		if !c.Valid() {
			return &retail.Error{Code: retail.Invalid, Key: "currency.wrong", Args: map[string]any{"code": c.Code}}
		}
		_, err := tx.Exec(ctx, `
			INSERT INTO catalog.currency (code, symbol, minor, notes, coins, rolls, cash_step) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (code) DO UPDATE SET symbol = excluded.symbol, minor = excluded.minor, notes = excluded.notes,
				coins = excluded.coins, rolls = excluded.rolls, cash_step = excluded.cash_step`,
			c.Code, c.Symbol, c.Minor, cents(c.Notes), cents(c.Coins), append([]int64{}, c.Rolls...), int64(c.CashStep))
		if err != nil {
			return fmt.Errorf("write currency %s: %w", c.Code, err)
		}
		row, err := feed.NewRow(retail.RowCurrency, c.RowID(), c)
		if err != nil {
			return err
		}
		feed.Publish(ctx, tx, feed.Global, row)
	}
	return nil
}

// EnsureCurrencies writes those that are not there yet; what somebody changed stays as it is.
func EnsureCurrencies(ctx context.Context, tx *db.Tx, currencies []retail.Currency) error {
	have, err := Currencies(ctx, tx)
	if err != nil {
		return err
	}
	return PutCurrencies(ctx, tx, slices.DeleteFunc(slices.Clone(currencies), func(c retail.Currency) bool {
		return slices.ContainsFunc(have, func(h retail.Currency) bool { return h.Code == c.Code })
	})...)
}

func amounts(of []int64) []money.Amount {
	all := make([]money.Amount, len(of))
	for i, a := range of {
		all[i] = money.Amount(a)
	}
	return all
}

func cents(of []money.Amount) []int64 {
	all := make([]int64, len(of))
	for i, a := range of {
		all[i] = int64(a)
	}
	return all
}

package sales

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/shared/money"
	"comptant/shared/retail"
)

// receiptPage is how many receipts a page has when nobody says.
const receiptPage = 50

// Key names a document.
type Key struct {
	Store        uuid.UUID
	BusinessDate retail.Date
	Till         uuid.UUID
	Epoch, Seq   uint64
	Branch       int
}

// Receipt is a sale or refund in a list.
type Receipt struct {
	Key
	Number uint64
	// Source is what another system called a sale of before; empty for what a till wrote.
	Source string
	Refund bool
	Void   bool
	// Customer is whose sale it was; nil for nobody known.
	Customer *uuid.UUID
	At       time.Time
	User     uuid.UUID
	Units    money.Quantity
	// Amounts of a refund are negative.
	Revenue, Discount, Cost, Charges, Total, Rounding, Cash, Card, Online money.Amount
	Taxes                                                                 []Tax
}

// ReceiptFilter narrows a list of receipts.
type ReceiptFilter struct {
	Stores []uuid.UUID
	Period
	// Till, User and Product are whose receipts, and of what; the zero UUID for all.
	Till, User, Product uuid.UUID
	Only                Only
	PaidBy              PaidBy
	// Before is Next of the page before.
	Before string
	Limit  int
}

// Only is which receipts; all when empty.
type Only string

const (
	OnlyRefunds   Only = "refunds"
	OnlyVoids     Only = "voids"
	OnlyDiscounts Only = "discounts"
)

// where narrows a list of documents.
func (f ReceiptFilter) where(args pgx.NamedArgs) string {
	where := "store_id = ANY(@stores) AND business_date BETWEEN @from AND @to"
	args["stores"], args["from"], args["to"] = f.Stores, f.From, f.To
	for column, id := range map[string]uuid.UUID{"till_id": f.Till, "user_id": f.User} {
		if id != uuid.Nil {
			where += " AND " + column + " = @" + column
			args[column] = id
		}
	}
	if f.Product != uuid.Nil {
		where += ` AND EXISTS (SELECT FROM sales.line l WHERE (l.store_id, l.business_date, l.till_id, l.epoch, l.seq, l.branch)
			= (d.store_id, d.business_date, d.till_id, d.epoch, d.seq, d.branch) AND l.product_id = @product)`
		args["product"] = f.Product
	}
	if f.PaidBy != "" {
		where += " AND " + paidBy + " = @paid"
		args["paid"] = f.PaidBy
	}
	switch f.Only {
	case OnlyRefunds:
		where += " AND refund"
	case OnlyVoids:
		where += " AND void"
	case OnlyDiscounts:
		where += " AND discount <> 0"
	}
	return where
}

// ReceiptPage is a part of the receipts, newest first. Next asks for the following page; empty on the last.
type ReceiptPage struct {
	Receipts []Receipt
	Next     string
}

const receiptColumns = `store_id, business_date, till_id, epoch, seq, branch, number, refund, at, user_id,
	units, revenue, discount, cost, total, rounding, cash, card, taxes, void, charges, customer_id, source, online`

func receiptOf(row pgx.CollectableRow) (r Receipt, err error) {
	return r, row.Scan(&r.Store, &r.BusinessDate, &r.Till, &r.Epoch, &r.Seq, &r.Branch, &r.Number, &r.Refund, &r.At, &r.User,
		&r.Units, &r.Revenue, &r.Discount, &r.Cost, &r.Total, &r.Rounding, &r.Cash, &r.Card, &r.Taxes, &r.Void, &r.Charges, &r.Customer, &r.Source, &r.Online)
}

// Receipts lists sales and refunds.
func Receipts(ctx context.Context, q Querier, f ReceiptFilter) (ReceiptPage, error) {
	limit := f.Limit
	if limit <= 0 {
		limit = receiptPage
	}
	args := pgx.NamedArgs{"limit": limit + 1}
	where := f.where(args)
	if f.Before != "" {
		k, err := readCursor(f.Before)
		if err != nil {
			return ReceiptPage{}, err
		}
		where += " AND (business_date, at, till_id, epoch, seq, branch) < (@date, @at, @till, @epoch, @seq, @branch)"
		args["date"], args["at"], args["till"] = k.BusinessDate, k.At, k.Till
		args["epoch"], args["seq"], args["branch"] = k.Epoch, k.Seq, k.Branch
	}
	rows, err := q.Query(ctx, `SELECT `+receiptColumns+` FROM sales.document d WHERE `+where+`
		ORDER BY business_date DESC, at DESC, till_id DESC, epoch DESC, seq DESC, branch DESC LIMIT @limit`, args)
	if err != nil {
		return ReceiptPage{}, fmt.Errorf("list receipts: %w", err)
	}
	found, err := pgx.CollectRows(rows, receiptOf)
	if err != nil {
		return ReceiptPage{}, fmt.Errorf("list receipts: %w", err)
	}
	page := ReceiptPage{Receipts: found}
	if len(found) > limit {
		page.Receipts = found[:limit]
		if page.Next, err = cursor(found[limit-1]); err != nil {
			return ReceiptPage{}, err
		}
	}
	return page, nil
}

// place is where a page of receipts ends.
type place struct {
	Key
	At time.Time
}

func cursor(r Receipt) (string, error) {
	b, err := json.Marshal(place{r.Key, r.At})
	return base64.RawURLEncoding.EncodeToString(b), err
}

func readCursor(s string) (p place, err error) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err == nil {
		err = json.Unmarshal(b, &p)
	}
	if err != nil {
		return p, &retail.Error{Code: retail.Invalid, Key: "page.unknown", Err: err}
	}
	return p, nil
}

// OneReceipt gives a sale or refund with its lines.
func OneReceipt(ctx context.Context, q Querier, k Key) (Receipt, []Line, error) {
	const where = ` WHERE store_id = $1 AND business_date = $2 AND till_id = $3 AND epoch = $4 AND seq = $5 AND branch = $6`
	args := []any{k.Store, k.BusinessDate, k.Till, k.Epoch, k.Seq, k.Branch}
	rows, err := q.Query(ctx, `SELECT `+receiptColumns+` FROM sales.document`+where, args...)
	if err != nil {
		return Receipt{}, nil, fmt.Errorf("read receipt %v: %w", k, err)
	}
	found, err := pgx.CollectRows(rows, receiptOf)
	if err != nil {
		return Receipt{}, nil, fmt.Errorf("read receipt %v: %w", k, err)
	}
	if len(found) == 0 {
		return Receipt{}, nil, &retail.Error{Code: retail.NotFound, Key: "receipt.unknown"}
	}
	rows, err = q.Query(ctx, `SELECT product_id, quantity, revenue, discount, cost FROM sales.line`+where+` ORDER BY line`, args...)
	if err != nil {
		return Receipt{}, nil, fmt.Errorf("read lines of receipt %v: %w", k, err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Line])
	if err != nil {
		return Receipt{}, nil, fmt.Errorf("read lines of receipt %v: %w", k, err)
	}
	return found[0], lines, nil
}

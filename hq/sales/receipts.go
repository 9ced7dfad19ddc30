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

// ReceiptFilter narrows a list of receipts. Where it is of goods, the figures of a receipt that are sums of its lines are of those alone.
type ReceiptFilter struct {
	Stores []uuid.UUID
	Period
	Narrowing
	// Till is the zero UUID for all.
	Till uuid.UUID
	Only Only
	// Tax is the code of one that was charged; Rate its rate, or 0 for any.
	Tax  string
	Rate money.Rate
	// Hour is one of the day, by the clock of each store: Zones are those of Stores, in their order. nil for the whole day.
	Hour  *int
	Zones []string
	// Shift is one of the till's; nil for all.
	Shift *Shift
	// Before is Next of the page before.
	Before string
	Limit  int
}

// Shift is what a till wrote between the entry that opened a shift and the one that closed it, which is zero while it is open.
type Shift struct{ Opened, Closed Entry }

// Entry is the place of an entry in its till's journal.
type Entry struct{ Epoch, Seq uint64 }

// Only is which receipts; all when empty.
type Only string

const (
	// OnlySales are those that make up the tickets: sales, and voids, which take one away.
	OnlySales     Only = "sales"
	OnlyRefunds   Only = "refunds"
	OnlyVoids     Only = "voids"
	OnlyDiscounts Only = "discounts"
	OnlyCharges   Only = "charges"
	OnlyRounding  Only = "rounding"
	OnlyCash      Only = "cash"
	OnlyCard      Only = "card"
	OnlyOnline    Only = "online"
)

var onlyWhere = map[Only]string{
	OnlySales: "NOT refund", OnlyRefunds: "refund", OnlyVoids: "void", OnlyDiscounts: "discount <> 0", OnlyCharges: "charges <> 0",
	OnlyRounding: "rounding <> 0", OnlyCash: "cash <> 0", OnlyCard: "card <> 0", OnlyOnline: "online <> 0",
}

// where narrows a list of documents.
func (f ReceiptFilter) where(args pgx.NamedArgs) string {
	where := "d.store_id = ANY(@stores) AND business_date BETWEEN @from AND @to" + f.Narrowing.where(args)
	args["stores"], args["from"], args["to"] = f.Stores, f.From, f.To
	if f.Till != uuid.Nil {
		where += " AND till_id = @till_id"
		args["till_id"] = f.Till
	}
	if only, ok := onlyWhere[f.Only]; ok {
		where += " AND " + only
	}
	if f.Tax != "" {
		where += " AND EXISTS (SELECT FROM " + taxesOf + " WHERE tax.code = @tax AND (@rate = 0 OR tax.rate = @rate))"
		args["tax"], args["rate"] = f.Tax, int64(f.Rate)
	}
	if f.Hour != nil {
		where += ` AND @hour = (SELECT extract(hour FROM d.at AT TIME ZONE place.zone) FROM unnest(@stores::uuid[], @zones::text[]) AS place (id, zone)
			WHERE place.id = d.store_id)`
		args["hour"], args["zones"] = *f.Hour, f.Zones
	}
	if f.Shift != nil {
		where += " AND (epoch, seq) > (@opened_epoch, @opened_seq) AND (@closed_seq = 0 OR (epoch, seq) < (@closed_epoch, @closed_seq))"
		args["opened_epoch"], args["opened_seq"] = int64(f.Shift.Opened.Epoch), int64(f.Shift.Opened.Seq)
		args["closed_epoch"], args["closed_seq"] = int64(f.Shift.Closed.Epoch), int64(f.Shift.Closed.Seq)
	}
	return where
}

// SumReceipts is what all receipts of a list come to, whatever its page; with their tax where one is asked for.
func SumReceipts(ctx context.Context, q Querier, f ReceiptFilter) (Sales, error) {
	args := pgx.NamedArgs{}
	where := f.where(args)
	from := f.documents(args)
	var s Sales
	rows, err := q.Query(ctx, `SELECT `+documentSums+` FROM `+from+` WHERE `+where+` HAVING count(*) > 0`, args)
	if err != nil {
		return s, fmt.Errorf("add receipts up: %w", err)
	}
	if _, err := pgx.ForEachRow(rows, s.fields(), func() error { return nil }); err != nil {
		return s, fmt.Errorf("add receipts up: %w", err)
	}
	if f.Tax == "" {
		return s, nil
	}
	rows, err = q.Query(ctx, `
		SELECT tax.code, tax.rate, sum(tax.base)::bigint, sum(tax.amount)::bigint FROM `+from+`, `+taxesOf+`
		WHERE `+where+` AND tax.code = @tax AND (@rate = 0 OR tax.rate = @rate) GROUP BY 1, 2 ORDER BY 2`, args)
	if err != nil {
		return s, fmt.Errorf("add taxes of receipts up: %w", err)
	}
	s.Taxes, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Tax])
	if err != nil {
		return s, fmt.Errorf("add taxes of receipts up: %w", err)
	}
	return s, nil
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
	rows, err := q.Query(ctx, `SELECT `+receiptColumns+` FROM `+f.documents(args)+` WHERE `+where+`
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

package sales

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Narrowing is which sales are meant, of all there are. What is zero does not narrow them.
type Narrowing struct {
	Category, Product, Cashier uuid.UUID
	PaidBy                     PaidBy
	// CategoryOf is needed where a category is named or asked for. A product it does not have is of the zero UUID.
	CategoryOf map[uuid.UUID]uuid.UUID
}

// Narrows says that not all sales are meant.
func (n Narrowing) Narrows() bool { return n.OfGoods() || n.Cashier != uuid.Nil || n.PaidBy != "" }

// OfGoods says that parts of documents are meant: the lines of some products. Taxes, tenders and all else that a document has
// but once is of no part of it.
func (n Narrowing) OfGoods() bool { return n.Product != uuid.Nil || n.Category != uuid.Nil }

// products are those whose lines are meant.
func (n Narrowing) products() []uuid.UUID {
	products := []uuid.UUID{}
	if n.Category == uuid.Nil {
		return append(products, n.Product)
	}
	for product, category := range n.CategoryOf {
		if category == n.Category && (n.Product == uuid.Nil || n.Product == product) {
			products = append(products, product)
		}
	}
	return products
}

// where narrows documents d by who sold and how they were paid.
func (n Narrowing) where(args pgx.NamedArgs) (where string) {
	if n.Cashier != uuid.Nil {
		where += " AND d.user_id = @cashier"
		args["cashier"] = n.Cashier
	}
	if n.PaidBy != "" {
		where += " AND " + paidBy + " = @paid"
		args["paid"] = n.PaidBy
	}
	return where
}

// documents are the documents d of @stores from @from to @to. Where parts of them are meant, their units, revenue, discount and
// cost are those of the parts.
func (n Narrowing) documents(args pgx.NamedArgs) string {
	if !n.OfGoods() {
		return "sales.document d"
	}
	args["products"] = n.products()
	return `(
		SELECT d.store_id, d.business_date, d.till_id, d.epoch, d.seq, d.branch, d.number, d.refund, d.at, d.user_id, l.units, l.revenue, l.discount,
			l.cost, d.total, d.rounding, d.cash, d.card, d.taxes, d.void, d.charges, d.customer_id, d.source, d.online
		FROM sales.document d JOIN (
			SELECT store_id, business_date, till_id, epoch, seq, branch, sum(quantity)::bigint AS units, sum(revenue)::bigint AS revenue,
				sum(discount)::bigint AS discount, sum(cost)::bigint AS cost
			FROM sales.line WHERE store_id = ANY(@stores) AND business_date BETWEEN @from AND @to AND product_id = ANY(@products)
			GROUP BY 1, 2, 3, 4, 5, 6
		) l USING (store_id, business_date, till_id, epoch, seq, branch)) d`
}

// taxesOf are the taxes of documents d, as rows tax. Of history there are none.
const taxesOf = `jsonb_to_recordset(CASE jsonb_typeof(d.taxes) WHEN 'array' THEN d.taxes ELSE '[]' END) AS tax (code text, rate bigint, base bigint, amount bigint)`

// narrowedDays is byDay of some documents, or of parts of them.
func (n Narrowing) narrowedDays(ctx context.Context, q Querier, stores []uuid.UUID, p Period) ([]storeDay, error) {
	args := pgx.NamedArgs{"stores": stores, "from": p.From, "to": p.To}
	rows, err := q.Query(ctx, `
		SELECT store_id, business_date, `+documentSums+` FROM `+n.documents(args)+`
		WHERE d.store_id = ANY(@stores) AND d.business_date BETWEEN @from AND @to`+n.where(args)+` GROUP BY 1, 2 ORDER BY 2, 1`, args)
	if err != nil {
		return nil, fmt.Errorf("read sums of documents by day: %w", err)
	}
	days, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (d storeDay, err error) {
		if err := row.Scan(append([]any{&d.store, &d.date}, d.figures.fields()...)...); err != nil {
			return d, err
		}
		if n.OfGoods() {
			d.figures = d.figures.ofGoods()
		}
		return d, nil
	})
	if err != nil {
		return nil, fmt.Errorf("read sums of documents by day: %w", err)
	}
	return days, nil
}

// ofGoods are the figures without those that parts of documents do not have.
func (f Figures) ofGoods() Figures {
	f.Charges, f.Total, f.Rounding, f.Cash, f.Card, f.Online = 0, 0, 0, 0, 0, 0
	return f
}

package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"comptant/shared/secret"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

const (
	// archivedLines are the lines of sales that headquarters has, of a year that ends on the last of November 2026.
	archivedLines  = 10_000_000
	archiveStores  = 50
	archiveGoods   = 5000
	archiveTokens  = 400 // a token may ask so often a second
	archiveFrom    = "2025-12-01"
	archiveLastDay = "2026-11-30"
)

// archive is headquarters with a year of sales, and programs that read them.
type archive struct {
	*office
	lines  int
	tokens []string
	asked  int
	client *http.Client
}

// openArchive writes the sales as they would have come in: a day after the other, 8 cashiers a store, three lines a receipt, one in 40 a
// refund, half of them by card, and few products that sell most.
func openArchive(ctx context.Context, place Place) (a *archive, err error) {
	a = &archive{lines: place.size(archivedLines, 3000), client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: readers}}}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.close())
		}
	}()
	products, err := goods(place.Data, place.size(archiveGoods, 50))
	if err != nil {
		return a, err
	}
	if a.office, err = openOffice(ctx, place, place.size(archiveStores, 2), products); err != nil {
		return a, err
	}
	if err := a.token(ctx); err != nil {
		return a, err
	}
	fmt.Fprintf(place.Progress, "  writing %d lines of sales\n", a.lines)
	for _, sql := range []string{
		`CREATE SCHEMA bare`,
		`CREATE TABLE bare.store AS SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM stock.location`,
		`CREATE TABLE bare.product AS SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM catalog.product`,
		// Half of the products are of a category of their own.
		`INSERT INTO catalog.category (id, name_fr, name_en) VALUES (md5('fresh')::uuid, 'Frais', 'Fresh')`,
		`UPDATE catalog.product SET category_id = md5('fresh')::uuid WHERE id IN (SELECT id FROM bare.product WHERE n % 2 = 1)`,
		`INSERT INTO sales.document (store_id, business_date, till_id, epoch, seq, branch, number, refund, at, user_id, units, revenue, discount,
			cost, total, rounding, cash, card, taxes)
		SELECT s.id, to_char(at, 'YYYYMMDD')::int, md5('till' || s.n)::uuid, 1, g.n, 0, g.n, sign < 0, at,
			md5('user' || s.n || '.' || g.n / 50 % 8)::uuid, 3000 * sign, 3 * price * sign, g.n % 7 * 10, 2 * price * sign, 3 * price * sign, 0,
			CASE WHEN g.n % 2 = 0 THEN 3 * price * sign ELSE 0 END, CASE WHEN g.n % 2 = 1 THEN 3 * price * sign ELSE 0 END, '[]'
		FROM (SELECT n, timestamptz '2025-12-01 13:00Z' + (n - 1) * 365 / (@lines::bigint / 3) * interval '1 day' + n % 11 * interval '1 hour' AS at,
				100 + n % 900 AS price, CASE WHEN n % 40 = 0 THEN -1 ELSE 1 END AS sign
			FROM generate_series(1, @lines::bigint / 3) n) g
		JOIN bare.store s ON s.n = g.n % (SELECT count(*) FROM bare.store)`,
		`INSERT INTO sales.line SELECT d.store_id, business_date, till_id, epoch, seq, branch, l, p.id, units / 3, revenue / 3, discount / 3, cost / 3
		FROM sales.document d CROSS JOIN generate_series(0, 2) l
		JOIN bare.product p ON p.n = floor((SELECT count(*) FROM bare.product) * ((hashint8(seq * 3 + l) & 2147483647) / 2147483648.0) ^ 3)`,
		`INSERT INTO sales.hourly (store_id, business_date, hour, tickets, refunds, voids, units, revenue, refunded, discount, cost, total, rounding, cash, card, charges)
		SELECT store_id, business_date, extract(hour FROM at), count(*) FILTER (WHERE NOT refund), count(*) FILTER (WHERE refund), 0, sum(units), sum(revenue),
			coalesce(sum(revenue) FILTER (WHERE refund), 0), sum(discount), sum(cost), sum(total), 0, sum(cash), sum(card), 0 FROM sales.document GROUP BY 1, 2, 3 ORDER BY 2, 3`,
		`INSERT INTO sales.daily_product SELECT store_id, business_date, product_id, sum(quantity), sum(revenue), sum(cost) FROM sales.line GROUP BY 1, 2, 3 ORDER BY 2`,
		`VACUUM ANALYZE sales.document, sales.line, sales.hourly, sales.daily_product`,
	} {
		if _, err := a.conn.Exec(ctx, sql, pgx.NamedArgs{"lines": a.lines}); err != nil {
			return a, fmt.Errorf("write sales: %w", err)
		}
	}
	return a, nil
}

// token makes the tokens that the programs have.
func (a *archive) token(ctx context.Context) error {
	var batch pgx.Batch
	for i := range archiveTokens {
		plain := "comptant_" + secret.Token()
		hash := secret.HashToken(plain)
		batch.Queue(`INSERT INTO users.token (id, name, hash, scopes, created_at, created_by) VALUES ($1, 'reader', $2, '{catalog:read,stock:read,sales:read}', now(), '')`,
			seeded(9, i), hash[:])
		a.tokens = append(a.tokens, plain)
	}
	if err := a.conn.SendBatch(ctx, &batch).Close(); err != nil {
		return fmt.Errorf("write tokens: %w", err)
	}
	return nil
}

// get reads an address of the REST API as the i-th request.
func (a *archive) get(ctx context.Context, i int, path string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.hq.URL()+"/api/v1"+path, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+a.tokens[i%len(a.tokens)])
	return answerOf(a.client, req)
}

// answerOf is the body of an answer, which must be good.
func answerOf(client *http.Client, req *http.Request) ([]byte, error) {
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("GET %s: %s: %s", req.URL.Path, resp.Status, body)
	}
	return body, nil
}

// part is what a breakdown says of a day or a product.
type part struct {
	ID      uuid.UUID
	Revenue struct{ Amount int64 }
}

// breakdown reads sales in parts.
func (a *archive) breakdown(ctx context.Context, query url.Values) ([]part, error) {
	a.asked++
	body, err := a.get(ctx, a.asked, "/sales/reports/breakdown?"+query.Encode())
	if err != nil {
		return nil, err
	}
	var answer struct{ Parts []part }
	err = json.Unmarshal(body, &answer)
	return answer.Parts, err
}

// sums reads rows of something and an amount, as the limit does.
func (a *archive) sums(ctx context.Context, sql string, args ...any) (rows int, sum int64, err error) {
	found, err := a.conn.Query(ctx, sql, args...)
	if err != nil {
		return 0, 0, err
	}
	var key any
	var units, revenue, cost int64
	_, err = pgx.ForEachRow(found, []any{&key, &units, &revenue, &cost}, func() error {
		rows, sum = rows+1, sum+revenue
		return nil
	})
	return rows, sum, err
}

func (a *archive) close() error {
	a.client.CloseIdleConnections()
	if a.office == nil {
		return nil
	}
	return a.office.close()
}

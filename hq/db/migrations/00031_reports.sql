-- +goose Up

-- Who sold, gave back, voided and took off: what the rollup by hour does not say. Moved with the others, filled here with what there is.
CREATE TABLE sales.daily_cashier (
	store_id      uuid NOT NULL,
	business_date int NOT NULL,
	user_id       uuid NOT NULL,
	tickets       bigint NOT NULL,
	refunds       bigint NOT NULL,
	voids         bigint NOT NULL,
	revenue       bigint NOT NULL,
	refunded      bigint NOT NULL, -- the parts of revenue that are refunds and voids, negative
	voided        bigint NOT NULL,
	discount      bigint NOT NULL,
	PRIMARY KEY (store_id, business_date, user_id)
) WITH (fillfactor = 70);
INSERT INTO sales.daily_cashier
SELECT store_id, business_date, user_id, count(*) FILTER (WHERE NOT refund AND NOT void) - count(*) FILTER (WHERE void),
	count(*) FILTER (WHERE refund), count(*) FILTER (WHERE void), sum(revenue), coalesce(sum(revenue) FILTER (WHERE refund), 0),
	coalesce(sum(revenue) FILTER (WHERE void), 0), sum(discount)
FROM sales.document GROUP BY 1, 2, 3;

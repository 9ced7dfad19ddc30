-- +goose Up

-- Container deposits and eco-fees: what products carry besides their price. They name them by code.
CREATE TABLE catalog.charge (
	code      text PRIMARY KEY CHECK (code ~ '^[A-Z0-9.-]{1,20}$'),
	name_fr   text NOT NULL DEFAULT '',
	name_en   text NOT NULL DEFAULT '',
	amount    bigint NOT NULL CHECK (amount >= 0), -- for one unit
	tax_class smallint NOT NULL CHECK (tax_class BETWEEN 1 AND 9),
	CHECK (name_fr <> '' OR name_en <> '')
);
ALTER TABLE catalog.product ADD COLUMN charges text[] NOT NULL DEFAULT '{}';

-- A class that depends on how much of a group is in one sale: see retail.ClassRule.
ALTER TABLE catalog.product ADD COLUMN rule_group text NOT NULL DEFAULT '';
ALTER TABLE catalog.product ADD COLUMN rule_from bigint NOT NULL DEFAULT 0;
ALTER TABLE catalog.product ADD COLUMN rule_class smallint NOT NULL DEFAULT 0;

-- A country with reduced rates has more classes: the table of rates says what is charged on them.
ALTER TABLE catalog.product DROP CONSTRAINT product_tax_class_check;
ALTER TABLE catalog.product ADD CONSTRAINT product_tax_class_check CHECK (tax_class BETWEEN 1 AND 9);

-- What was taken in so, less what was given back; it is no revenue and no tax.
ALTER TABLE sales.document ADD COLUMN charges bigint NOT NULL DEFAULT 0;
ALTER TABLE sales.hourly ADD COLUMN charges bigint NOT NULL DEFAULT 0;
CREATE TABLE sales.daily_charge (
	store_id      uuid NOT NULL,
	business_date int NOT NULL,
	code          text NOT NULL,
	amount        bigint NOT NULL,
	PRIMARY KEY (store_id, business_date, code)
) WITH (fillfactor = 70);

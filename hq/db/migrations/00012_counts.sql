-- +goose Up

-- Where in its till's journal a movement comes from: what one till did is in the order of its journal. NULL for what
-- headquarters did itself, and for what was applied before there were counts.
ALTER TABLE stock.movement ADD COLUMN till_id uuid, ADD COLUMN epoch bigint, ADD COLUMN seq bigint;

-- What tills found on the shelf. Each has a movement (reason 7) for what was not as expected: the variance.
CREATE TABLE stock.count (
	location_id uuid NOT NULL,
	product_id  uuid NOT NULL,
	at          timestamptz NOT NULL, -- corrected
	ref         uuid NOT NULL,        -- the first 16 bytes of the entry's hash
	till_id     uuid NOT NULL,
	epoch       bigint NOT NULL,
	seq         bigint NOT NULL,
	session     uuid NOT NULL,
	counted_by  uuid NOT NULL,
	quantity    bigint NOT NULL,
	PRIMARY KEY (location_id, product_id, ref)
);
CREATE INDEX count_session ON stock.count (location_id, session);

-- Sessions that their till has ended.
CREATE TABLE stock.count_done (
	location_id uuid NOT NULL,
	session     uuid NOT NULL,
	ref         uuid NOT NULL,
	at          timestamptz NOT NULL,
	PRIMARY KEY (location_id, session, ref)
);

-- The latest count of the product, if any: its ref in stock.count.
ALTER TABLE stock.level ADD COLUMN counted uuid;

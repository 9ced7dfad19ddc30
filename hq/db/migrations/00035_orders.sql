-- +goose Up

-- What orders of the shop have of a location's stock: it is on the shelf, and promised. Only headquarters reserves.
CREATE TABLE stock.reservation (
	location_id uuid NOT NULL,
	order_id    uuid NOT NULL,
	product_id  uuid NOT NULL,
	quantity    bigint NOT NULL CHECK (quantity > 0),
	PRIMARY KEY (location_id, order_id, product_id)
);

-- The sum of them.
ALTER TABLE stock.level ADD COLUMN reserved bigint NOT NULL DEFAULT 0 CHECK (reserved >= 0);

CREATE SCHEMA orders;
CREATE SCHEMA river; -- the queue of jobs, which makes its own tables

CREATE SEQUENCE orders.number;

-- An order belongs to nobody's store: where it is prepared can change.
CREATE TABLE orders.placed (
	id          uuid PRIMARY KEY,
	code        text NOT NULL UNIQUE,
	placed_at   timestamptz NOT NULL,
	customer_id uuid,
	-- Personal data, erased with the customer.
	name        text NOT NULL,
	email       text NOT NULL,
	phone       text NOT NULL DEFAULT '',
	address     text NOT NULL DEFAULT '',
	lang        text NOT NULL CHECK (lang IN ('fr', 'en')),
	delivery    smallint NOT NULL CHECK (delivery IN (1, 2)), -- retail.Delivery
	-- Where it is prepared, and how many locations were asked so far.
	location_id uuid NOT NULL,
	attempt     int NOT NULL DEFAULT 1,
	currency    text NOT NULL,
	prices      bigint NOT NULL,
	lines       jsonb NOT NULL, -- []retail.Line, as priced when it was placed
	taxes       jsonb NOT NULL, -- []retail.Tax
	total       bigint NOT NULL CHECK (total >= 0),
	state       text NOT NULL,  -- retail.OrderState
	state_at    timestamptz NOT NULL,
	-- When headquarters has something to do for it; NULL while people have, and at the end.
	due_at      timestamptz,
	-- How often the present step has failed since it last went on.
	tries       int NOT NULL DEFAULT 0,
	-- When what people have to do is given up.
	until_at    timestamptz,
	failure     text NOT NULL DEFAULT '', -- key of why it is cancelled
	told        text NOT NULL DEFAULT '', -- the state its customer was last written of
	captured_at timestamptz, -- when the money was taken; before, it is only authorised
	-- The receipt of the till that handed it over, and what it, or headquarters' document, is called.
	sold_till   uuid,
	sold_epoch  bigint,
	sold_number bigint,
	receipt     text NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX ON orders.placed (sold_till, sold_epoch, sold_number);
CREATE INDEX ON orders.placed (customer_id, placed_at DESC);
CREATE INDEX ON orders.placed (placed_at DESC, id DESC);
CREATE INDEX ON orders.placed (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX ON orders.placed (state, state_at) WHERE state NOT IN ('cancelled', 'collected', 'delivered', 'returned');

-- Every step an order took or tried to: a failed one leads nowhere.
CREATE TABLE orders.transition (
	order_id   uuid NOT NULL REFERENCES orders.placed,
	n          int NOT NULL,
	from_state text NOT NULL,
	to_state   text NOT NULL,
	deed       text NOT NULL,
	at         timestamptz NOT NULL,
	took       bigint NOT NULL DEFAULT 0, -- microseconds
	request    jsonb,
	response   jsonb,
	error      text NOT NULL DEFAULT '',
	by_id      uuid, -- who did it; NULL for headquarters itself and for the customer
	PRIMARY KEY (order_id, n)
);

-- A location that was asked to prepare an order. One that is asked instead of it is a new row.
CREATE TABLE orders.fulfilment (
	location_id uuid NOT NULL,
	order_id    uuid NOT NULL REFERENCES orders.placed,
	attempt     int NOT NULL,
	asked_at    timestamptz NOT NULL,
	answer      text NOT NULL DEFAULT '', -- accept, short, or empty before any
	answered_at timestamptz,
	answered_by uuid,
	missing     jsonb, -- []retail.StockLine of a short one
	PRIMARY KEY (location_id, order_id, attempt)
);

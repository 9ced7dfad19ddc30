-- +goose Up

-- Goods that suppliers bring to a warehouse. Neither a purchase nor a delivery is ever changed, apart from what came of a line: a mistake is
-- taken back by a delivery that corrects another, whose quantities are below 0.
CREATE SEQUENCE stock.purchase_number;
CREATE SEQUENCE stock.delivery_number;

CREATE TABLE stock.purchase (
	location_id uuid NOT NULL, -- the warehouse
	id          uuid NOT NULL,
	code        text NOT NULL,
	supplier    text NOT NULL CHECK (supplier <> ''),
	reference   text NOT NULL DEFAULT '', -- the supplier's: an order, a delivery note, an invoice
	made_at     timestamptz NOT NULL,
	made_by     uuid NOT NULL,
	closed_at   timestamptz, -- since when nothing more is expected, though not all has come
	PRIMARY KEY (location_id, id)
);
CREATE INDEX ON stock.purchase (made_at, id);

CREATE TABLE stock.purchase_line (
	location_id uuid NOT NULL,
	purchase_id uuid NOT NULL,
	product_id  uuid NOT NULL,
	ordered     bigint NOT NULL CHECK (ordered >= 0), -- 0 for what came without having been ordered
	received    bigint NOT NULL DEFAULT 0,            -- the sum of its deliveries
	unit_cost   bigint NOT NULL CHECK (unit_cost >= 0),
	PRIMARY KEY (location_id, purchase_id, product_id),
	FOREIGN KEY (location_id, purchase_id) REFERENCES stock.purchase
);

CREATE TABLE stock.delivery (
	location_id uuid NOT NULL,
	id          uuid NOT NULL, -- the ref of its movements
	purchase_id uuid NOT NULL,
	code        text NOT NULL,
	at          timestamptz NOT NULL,
	received_by uuid NOT NULL,
	corrects    uuid, -- the delivery that this one takes back, or a part of it
	note        text NOT NULL DEFAULT '',
	PRIMARY KEY (location_id, id),
	FOREIGN KEY (location_id, purchase_id) REFERENCES stock.purchase,
	FOREIGN KEY (location_id, corrects) REFERENCES stock.delivery
);
CREATE INDEX ON stock.delivery (location_id, purchase_id);
CREATE INDEX ON stock.delivery (location_id, corrects) WHERE corrects IS NOT NULL;

CREATE TABLE stock.delivery_line (
	location_id uuid NOT NULL,
	delivery_id uuid NOT NULL,
	product_id  uuid NOT NULL,
	quantity    bigint NOT NULL CHECK (quantity <> 0),
	unit_cost   bigint NOT NULL CHECK (unit_cost >= 0),
	PRIMARY KEY (location_id, delivery_id, product_id),
	FOREIGN KEY (location_id, delivery_id) REFERENCES stock.delivery
);

-- What was found missing or too much, by day: for the report of shrinkage.
CREATE INDEX movement_corrected ON stock.movement (location_id, at) WHERE reason IN (7, 8);

-- Stores for which headquarters asks the warehouse by itself, when a product falls below its threshold.
CREATE TABLE stock.automatic (
	location_id uuid PRIMARY KEY,
	since       timestamptz NOT NULL
);
-- A request that headquarters made by itself; nobody asked for it.
ALTER TABLE stock.restock ADD COLUMN automatic boolean NOT NULL DEFAULT false;

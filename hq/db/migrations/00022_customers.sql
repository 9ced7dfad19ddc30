-- +goose Up

-- The people who buy, as tills write them down. Personal data: it is in no entry of a journal, and is erased on request. What is
-- left then is the id, so that nothing a till sends again brings it back.
CREATE TABLE users.customer (
	id         uuid PRIMARY KEY,
	name       text NOT NULL,
	phone      text NOT NULL DEFAULT '',
	email      text NOT NULL DEFAULT '',
	written_at timestamptz NOT NULL,
	erased_at  timestamptz,
	CHECK (erased_at IS NULL OR name = '' AND phone = '' AND email = '')
);

-- Where they came, and last when: the tills of a store are told of those who came last. A sale may be here before its customer.
CREATE TABLE users.customer_store (
	store_id    uuid NOT NULL,
	customer_id uuid NOT NULL,
	used_at     timestamptz NOT NULL,
	PRIMARY KEY (store_id, customer_id)
);
CREATE INDEX ON users.customer_store (customer_id);
CREATE INDEX ON users.customer_store (store_id, used_at);

-- Whose sale it was, where the till said so.
ALTER TABLE sales.document ADD COLUMN customer_id uuid;

-- +goose Up

-- What a customer signs in to the shop with; the person is the row of users.customer. Erasing the person deletes it.
CREATE TABLE users.account (
	customer_id  uuid PRIMARY KEY REFERENCES users.customer,
	email        text NOT NULL UNIQUE, -- apart from the customer's, which tills may correct: nobody takes an account over at a till
	password     text NOT NULL, -- argon2id in PHC form
	lang         text NOT NULL CHECK (lang IN ('fr', 'en')),
	created_at   timestamptz NOT NULL,
	signed_in_at timestamptz
);

CREATE TABLE users.account_session (
	token_hash  bytea PRIMARY KEY, -- SHA-256 of the cookie: a stolen table opens no session
	customer_id uuid NOT NULL REFERENCES users.account ON DELETE CASCADE,
	created_at  timestamptz NOT NULL,
	seen_at     timestamptz NOT NULL,
	expires_at  timestamptz NOT NULL
);
CREATE INDEX ON users.account_session (customer_id);

-- Links that were sent to customers to set a new password. One that was used is not here any more.
CREATE TABLE users.account_reset (
	token_hash  bytea PRIMARY KEY,
	customer_id uuid NOT NULL UNIQUE REFERENCES users.account ON DELETE CASCADE,
	expires_at  timestamptz NOT NULL
);

CREATE SCHEMA shop;

-- A cart is one visitor's or one customer's, never both's and never nobody's.
CREATE TABLE shop.cart (
	id          uuid PRIMARY KEY,
	visitor     bytea UNIQUE, -- SHA-256 of the cookie
	customer_id uuid UNIQUE,
	order_id    uuid NOT NULL UNIQUE, -- that the next checkout makes: sent twice, it is one order
	changed_at  timestamptz NOT NULL,
	CHECK ((visitor IS NULL) <> (customer_id IS NULL))
);
CREATE INDEX ON shop.cart (changed_at);

CREATE TABLE shop.cart_line (
	cart_id    uuid NOT NULL REFERENCES shop.cart ON DELETE CASCADE,
	product_id uuid NOT NULL,
	quantity   bigint NOT NULL CHECK (quantity > 0),
	added_at   timestamptz NOT NULL,
	PRIMARY KEY (cart_id, product_id)
);

-- An order that a cart was asked for, and by what address its page is found. The address opens no more than this database holds,
-- and is written to customers again and again: so it is kept as it is, and not as a hash.
CREATE TABLE shop.purchase (
	order_id   uuid PRIMARY KEY,
	token      text NOT NULL UNIQUE,
	cart_id    uuid, -- NULL where no cart asked, or it is gone
	at         timestamptz NOT NULL,
	settled_at timestamptz -- since when the cart knows how it ended
);
CREATE INDEX ON shop.purchase (cart_id) WHERE settled_at IS NULL;

-- +goose Up

-- What programs sign in with: a name to know it by, and what it may do. The token itself is kept nowhere.
CREATE TABLE users.token (
	id         uuid PRIMARY KEY,
	name       text NOT NULL CHECK (name <> ''),
	hash       bytea NOT NULL UNIQUE, -- SHA-256: a stolen table opens nothing
	scopes     text[] NOT NULL,
	created_at timestamptz NOT NULL,
	created_by text NOT NULL, -- whom the command line ran as
	expires_at timestamptz,
	used_at    timestamptz,
	revoked_at timestamptz
);

-- Answers to requests that made something, so that one that is sent again is answered again and makes nothing more.
CREATE SCHEMA api;
CREATE TABLE api.answer (
	token_id uuid NOT NULL,
	key      text NOT NULL,
	request  bytea NOT NULL, -- SHA-256 of what was asked
	answer   bytea NOT NULL, -- readable with the token alone: it may hold a secret that is shown once
	at       timestamptz NOT NULL,
	PRIMARY KEY (token_id, key)
);
CREATE INDEX ON api.answer (at);

-- Why stock was corrected by hand: id is the ref of the movement.
CREATE TABLE stock.adjustment (
	location_id uuid NOT NULL,
	id          uuid NOT NULL,
	product_id  uuid NOT NULL,
	at          timestamptz NOT NULL,
	made_by     uuid NOT NULL,
	cause       text NOT NULL CHECK (cause IN ('damaged', 'expired', 'lost', 'found', 'given', 'mistake')),
	note        text NOT NULL DEFAULT '',
	PRIMARY KEY (location_id, id)
);

-- A product that is sold no more: it is at no till, and stays for what was sold of it.
ALTER TABLE catalog.product ADD COLUMN retired_at timestamptz;

-- The prices of one product.
CREATE INDEX ON catalog.price_line (product_id);

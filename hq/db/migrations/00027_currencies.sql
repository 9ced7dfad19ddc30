-- +goose Up

-- What drawers hold and how cash is rounded: amounts in minor units, notes and coins largest first.
CREATE TABLE catalog.currency (
	code      text PRIMARY KEY,
	symbol    text NOT NULL,
	minor     text NOT NULL,
	notes     bigint[] NOT NULL,
	coins     bigint[] NOT NULL,
	rolls     bigint[] NOT NULL,
	cash_step bigint NOT NULL
);

-- What is paid in at a location, empty for Canadian dollars. A till takes it over when it is enrolled.
ALTER TABLE stock.location ADD COLUMN currency text NOT NULL DEFAULT '';

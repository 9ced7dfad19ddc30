-- +goose Up

-- Wrong PINs in a row, by person: a restart forgives none.
CREATE TABLE wrong_pin (
	user  BLOB    PRIMARY KEY,
	wrong INTEGER NOT NULL,
	until INTEGER NOT NULL -- milliseconds: the next try
) STRICT;

-- +goose Up

-- Tickets that wait for their customer. They are no sales, so the journal knows nothing of them.
CREATE TABLE held_ticket (
	id    BLOB    PRIMARY KEY,
	name  TEXT    NOT NULL,
	at    INTEGER NOT NULL, -- milliseconds
	user  BLOB    NOT NULL,
	items INTEGER NOT NULL,
	total INTEGER NOT NULL, -- minor units
	body  BLOB    NOT NULL
) STRICT;

-- Sales of this till that were taken back whole.
CREATE TABLE void (
	epoch         INTEGER NOT NULL,
	seq           INTEGER NOT NULL,
	number        INTEGER NOT NULL,
	shift         INTEGER NOT NULL,
	business_date INTEGER NOT NULL, -- yyyymmdd
	total         INTEGER NOT NULL, -- minor units, a magnitude
	rounding      INTEGER NOT NULL,
	of_epoch      INTEGER NOT NULL,
	of_number     INTEGER NOT NULL,
	PRIMARY KEY (epoch, number)
) STRICT, WITHOUT ROWID;

-- +goose Up

-- Refunds this till wrote, of its own receipts and of others'.
CREATE TABLE refund (
	epoch         INTEGER NOT NULL,
	seq           INTEGER NOT NULL,
	number        INTEGER NOT NULL,
	shift         INTEGER NOT NULL,
	business_date INTEGER NOT NULL, -- yyyymmdd
	total         INTEGER NOT NULL, -- minor units, a magnitude
	rounding      INTEGER NOT NULL,
	hold          BLOB,             -- the right it used; NULL for a receipt of this till, or none
	PRIMARY KEY (epoch, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX refund_hold ON refund (hold) WHERE hold IS NOT NULL;

-- What is gone from the lines of this till's receipts: given back, or promised to another till. A release is negative.
CREATE TABLE given_back (
	of_epoch  INTEGER NOT NULL,
	of_number INTEGER NOT NULL,
	line      INTEGER NOT NULL, -- index on the receipt
	epoch     INTEGER NOT NULL, -- of the entry that says so
	seq       INTEGER NOT NULL,
	quantity  INTEGER NOT NULL, -- thousandths
	PRIMARY KEY (of_epoch, of_number, line, epoch, seq)
) STRICT, WITHOUT ROWID;

-- The refund-hold entries, of this till as the one that sold or the one that asked.
CREATE TABLE hold (
	id       BLOB    NOT NULL,
	epoch    INTEGER NOT NULL,
	seq      INTEGER NOT NULL,
	released INTEGER NOT NULL,
	PRIMARY KEY (id, epoch, seq)
) STRICT, WITHOUT ROWID;

-- +goose Up

-- Which till this is. One row, written by enrolment.
CREATE TABLE identity (
	one           INTEGER PRIMARY KEY CHECK (one = 1),
	till          BLOB    NOT NULL,
	number        INTEGER NOT NULL,
	store         BLOB    NOT NULL,
	store_code    TEXT    NOT NULL,
	store_name    TEXT    NOT NULL,
	zone          TEXT    NOT NULL,
	currency      TEXT    NOT NULL,
	url           TEXT    NOT NULL,
	device_key    BLOB    NOT NULL, -- Ed25519 private key
	hq_key        BLOB    NOT NULL, -- Ed25519 public key
	granted_epoch INTEGER NOT NULL, -- the first epoch this key may write
	session       INTEGER NOT NULL DEFAULT 0, -- n: how many sessions there have been
	session_at    INTEGER NOT NULL DEFAULT 0, -- milliseconds, HQ's time
	ack_at        INTEGER NOT NULL DEFAULT 0  -- milliseconds, HQ's time
) STRICT;

-- The lives of this file, with their counters.
CREATE TABLE epoch (
	epoch    INTEGER PRIMARY KEY,
	last     INTEGER NOT NULL, -- seq of the newest entry
	hash     BLOB    NOT NULL, -- hash of the newest entry
	receipts INTEGER NOT NULL, -- the newest receipt number
	acked    INTEGER NOT NULL DEFAULT 0 -- HQ has every entry up to this seq
) STRICT;

CREATE TABLE entry (
	epoch INTEGER NOT NULL REFERENCES epoch,
	seq   INTEGER NOT NULL,
	at    INTEGER NOT NULL, -- milliseconds, the till's own clock
	prev  BLOB    NOT NULL,
	hash  BLOB    NOT NULL,
	bytes BLOB    NOT NULL,
	PRIMARY KEY (epoch, seq)
) STRICT;

-- Everything below is derived from the entries and could be built again from them.

CREATE TABLE sale (
	epoch         INTEGER NOT NULL,
	seq           INTEGER NOT NULL,
	number        INTEGER NOT NULL,
	shift         INTEGER NOT NULL,
	business_date INTEGER NOT NULL, -- yyyymmdd
	total         INTEGER NOT NULL, -- minor units, taxes included, before cash rounding
	rounding      INTEGER NOT NULL,
	PRIMARY KEY (epoch, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX sale_day ON sale (business_date, epoch, number);

CREATE TABLE sale_line (
	epoch    INTEGER NOT NULL,
	number   INTEGER NOT NULL,
	line     INTEGER NOT NULL, -- index in the document
	product  BLOB    NOT NULL,
	quantity INTEGER NOT NULL, -- thousandths
	amount   INTEGER NOT NULL, -- minor units
	PRIMARY KEY (epoch, number, line)
) STRICT, WITHOUT ROWID;

CREATE TABLE sale_tender (
	epoch     INTEGER NOT NULL,
	number    INTEGER NOT NULL,
	tender    INTEGER NOT NULL, -- index in the document
	kind      INTEGER NOT NULL,
	amount    INTEGER NOT NULL, -- minor units
	last_four TEXT    NOT NULL,
	PRIMARY KEY (epoch, number, tender)
) STRICT, WITHOUT ROWID;

-- What each entry did to the stock of a product, in thousandths. Read from the stock mark of the feed on.
CREATE TABLE movement (
	product  BLOB    NOT NULL,
	epoch    INTEGER NOT NULL,
	seq      INTEGER NOT NULL,
	quantity INTEGER NOT NULL,
	PRIMARY KEY (product, epoch, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE shift (
	number        INTEGER PRIMARY KEY,
	business_date INTEGER NOT NULL,
	float         INTEGER NOT NULL, -- minor units
	opened_at     INTEGER NOT NULL  -- milliseconds
) STRICT;

CREATE TABLE restock_request (
	id    BLOB    PRIMARY KEY,
	epoch INTEGER NOT NULL,
	seq   INTEGER NOT NULL
) STRICT;

CREATE TABLE receive (
	epoch    INTEGER NOT NULL,
	seq      INTEGER NOT NULL,
	shipment BLOB    NOT NULL,
	PRIMARY KEY (epoch, seq)
) STRICT, WITHOUT ROWID;

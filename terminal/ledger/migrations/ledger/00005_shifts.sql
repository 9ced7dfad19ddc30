-- +goose Up

-- The newest Z number of each epoch.
ALTER TABLE epoch ADD COLUMN closes INTEGER NOT NULL DEFAULT 0;

-- The Zs. A row stays when its entry is deleted: it says that the shift is closed, and what was sold before.
CREATE TABLE shift_close (
	epoch        INTEGER NOT NULL,
	seq          INTEGER NOT NULL,
	number       INTEGER NOT NULL,
	opened_epoch INTEGER NOT NULL, -- the entry that opened the shift
	opened_seq   INTEGER NOT NULL,
	perpetual    INTEGER NOT NULL, -- minor units
	signed       INTEGER NOT NULL DEFAULT 0, -- a chain-head entry names it
	PRIMARY KEY (epoch, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX shift_close_opened ON shift_close (opened_epoch, opened_seq);

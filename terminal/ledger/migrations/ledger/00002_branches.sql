-- +goose Up

-- The entries up to floor are not in the file: deleted long after headquarters had them, or already cut from the
-- sentinel the epoch was copied back from.
ALTER TABLE epoch ADD COLUMN floor INTEGER NOT NULL DEFAULT 0;

-- Tails that the sentinel gave back and that do not chain on to the file. They are kept to be sent. Nothing is derived
-- from them here: headquarters applies them as they are, and its stock level brings back what they did.
CREATE TABLE branch (
	epoch  INTEGER NOT NULL,
	branch INTEGER NOT NULL CHECK (branch > 0),
	floor  INTEGER NOT NULL,
	last   INTEGER NOT NULL,
	hash   BLOB    NOT NULL,
	acked  INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (epoch, branch)
) STRICT, WITHOUT ROWID;

CREATE TABLE stray (
	epoch  INTEGER NOT NULL,
	branch INTEGER NOT NULL,
	seq    INTEGER NOT NULL,
	at     INTEGER NOT NULL,
	prev   BLOB    NOT NULL,
	hash   BLOB    NOT NULL UNIQUE,
	bytes  BLOB    NOT NULL,
	PRIMARY KEY (epoch, branch, seq),
	FOREIGN KEY (epoch, branch) REFERENCES branch
) STRICT;

-- Both together, as headquarters sees them: 0 is an epoch's own path.
CREATE VIEW path AS
	SELECT epoch, 0 AS branch, floor, last, hash, acked FROM epoch
	UNION ALL SELECT epoch, branch, floor, last, hash, acked FROM branch;

CREATE VIEW path_entry AS
	SELECT epoch, 0 AS branch, seq, at, prev, hash, bytes FROM entry
	UNION ALL SELECT epoch, branch, seq, at, prev, hash, bytes FROM stray;

-- How far headquarters had each path, by day of its own time: what it has had for long enough may be deleted.
CREATE TABLE ack (
	epoch  INTEGER NOT NULL,
	branch INTEGER NOT NULL,
	day    INTEGER NOT NULL, -- days since 1970
	upto   INTEGER NOT NULL,
	PRIMARY KEY (epoch, branch, day)
) STRICT, WITHOUT ROWID;

-- The least epoch headquarters told this till to write; granted_epoch is that of the enrolment.
ALTER TABLE identity ADD COLUMN told_epoch INTEGER NOT NULL DEFAULT 0;

-- The newest shift is the one opened last, not the one with the highest number: entries that are given back to a closed
-- epoch may hold the same numbers. Shifts from before this table come first in their epoch, by number.
CREATE TABLE placed_shift (
	epoch         INTEGER NOT NULL,
	seq           INTEGER NOT NULL,
	number        INTEGER NOT NULL,
	business_date INTEGER NOT NULL, -- yyyymmdd
	float         INTEGER NOT NULL, -- minor units
	opened_at     INTEGER NOT NULL, -- milliseconds
	PRIMARY KEY (epoch, seq, number)
) STRICT, WITHOUT ROWID;

INSERT INTO placed_shift
	SELECT (SELECT max(epoch) FROM epoch), 0, number, business_date, float, opened_at FROM shift;

DROP TABLE shift;

ALTER TABLE placed_shift RENAME TO shift;

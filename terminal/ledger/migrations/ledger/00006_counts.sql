-- +goose Up

-- When each movement happened, in milliseconds: what its entry says, and what a later clock entry adds to that. Entries from
-- before this table are dated by the till's own clock.
ALTER TABLE movement ADD COLUMN stated    INTEGER NOT NULL DEFAULT 0;
ALTER TABLE movement ADD COLUMN corrected INTEGER NOT NULL DEFAULT 0;
UPDATE movement SET stated = coalesce((SELECT at FROM entry WHERE entry.epoch = movement.epoch AND entry.seq = movement.seq), 0);

-- What was counted: the lines of sessions of counting.
CREATE TABLE count (
	product   BLOB    NOT NULL,
	epoch     INTEGER NOT NULL,
	seq       INTEGER NOT NULL,
	session   BLOB    NOT NULL,
	quantity  INTEGER NOT NULL, -- thousandths
	stated    INTEGER NOT NULL,
	corrected INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (product, epoch, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX count_place ON count (epoch, seq);

-- Sessions that are over.
CREATE TABLE count_done (
	session BLOB    NOT NULL,
	epoch   INTEGER NOT NULL,
	seq     INTEGER NOT NULL,
	PRIMARY KEY (session, epoch, seq)
) STRICT, WITHOUT ROWID;

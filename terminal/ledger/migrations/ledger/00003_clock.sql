-- +goose Up

-- The estimate of headquarters' time, as it was last made. Times are microseconds since 1970. One row.
CREATE TABLE clock (
	one         INTEGER PRIMARY KEY CHECK (one = 1),
	boot        TEXT    NOT NULL, -- of the machine
	up          INTEGER NOT NULL, -- microseconds since that boot
	wall        INTEGER NOT NULL, -- the machine's clock then
	hq          INTEGER NOT NULL, -- headquarters' time then, as far as known
	bound       INTEGER NOT NULL, -- of its error, microseconds; 0: not measured in this boot
	since_epoch INTEGER NOT NULL, -- the newest entry when the estimate began
	since_seq   INTEGER NOT NULL,
	doubt_epoch INTEGER NOT NULL, -- the newest entry before those of earlier boots that were never measured
	doubt_seq   INTEGER NOT NULL, -- 0 and 0 for none
	confirmed   INTEGER NOT NULL  -- a person confirmed the date in this boot
) STRICT;

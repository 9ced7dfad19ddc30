-- +goose Up

-- What this till sent to other stores; the lines are in the entries. What was sent before this table is not in it.
CREATE TABLE transfer (
	id    BLOB    PRIMARY KEY,
	epoch INTEGER NOT NULL,
	seq   INTEGER NOT NULL
) STRICT;

-- +goose Up

-- Entries that a restore found missing: what comes after them is here. A row stays when its entry comes after all.
CREATE TABLE gap (
	epoch INTEGER NOT NULL,
	seq   INTEGER NOT NULL,
	hash  BLOB    NOT NULL,
	PRIMARY KEY (epoch, seq, hash)
) STRICT, WITHOUT ROWID;

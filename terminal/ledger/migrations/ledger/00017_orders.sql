-- +goose Up

-- What this till answered about orders of the shop, and which it handed over. Earlier programs did neither.
CREATE TABLE order_deed (
	epoch    INTEGER NOT NULL,
	seq      INTEGER NOT NULL,
	order_id BLOB    NOT NULL,
	kind     INTEGER NOT NULL, -- the entry's
	attempt  INTEGER NOT NULL, -- 0 for a sale
	number   INTEGER NOT NULL, -- of a sale, 0 for an answer
	PRIMARY KEY (epoch, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX order_deed_order ON order_deed (order_id);

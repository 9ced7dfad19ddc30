-- +goose Up

-- The price books of the feed: what product rows hold begins at 0, the others at their moment, in milliseconds since 1970.
CREATE TABLE price_book (
	starts  INTEGER NOT NULL,
	version INTEGER NOT NULL,
	PRIMARY KEY (starts, version)
) STRICT, WITHOUT ROWID;

-- What the books name, so that the newest price of a product in force is one step into an index.
CREATE TABLE price (
	product BLOB    NOT NULL,
	starts  INTEGER NOT NULL,
	version INTEGER NOT NULL,
	price   INTEGER NOT NULL,
	PRIMARY KEY (product, starts, version)
) STRICT, WITHOUT ROWID;

-- It stood for the version of prices.
ALTER TABLE feed DROP COLUMN visible;

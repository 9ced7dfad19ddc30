-- +goose Up

-- When what the rows hold took effect, in milliseconds since 1970: 0 for a book to come, which says it in starts.
ALTER TABLE price_book ADD COLUMN since INTEGER NOT NULL DEFAULT 0;

-- What the books of the store name, and, from 0 on, the prices of its own that the feed has. NULL: as everywhere.
CREATE TABLE store_price (
	product BLOB    NOT NULL,
	starts  INTEGER NOT NULL,
	version INTEGER NOT NULL,
	price   INTEGER,
	PRIMARY KEY (product, starts, version)
) STRICT, WITHOUT ROWID;

-- The program of before kept rows of the store's prices and did not know them: all are looked through again (keepBooks).
DELETE FROM price;
DELETE FROM price_book;

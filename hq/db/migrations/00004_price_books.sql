-- +goose Up

-- A price book is prices that take effect together, at once or later. Its version is never used again, so books are never
-- deleted: all of them together are the history of every price.
CREATE TABLE catalog.price_book (
	version        bigint PRIMARY KEY,
	effective_from timestamptz NOT NULL, -- whole milliseconds, as tills compare them
	created_at     timestamptz NOT NULL,
	canceled_at    timestamptz,
	applied_at     timestamptz, -- the product rows hold its prices since; NULL: the feed has its lines
	lines          int NOT NULL,
	CHECK (canceled_at IS NULL OR applied_at IS NULL)
);
CREATE INDEX price_book_waiting ON catalog.price_book (effective_from) WHERE applied_at IS NULL AND canceled_at IS NULL;

CREATE TABLE catalog.price_line (
	version    bigint NOT NULL REFERENCES catalog.price_book,
	product_id uuid NOT NULL REFERENCES catalog.product,
	price      bigint NOT NULL CHECK (price >= 0),
	PRIMARY KEY (version, product_id)
);

-- The prices there were before there were books.
INSERT INTO catalog.price_book (version, effective_from, created_at, applied_at, lines)
SELECT 1, date_trunc('milliseconds', now()), now(), now(), count(*) FROM catalog.product HAVING count(*) > 0;
INSERT INTO catalog.price_line (version, product_id, price) SELECT 1, id, price FROM catalog.product;

-- The version of prices a till last said it sells at, and since when that is known.
ALTER TABLE tills.till ADD COLUMN prices bigint NOT NULL DEFAULT 0, ADD COLUMN prices_since timestamptz;

-- +goose Up

-- A price book may be of one store: what it names costs so much there from then on, whatever it costs elsewhere.
ALTER TABLE catalog.price_book ADD COLUMN store_id uuid; -- NULL: of every store
CREATE INDEX price_book_store ON catalog.price_book (store_id) WHERE store_id IS NOT NULL;
-- In a book of a store NULL ends the store's own price: it costs what it costs everywhere.
ALTER TABLE catalog.price_line ALTER COLUMN price DROP NOT NULL;

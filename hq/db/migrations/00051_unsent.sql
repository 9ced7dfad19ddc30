-- +goose Up

-- What a till last said it holds that headquarters has not acknowledged: how many entries, and when it wrote the oldest.
ALTER TABLE tills.till ADD COLUMN unsent bigint NOT NULL DEFAULT 0, ADD COLUMN unsent_since timestamptz;

-- The next number of a store's history, without reading all of it.
CREATE INDEX document_history ON sales.document (store_id, seq) WHERE source <> '';

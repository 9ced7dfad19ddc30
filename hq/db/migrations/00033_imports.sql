-- +goose Up

-- Sales of before, as another system had them: what it called the receipt. Empty for what tills wrote, whose epochs begin at 1; these
-- are in epoch 0 of a till that there is not.
ALTER TABLE sales.document ADD COLUMN source text NOT NULL DEFAULT '';
CREATE UNIQUE INDEX document_source ON sales.document (store_id, business_date, source) WHERE source <> '';

CREATE SCHEMA importer;

-- A file that a person brought to the dashboard, kept until it was imported or a day has passed: what is imported is what was previewed.
CREATE TABLE importer.upload (
	id       uuid PRIMARY KEY,
	kind     text NOT NULL,
	name     text NOT NULL,
	bytes    bytea NOT NULL, -- emptied when it was imported
	state    text NOT NULL CHECK (state IN ('checking', 'checked', 'unreadable', 'importing', 'imported', 'failed')),
	done     bigint NOT NULL DEFAULT 0, -- rows so far
	beat_at  timestamptz NOT NULL, -- when whoever works on it last said so
	plan     jsonb, -- what it does, once it is known
	problem  text NOT NULL DEFAULT '',
	by_id    uuid NOT NULL,
	at       timestamptz NOT NULL
);
ALTER TABLE importer.upload ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- +goose Up

-- The keys of the machines that were asked for what is missing, that of the one which could not give it first of all.
ALTER TABLE journal.hole ADD COLUMN asked bytea[] NOT NULL DEFAULT '{}';

-- +goose Up

-- How far a till shows the global feed, as it last said: it has every price that was planned up to there.
ALTER TABLE tills.till ADD COLUMN shows_gen bigint NOT NULL DEFAULT 0;
ALTER TABLE tills.till ADD COLUMN shows_seq bigint NOT NULL DEFAULT 0;

-- +goose Up

-- Whole feeds in files, for tills that begin one. They can be made again at any time.
CREATE TABLE feed.snapshot (
	name    uuid PRIMARY KEY, -- random: who knows it may have the file
	feed    text NOT NULL,
	gen     bigint NOT NULL,
	seq     bigint NOT NULL, -- of the feed when it was made
	rows    bigint NOT NULL,
	size    bigint NOT NULL, -- in bytes
	sha256  bytea NOT NULL,
	made_at timestamptz NOT NULL
);
CREATE INDEX snapshot_feed ON feed.snapshot (feed, made_at);

CREATE TABLE feed.snapshot_part (
	name  uuid NOT NULL REFERENCES feed.snapshot ON DELETE CASCADE,
	n     int NOT NULL, -- every part but the last has the same size
	bytes bytea NOT NULL,
	PRIMARY KEY (name, n)
);
ALTER TABLE feed.snapshot_part ALTER COLUMN bytes SET STORAGE EXTERNAL; -- they are compressed

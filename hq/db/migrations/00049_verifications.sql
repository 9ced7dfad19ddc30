-- +goose Up

-- The newest verification of the journals of a place, and of a till alone (till_id; the zero UUID for all of a place), while it lasts and
-- when it is done.
CREATE TABLE journal.verification (
	store_id uuid NOT NULL,
	till_id  uuid NOT NULL,
	by_id    uuid NOT NULL,
	asked_at timestamptz NOT NULL,
	beat_at  timestamptz NOT NULL, -- when whoever works on it last said so
	total    bigint NOT NULL, -- entries there were when it was asked for
	done     bigint NOT NULL DEFAULT 0, -- entries read so far
	ended_at timestamptz,
	failed   boolean NOT NULL DEFAULT false,
	findings jsonb NOT NULL DEFAULT '[]',
	PRIMARY KEY (store_id, till_id)
);

-- +goose Up

-- Nobody may work at a till that headquarters has locked. Its feed says so.
ALTER TABLE tills.till ADD COLUMN locked_at timestamptz;
ALTER TABLE tills.till ADD COLUMN lock_reason text NOT NULL DEFAULT '';
ALTER TABLE tills.till ADD COLUMN locked_by text NOT NULL DEFAULT ''; -- whom to call; empty for nobody in particular
-- How far it shows its own feed, as it last said.
ALTER TABLE tills.till ADD COLUMN own_gen bigint NOT NULL DEFAULT 0;
ALTER TABLE tills.till ADD COLUMN own_seq bigint NOT NULL DEFAULT 0;

-- The log of a till, when headquarters asks for it: the newest.
ALTER TABLE tills.till ADD COLUMN log_asked_at timestamptz; -- until it comes
ALTER TABLE tills.till ADD COLUMN log_at timestamptz;       -- when the newest came
CREATE TABLE tills.log (
	store_id uuid NOT NULL,
	till_id  uuid NOT NULL,
	text     bytea NOT NULL, -- as the till wrote it
	PRIMARY KEY (store_id, till_id)
);

-- +goose Up

-- Keys that count no more: a person revoked them, or enrolled the till anew. What they still send is kept aside.
CREATE TABLE tills.old_key (
	till_id uuid NOT NULL,
	key     bytea NOT NULL,
	since   timestamptz NOT NULL,
	PRIMARY KEY (till_id, key)
);
INSERT INTO tills.old_key SELECT id, key, revoked_at FROM tills.till WHERE revoked_at IS NOT NULL AND key IS NOT NULL;

-- What such keys sent, byte for byte. It stands in no tree and is applied to nothing.
CREATE TABLE journal.aside (
	store_id    uuid NOT NULL,
	till_id     uuid NOT NULL,
	key         bytea NOT NULL,
	epoch       bigint NOT NULL,
	seq         bigint NOT NULL,
	hash        bytea NOT NULL,
	prev        bytea NOT NULL,
	bytes       bytea NOT NULL,
	total       bigint, -- of a sale, or what a refund gave back, negative; NULL for any other entry
	received_at timestamptz NOT NULL,
	PRIMARY KEY (store_id, till_id, epoch, seq, hash, key)
);

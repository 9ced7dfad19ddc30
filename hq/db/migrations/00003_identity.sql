-- +goose Up

ALTER TABLE tills.till
	-- the newest session whose welcome the till is known to have kept: an older number comes from a copy of its disk
	ADD COLUMN n_used bigint NOT NULL DEFAULT 0,
	-- when such a copy last said hello
	ADD COLUMN copied_at timestamptz;
UPDATE tills.till SET n_used = n;

-- hash is that of the last entry that is missing: the parent of what came after the hole.
ALTER TABLE journal.hole ADD COLUMN hash bytea NOT NULL;
ALTER TABLE journal.hole DROP CONSTRAINT hole_pkey;
ALTER TABLE journal.hole ADD PRIMARY KEY (store_id, till_id, epoch, last, hash);

ALTER TABLE journal.flag ADD COLUMN note text NOT NULL DEFAULT ''; -- of who resolved it
CREATE INDEX flag_open ON journal.flag (at DESC) WHERE resolved_at IS NULL;

-- Refunds by the receipt they are of, so that what is refunded can be compared with what was sold, whichever came first.
CREATE TABLE sales.refund (
	store_id  uuid NOT NULL, -- of the till that gave the money back
	till_id   uuid NOT NULL,
	epoch     bigint NOT NULL,
	seq       bigint NOT NULL,
	hash      bytea NOT NULL,
	of_till   uuid NOT NULL,
	of_epoch  bigint NOT NULL,
	of_number bigint NOT NULL,
	parts     bytea NOT NULL, -- CBOR of []retail.RefundPart
	PRIMARY KEY (store_id, till_id, epoch, seq, hash)
);
CREATE INDEX refund_of ON sales.refund (of_till, of_epoch, of_number);

-- +goose Up

-- What tills found out about the time of entries they wrote before: one row for each clock entry. Of those that cover an
-- entry the last counts.
CREATE TABLE journal.clock (
	store_id   uuid NOT NULL,
	till_id    uuid NOT NULL,
	epoch      bigint NOT NULL, -- of the entries it covers
	branch     int NOT NULL,    -- and their branch
	at_epoch   bigint NOT NULL, -- its own place
	at_seq     bigint NOT NULL,
	hash       bytea NOT NULL,  -- its own
	first      bigint NOT NULL,
	last       bigint NOT NULL,
	correction bigint NOT NULL, -- milliseconds, to be added to what the entries say
	error      bigint NOT NULL, -- milliseconds; 0: nobody knows how wrong they are
	PRIMARY KEY (store_id, till_id, epoch, branch, at_epoch, at_seq, hash)
);
CREATE INDEX ON journal.clock (till_id);

-- When a receipt says it was written. Of several for one shipment this decides, whatever is found out about it later.
ALTER TABLE stock.shipment ADD COLUMN stated_at timestamptz;
UPDATE stock.shipment SET stated_at = received_at;

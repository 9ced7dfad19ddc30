-- +goose Up

-- The right of one till to refund a receipt of another, as both tills' journals tell of it. The store is the selling till's.
CREATE TABLE sales.hold (
	store_id    uuid NOT NULL,
	id          uuid NOT NULL,
	till_id     uuid NOT NULL, -- that sold
	epoch       bigint NOT NULL,
	number      bigint NOT NULL,
	for_till    uuid NOT NULL, -- that asked
	asked_at    timestamptz NOT NULL,
	asked       bytea NOT NULL,  -- the parts that were asked for, CBOR of []retail.RefundPart
	sale        bytea NOT NULL,  -- the sale they are of, CBOR of retail.Sale
	answer      bytea,           -- CBOR of the retail.RefundHold the selling till journaled
	given_up    boolean NOT NULL DEFAULT false, -- by the till that asked
	taken_back  boolean NOT NULL DEFAULT false, -- by the till that sold
	PRIMARY KEY (store_id, id)
);

-- Refunds that name a hold. One is right; what is more, or does not agree with the hold, is flagged.
CREATE TABLE sales.hold_use (
	store_id uuid NOT NULL,
	hold_id  uuid NOT NULL,
	hash     bytea NOT NULL, -- of the refund's entry
	by_store uuid NOT NULL,
	by_till  uuid NOT NULL,
	epoch    bigint NOT NULL,
	seq      bigint NOT NULL,
	refund   bytea NOT NULL, -- CBOR of the receipt and parts: see sales.HoldUse
	PRIMARY KEY (store_id, hold_id, hash)
);

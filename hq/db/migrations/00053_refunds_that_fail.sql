-- +goose Up

-- A gateway may keep the failure of a request, and give it again to each with the same idempotency key. Then the key is spent, and the next
-- request has another.
ALTER TABLE payments.call
	ADD COLUMN attempt int NOT NULL DEFAULT 1, -- from the second on it stands before the key
	ADD COLUMN spent boolean NOT NULL DEFAULT false;

-- A refund that was made may fail days later. From then on the refunds here say how much was given back: what the gateway says may be older.
ALTER TABLE payments.payment ADD COLUMN refund_failed boolean NOT NULL DEFAULT false;
CREATE INDEX ON payments.payment (at) WHERE refund_failed;

-- +goose Up
CREATE SCHEMA payments;

-- What a customer of the shop owes for an order, and what has become of it. It is written down in the order's transaction, before anybody
-- is asked for money.
CREATE TABLE payments.payment (
	id            uuid PRIMARY KEY,
	of_order      uuid NOT NULL,
	state         text NOT NULL CHECK (state IN ('created', 'authorised', 'declined', 'captured', 'voided', 'refunded')),
	gateway       text NOT NULL,
	method        text NOT NULL, -- what the gateway knows the card by; its number is nowhere
	last_four     text NOT NULL DEFAULT '' CHECK (last_four ~ '^([0-9]{4})?$'),
	currency      text NOT NULL,
	amount        bigint NOT NULL CHECK (amount > 0),
	captured      bigint NOT NULL DEFAULT 0 CHECK (captured BETWEEN 0 AND amount),
	refunded      bigint NOT NULL DEFAULT 0 CHECK (refunded BETWEEN 0 AND captured),
	reference     text NOT NULL DEFAULT '', -- what the gateway calls it, once it said so
	approval      text NOT NULL DEFAULT '',
	decline       text NOT NULL DEFAULT '', -- why not, as a code
	at            timestamptz NOT NULL,
	expires_at    timestamptz, -- when an authorisation lapses by itself
	void_asked_at timestamptz  -- from then on nothing but the way back
) WITH (fillfactor = 70);
CREATE INDEX ON payments.payment (of_order);

-- What is given back, each once. A refund that is asked for is brought to its end before another begins, by whoever comes next.
CREATE TABLE payments.refund (
	payment_id uuid NOT NULL REFERENCES payments.payment,
	key        text NOT NULL,
	amount     bigint NOT NULL CHECK (amount > 0),
	state      text NOT NULL CHECK (state IN ('asked', 'made', 'refused')),
	reason     text NOT NULL DEFAULT '', -- why it was refused
	at         timestamptz NOT NULL,
	PRIMARY KEY (payment_id, key)
);
CREATE UNIQUE INDEX ON payments.refund (payment_id) WHERE state = 'asked';

-- Every request to the gateway, written down before it is made. One without took was made by a process that then ended.
CREATE TABLE payments.call (
	payment_id uuid NOT NULL REFERENCES payments.payment,
	id         bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
	deed       text NOT NULL CHECK (deed IN ('authorise', 'capture', 'void', 'refund', 'find')),
	key        text NOT NULL, -- the idempotency key
	amount     bigint NOT NULL,
	at         timestamptz NOT NULL,
	took       interval,
	answer     text NOT NULL DEFAULT '', -- the state of the charge, as the gateway says
	response   text NOT NULL DEFAULT '', -- without secrets
	error      text NOT NULL DEFAULT '',
	PRIMARY KEY (payment_id, id)
) WITH (fillfactor = 70);

-- What the gateway told by itself, each once.
CREATE TABLE payments.event (
	gateway     text NOT NULL,
	id          text NOT NULL,
	payment_id  uuid NOT NULL REFERENCES payments.payment,
	kind        text NOT NULL,
	answer      text NOT NULL,
	at          timestamptz NOT NULL, -- when it says that it happened
	received_at timestamptz NOT NULL,
	PRIMARY KEY (gateway, id)
);
CREATE INDEX ON payments.event (payment_id);

-- The sandbox, a gateway to try with. These stand for the tables of somebody else far away: nothing but the sandbox reads them.
CREATE TABLE payments.sandbox_charge (
	key        text PRIMARY KEY, -- the idempotency key of the authorisation
	payment    uuid NOT NULL, -- what the charge is for, as it was told
	card       text NOT NULL,
	amount     bigint NOT NULL,
	currency   text NOT NULL,
	state      text NOT NULL CHECK (state IN ('pending', 'authorised', 'declined', 'captured', 'voided')),
	captured   bigint NOT NULL DEFAULT 0,
	refunded   bigint NOT NULL DEFAULT 0,
	approval   text NOT NULL DEFAULT '',
	decline    text NOT NULL DEFAULT '',
	due_at     timestamptz, -- when what is pending becomes real
	expires_at timestamptz NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX ON payments.sandbox_charge (payment);
CREATE TABLE payments.sandbox_refund (
	key    text PRIMARY KEY,
	charge text NOT NULL REFERENCES payments.sandbox_charge,
	amount bigint NOT NULL
);
-- How often a card that makes trouble has made it.
CREATE TABLE payments.sandbox_fault (
	key   text PRIMARY KEY,
	times int NOT NULL
);
-- What the sandbox has yet to tell, and what it told.
CREATE TABLE payments.sandbox_notice (
	id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	event   text NOT NULL, -- the same for what is told twice
	payment uuid NOT NULL,
	answer  jsonb NOT NULL,
	at      timestamptz NOT NULL,
	due_at  timestamptz NOT NULL,
	told_at timestamptz
);
CREATE INDEX ON payments.sandbox_notice (due_at) WHERE told_at IS NULL;

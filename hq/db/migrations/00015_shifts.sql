-- +goose Up

-- What the tills' journals say of their drawers. A row is known by where its entry stands.
CREATE TABLE sales.shift (
	store_id      uuid NOT NULL,
	till_id       uuid NOT NULL,
	epoch         bigint NOT NULL,
	seq           bigint NOT NULL,
	branch        int NOT NULL,
	number        bigint NOT NULL,
	business_date int NOT NULL,
	at            timestamptz NOT NULL,
	user_id       uuid NOT NULL,
	float         bigint NOT NULL,
	PRIMARY KEY (store_id, till_id, epoch, seq, branch)
);

CREATE TABLE sales.cash_move (
	store_id      uuid NOT NULL,
	till_id       uuid NOT NULL,
	epoch         bigint NOT NULL,
	seq           bigint NOT NULL,
	branch        int NOT NULL,
	business_date int NOT NULL,
	at            timestamptz NOT NULL,
	user_id       uuid NOT NULL,
	amount        bigint NOT NULL, -- negative when it left the drawer
	reason        int NOT NULL,
	note          text NOT NULL,
	PRIMARY KEY (store_id, till_id, epoch, seq, branch)
);

CREATE TABLE sales.z (
	store_id      uuid NOT NULL,
	till_id       uuid NOT NULL,
	epoch         bigint NOT NULL,
	seq           bigint NOT NULL,
	branch        int NOT NULL,
	number        bigint NOT NULL,
	shift         bigint NOT NULL,
	business_date int NOT NULL,
	at            timestamptz NOT NULL,
	user_id       uuid NOT NULL,
	opened_epoch  bigint NOT NULL, -- the entry that opened the shift
	opened_seq    bigint NOT NULL,
	float         bigint NOT NULL,
	tickets       bigint NOT NULL,
	refunds       bigint NOT NULL,
	net           bigint NOT NULL, -- sold less given back, taxes included
	cash          bigint NOT NULL, -- what sales and refunds left in the drawer
	moved         bigint NOT NULL, -- cash moves, in less out
	expected      bigint NOT NULL,
	counted       bigint NOT NULL,
	perpetual     bigint NOT NULL,
	waiting       bigint NOT NULL, -- entries the till had not sent then
	PRIMARY KEY (store_id, till_id, epoch, seq, branch)
);

CREATE INDEX z_day ON sales.z (store_id, business_date);

-- +goose Up

-- A void takes a sale back whole. Its amounts are negative as a refund's are, and it counts one ticket less.
ALTER TABLE sales.document ADD COLUMN void boolean NOT NULL DEFAULT false;
ALTER TABLE sales.hourly ADD COLUMN voids bigint NOT NULL DEFAULT 0;

-- The till asks for the price; and what the labels say that a scale prints (retail.Label).
ALTER TABLE catalog.product ADD COLUMN open_price boolean NOT NULL DEFAULT false;
ALTER TABLE catalog.product ADD COLUMN label smallint NOT NULL DEFAULT 0;

-- What a role does at the tills without an approval, where a retailer has decided: see retail.Rights.
CREATE TABLE users.rights (
	role     text PRIMARY KEY CHECK (role IN ('administrator', 'manager', 'supervisor', 'employee', 'cashier')),
	alone    text[] NOT NULL,
	discount bigint NOT NULL, -- per 100,000
	refund   bigint NOT NULL
);

-- What was done at a till out of the ordinary: overrides, and drawers opened without a sale. By entry, for exception reports.
CREATE TABLE sales.deed (
	store_id      uuid NOT NULL,
	business_date int NOT NULL,
	till_id       uuid NOT NULL,
	epoch         bigint NOT NULL,
	seq           bigint NOT NULL,
	branch        int NOT NULL,
	deed          text NOT NULL, -- retail.Deed
	user_id       uuid NOT NULL,
	approver_id   uuid,          -- NULL when none was needed
	reason        text NOT NULL,
	amount        bigint NOT NULL, -- what was taken off or voided
	PRIMARY KEY (store_id, business_date, till_id, epoch, seq, branch)
);

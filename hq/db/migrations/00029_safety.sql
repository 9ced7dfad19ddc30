-- +goose Up

-- A clerk of a warehouse ships what stores are granted. Tills hear of none.
ALTER TABLE users.staff DROP CONSTRAINT staff_role_check;
ALTER TABLE users.staff ADD CONSTRAINT staff_role_check
	CHECK (role IN ('administrator', 'manager', 'supervisor', 'employee', 'cashier', 'warehouse'));
ALTER TABLE users.staff ADD COLUMN signed_in_at timestamptz; -- at headquarters, last

-- Links that were sent to set a new password. One that was used is not here any more.
CREATE TABLE users.reset (
	token_hash bytea PRIMARY KEY, -- SHA-256: a stolen table opens nothing
	staff_id   uuid NOT NULL UNIQUE REFERENCES users.staff,
	expires_at timestamptz NOT NULL
);

-- What failed on pages that need no session, by the address it came from.
CREATE TABLE users.visitor (
	address  text PRIMARY KEY,
	failures int NOT NULL,
	since    timestamptz NOT NULL
);

-- What people changed. It is only ever added to.
CREATE TABLE users.audit (
	id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	at       timestamptz NOT NULL,
	staff_id uuid,          -- NULL: the hq command
	actor    text NOT NULL, -- their name as it was then
	origin   text NOT NULL, -- the browser's address, or the machine's user
	kind     text NOT NULL,
	subject  text NOT NULL, -- id of what was changed
	title    text NOT NULL, -- what people call it
	before   jsonb,
	after    jsonb
);
CREATE INDEX audit_at ON users.audit (at);
CREATE INDEX audit_staff ON users.audit (staff_id, id);

-- +goose StatementBegin
CREATE FUNCTION users.audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'users.audit is only ever added to';
END $$;
-- +goose StatementEnd
CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON users.audit
	FOR EACH STATEMENT EXECUTE FUNCTION users.audit_stays();

-- +goose Up

-- Store-owned tables lead every unique key with the store, so that they can be spread over several servers by store.
-- Amounts are minor units of the currency, quantities thousandths, business dates the number yyyymmdd.

-- users ------------------------------------------------------------------------------------------------------------

CREATE TABLE users.staff (
	id          uuid PRIMARY KEY,
	name        text NOT NULL,
	email       text UNIQUE, -- signs in at headquarters; NULL for who only works at tills
	role        text NOT NULL CHECK (role IN ('administrator', 'manager', 'supervisor', 'employee', 'cashier')),
	lang        text NOT NULL DEFAULT 'fr' CHECK (lang IN ('fr', 'en')),
	password    text, -- argon2id in PHC form
	pin         text, -- argon2id in PHC form; never accepted at headquarters
	disabled_at timestamptz
);

CREATE TABLE users.staff_store (
	store_id uuid NOT NULL,
	staff_id uuid NOT NULL REFERENCES users.staff,
	PRIMARY KEY (store_id, staff_id)
);
CREATE INDEX ON users.staff_store (staff_id);

CREATE TABLE users.session (
	token_hash bytea PRIMARY KEY, -- SHA-256 of the cookie: a stolen table opens no session
	staff_id   uuid NOT NULL REFERENCES users.staff,
	created_at timestamptz NOT NULL,
	seen_at    timestamptz NOT NULL,
	expires_at timestamptz NOT NULL,
	agent      text NOT NULL DEFAULT '',
	address    text NOT NULL DEFAULT ''
);
CREATE INDEX ON users.session (staff_id);

-- Wrong passwords, by e-mail tried: delays grow with them.
CREATE TABLE users.attempt (
	email      text PRIMARY KEY,
	failures   int NOT NULL,
	blocked_to timestamptz NOT NULL
);

-- catalog ----------------------------------------------------------------------------------------------------------

CREATE TABLE catalog.category (
	id      uuid PRIMARY KEY,
	name_fr text NOT NULL,
	name_en text NOT NULL,
	place   int NOT NULL DEFAULT 0
);

CREATE TABLE catalog.tax_rate (
	id           uuid PRIMARY KEY,
	code         text NOT NULL,
	name_fr      text NOT NULL,
	name_en      text NOT NULL,
	rate         bigint NOT NULL CHECK (rate >= 0), -- per 100,000
	classes      smallint[] NOT NULL,
	from_date    int NOT NULL,
	to_date      int NOT NULL DEFAULT 0,
	included     boolean NOT NULL DEFAULT false,
	registration text NOT NULL DEFAULT '',
	place        int NOT NULL DEFAULT 0
);

CREATE TABLE catalog.product (
	id          uuid PRIMARY KEY,
	sku         text NOT NULL UNIQUE,
	name_fr     text NOT NULL DEFAULT '',
	name_en     text NOT NULL DEFAULT '',
	category_id uuid NOT NULL REFERENCES catalog.category,
	price       bigint NOT NULL CHECK (price >= 0),
	cost        bigint NOT NULL DEFAULT 0 CHECK (cost >= 0),
	tax_class   smallint NOT NULL CHECK (tax_class IN (1, 2, 3)),
	pack        int NOT NULL DEFAULT 1 CHECK (pack > 0),
	weighed     boolean NOT NULL DEFAULT false,
	made_here   boolean NOT NULL DEFAULT false,
	favourite   int NOT NULL DEFAULT 0,
	updated_at  timestamptz NOT NULL DEFAULT now(),
	CHECK (name_fr <> '' OR name_en <> '')
);

CREATE TABLE catalog.barcode (
	code       text PRIMARY KEY, -- canonical form: EAN-13 or EAN-8 digits
	product_id uuid NOT NULL REFERENCES catalog.product ON DELETE CASCADE
);
CREATE INDEX ON catalog.barcode (product_id);

-- stock ------------------------------------------------------------------------------------------------------------

CREATE TABLE stock.location (
	id      uuid PRIMARY KEY,
	kind    smallint NOT NULL CHECK (kind IN (1, 2)), -- 1 store, 2 warehouse
	code    text NOT NULL UNIQUE CHECK (code ~ '^[A-Z0-9]{2,4}$'),
	name    text NOT NULL UNIQUE,
	zone    text NOT NULL,
	address text NOT NULL DEFAULT ''
);

-- One signed change of stock. The sum of a product's movements at a location is its level.
CREATE TABLE stock.movement (
	location_id uuid NOT NULL,
	product_id  uuid NOT NULL,
	at          timestamptz NOT NULL,
	ref         uuid NOT NULL,     -- the document: shipment, import; for a journal entry the first 16 bytes of its hash
	line        smallint NOT NULL,
	reason      smallint NOT NULL, -- stock.Reason
	quantity    bigint NOT NULL,
	unit_cost   bigint NOT NULL DEFAULT 0,
	PRIMARY KEY (location_id, product_id, at, ref, line)
);

CREATE TABLE stock.level (
	location_id uuid NOT NULL,
	product_id  uuid NOT NULL,
	on_hand     bigint NOT NULL DEFAULT 0,
	in_transit  bigint NOT NULL DEFAULT 0, -- shipped to this location, not received yet
	unit_cost   bigint NOT NULL DEFAULT 0, -- moving average
	changed_at  timestamptz NOT NULL DEFAULT now(),
	stale       boolean NOT NULL DEFAULT true, -- the feed does not have this row's newest state yet
	PRIMARY KEY (location_id, product_id)
) WITH (fillfactor = 70);
CREATE INDEX level_stale ON stock.level (location_id) WHERE stale;

-- Thresholds that differ from the defaults.
CREATE TABLE stock.threshold (
	location_id   uuid NOT NULL,
	product_id    uuid NOT NULL,
	restock_below bigint NOT NULL,
	out_below     bigint NOT NULL,
	over_above    bigint NOT NULL,
	PRIMARY KEY (location_id, product_id)
);

CREATE TABLE stock.restock (
	location_id  uuid NOT NULL,
	id           uuid NOT NULL,
	state        smallint NOT NULL, -- retail.RestockState
	requested_at timestamptz NOT NULL,
	requested_by uuid NOT NULL,
	decided_at   timestamptz,
	decided_by   uuid,
	PRIMARY KEY (location_id, id)
);
CREATE INDEX ON stock.restock (state, requested_at);

CREATE TABLE stock.restock_line (
	location_id uuid NOT NULL,
	restock_id  uuid NOT NULL,
	product_id  uuid NOT NULL,
	asked       bigint NOT NULL CHECK (asked > 0),
	approved    bigint NOT NULL DEFAULT 0 CHECK (approved >= 0),
	shipped     bigint NOT NULL DEFAULT 0 CHECK (shipped >= 0),
	received    bigint NOT NULL DEFAULT 0 CHECK (received >= 0),
	PRIMARY KEY (location_id, restock_id, product_id),
	FOREIGN KEY (location_id, restock_id) REFERENCES stock.restock
);

CREATE SEQUENCE stock.shipment_number;

CREATE TABLE stock.shipment (
	location_id uuid NOT NULL, -- where it goes
	id          uuid NOT NULL,
	code        text NOT NULL,
	from_id     uuid NOT NULL,
	restock_id  uuid NOT NULL,
	shipped_at  timestamptz NOT NULL,
	shipped_by  uuid NOT NULL,
	received_at timestamptz,
	received_by uuid,
	-- the receive entry that counts: the earliest (time, then hash), not the first to arrive
	receipt     bytea,
	PRIMARY KEY (location_id, id)
);

CREATE TABLE stock.shipment_line (
	location_id uuid NOT NULL,
	shipment_id uuid NOT NULL,
	product_id  uuid NOT NULL,
	shipped     bigint NOT NULL CHECK (shipped > 0),
	received    bigint,
	PRIMARY KEY (location_id, shipment_id, product_id),
	FOREIGN KEY (location_id, shipment_id) REFERENCES stock.shipment
);

-- tills ------------------------------------------------------------------------------------------------------------

-- This headquarters' own key. One row.
CREATE TABLE tills.identity (
	one     boolean PRIMARY KEY DEFAULT true CHECK (one),
	private bytea NOT NULL -- Ed25519 seed
);

CREATE TABLE tills.till (
	store_id     uuid NOT NULL,
	id           uuid NOT NULL,
	number       int NOT NULL CHECK (number BETWEEN 1 AND 99),
	key          bytea, -- Ed25519 public key of the machine; NULL until enrolled
	enrolled_at  timestamptz,
	revoked_at   timestamptz,
	app          text NOT NULL DEFAULT '',
	host         text NOT NULL DEFAULT '',
	-- epochs up to this number have been granted; committed before a grant is sent
	granted      bigint NOT NULL DEFAULT 0,
	n            bigint NOT NULL DEFAULT 0, -- sessions so far
	session      uuid,                      -- the newest session; older ones are fenced
	online       boolean NOT NULL DEFAULT false,
	seen_at      timestamptz,               -- last sign of life
	since        timestamptz,               -- when online last changed
	said_last    bigint NOT NULL DEFAULT 0, -- entries of the till's journal, sent or not, at its last hello
	clock_offset bigint,                    -- till's clock minus ours at the last hello, milliseconds
	PRIMARY KEY (store_id, id),
	UNIQUE (store_id, number)
);
CREATE INDEX ON tills.till (id);

-- One-time enrolment codes.
CREATE TABLE tills.code (
	id         uuid PRIMARY KEY,
	store_id   uuid NOT NULL,
	number     int NOT NULL,
	hash       bytea NOT NULL UNIQUE, -- SHA-256 of the normalised code
	expires_at timestamptz NOT NULL,
	used_at    timestamptz
);

-- Wrong codes, by address: five in fifteen minutes and the address waits.
CREATE TABLE tills.attempt (
	address    text PRIMARY KEY,
	failures   int NOT NULL,
	blocked_to timestamptz NOT NULL
);

-- journal ----------------------------------------------------------------------------------------------------------

-- Every entry ever received, byte for byte. An entry is known by its hash, its parent by the hash before.
CREATE TABLE journal.entry (
	store_id    uuid NOT NULL,
	till_id     uuid NOT NULL,
	epoch       bigint NOT NULL,
	seq         bigint NOT NULL,
	hash        bytea NOT NULL,
	prev        bytea NOT NULL,
	branch      int NOT NULL, -- 0 is the trunk; a fork opens the next number
	bytes       bytea NOT NULL,
	received_at timestamptz NOT NULL,
	PRIMARY KEY (store_id, till_id, epoch, seq, hash)
);
ALTER TABLE journal.entry ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- The newest entry of every branch. Branch 0 begins at the epoch's genesis, the others at their fork.
CREATE TABLE journal.branch (
	store_id  uuid NOT NULL,
	till_id   uuid NOT NULL,
	epoch     bigint NOT NULL,
	branch    int NOT NULL,
	fork_seq  bigint NOT NULL, -- the last common entry
	fork_hash bytea NOT NULL,
	seq       bigint NOT NULL,
	hash      bytea NOT NULL,
	at        timestamptz NOT NULL, -- when the newest entry was received
	PRIMARY KEY (store_id, till_id, epoch, branch)
);

-- Entries stored but not applied yet, tried again by a periodic job.
CREATE TABLE journal.deferred (
	store_id uuid NOT NULL,
	till_id  uuid NOT NULL,
	epoch    bigint NOT NULL,
	seq      bigint NOT NULL,
	hash     bytea NOT NULL,
	reason   text NOT NULL,
	since    timestamptz NOT NULL,
	tries    int NOT NULL DEFAULT 1,
	PRIMARY KEY (store_id, till_id, epoch, seq, hash)
);

-- What a person must look at: an entry that was applied all the same although it is wrong, or an incident of a till
-- (seq 0 and an empty hash).
CREATE TABLE journal.flag (
	store_id    uuid NOT NULL,
	till_id     uuid NOT NULL,
	epoch       bigint NOT NULL,
	seq         bigint NOT NULL,
	hash        bytea NOT NULL,
	code        text NOT NULL,
	detail      text NOT NULL DEFAULT '',
	at          timestamptz NOT NULL,
	resolved_at timestamptz,
	resolved_by uuid,
	PRIMARY KEY (store_id, till_id, epoch, seq, hash, code)
);

-- Entries a till cannot give any more.
CREATE TABLE journal.hole (
	store_id uuid NOT NULL,
	till_id  uuid NOT NULL,
	epoch    bigint NOT NULL,
	first    bigint NOT NULL,
	last     bigint NOT NULL,
	at       timestamptz NOT NULL,
	filled_at timestamptz,
	PRIMARY KEY (store_id, till_id, epoch, first)
);

-- sales ------------------------------------------------------------------------------------------------------------

-- Sales and refunds, as applied from the journal. Amounts of a refund are negative.
CREATE TABLE sales.document (
	store_id      uuid NOT NULL,
	business_date int NOT NULL,
	till_id       uuid NOT NULL,
	epoch         bigint NOT NULL,
	seq           bigint NOT NULL,
	branch        int NOT NULL,
	number        bigint NOT NULL,
	refund        boolean NOT NULL,
	at            timestamptz NOT NULL,
	user_id       uuid NOT NULL,
	units         bigint NOT NULL,
	revenue       bigint NOT NULL, -- lines after discounts, before taxes
	discount      bigint NOT NULL,
	cost          bigint NOT NULL,
	total         bigint NOT NULL, -- taxes included, before rounding
	rounding      bigint NOT NULL,
	cash          bigint NOT NULL,
	card          bigint NOT NULL,
	taxes         jsonb NOT NULL,  -- [{"code","rate","base","amount"}]
	PRIMARY KEY (store_id, business_date, till_id, epoch, seq, branch)
);

CREATE TABLE sales.line (
	store_id      uuid NOT NULL,
	business_date int NOT NULL,
	till_id       uuid NOT NULL,
	epoch         bigint NOT NULL,
	seq           bigint NOT NULL,
	branch        int NOT NULL,
	line          smallint NOT NULL,
	product_id    uuid NOT NULL,
	quantity      bigint NOT NULL,
	revenue       bigint NOT NULL,
	discount      bigint NOT NULL,
	cost          bigint NOT NULL,
	PRIMARY KEY (store_id, business_date, till_id, epoch, seq, branch, line)
);

-- Rollups, moved in the transaction that writes the rows above: reports read these.
CREATE TABLE sales.hourly (
	store_id      uuid NOT NULL,
	business_date int NOT NULL,
	hour          smallint NOT NULL, -- of the document's time, in the store's zone
	tickets       bigint NOT NULL,
	refunds       bigint NOT NULL,
	units         bigint NOT NULL,
	revenue       bigint NOT NULL,
	refunded      bigint NOT NULL, -- the part of revenue that is refunds, negative
	discount      bigint NOT NULL,
	cost          bigint NOT NULL,
	total         bigint NOT NULL,
	rounding      bigint NOT NULL,
	cash          bigint NOT NULL,
	card          bigint NOT NULL,
	PRIMARY KEY (store_id, business_date, hour)
) WITH (fillfactor = 70);

CREATE TABLE sales.daily_product (
	store_id      uuid NOT NULL,
	business_date int NOT NULL,
	product_id    uuid NOT NULL,
	units         bigint NOT NULL,
	revenue       bigint NOT NULL,
	cost          bigint NOT NULL,
	PRIMARY KEY (store_id, business_date, product_id)
) WITH (fillfactor = 70);

CREATE TABLE sales.daily_tax (
	store_id      uuid NOT NULL,
	business_date int NOT NULL,
	code          text NOT NULL,
	rate          bigint NOT NULL,
	base          bigint NOT NULL,
	amount        bigint NOT NULL,
	PRIMARY KEY (store_id, business_date, code, rate)
) WITH (fillfactor = 70);

-- feed -------------------------------------------------------------------------------------------------------------

-- One counter row per feed, locked as the last statement of a writing transaction, so that seq follows commit order.
CREATE TABLE feed.head (
	feed   text PRIMARY KEY,
	gen    bigint NOT NULL DEFAULT 1,
	seq    bigint NOT NULL DEFAULT 0,
	floor  bigint NOT NULL DEFAULT 0, -- tombstones below it are gone: an older cursor starts again
	digest bigint NOT NULL DEFAULT 0  -- sum mod 2^64 of the hashes of the live rows, as a signed number
);

CREATE TABLE feed.item (
	feed text NOT NULL,
	type smallint NOT NULL,
	id   uuid NOT NULL,
	seq  bigint NOT NULL,
	body bytea, -- NULL is a tombstone
	PRIMARY KEY (feed, type, id)
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX item_seq ON feed.item (feed, seq);

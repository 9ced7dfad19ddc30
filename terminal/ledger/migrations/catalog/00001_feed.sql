-- +goose Up

CREATE TABLE feed (
	name    TEXT    PRIMARY KEY,
	gen     INTEGER NOT NULL DEFAULT 0,
	seq     INTEGER NOT NULL DEFAULT 0, -- the cursor; 0: a load from the start is due
	base    INTEGER NOT NULL DEFAULT 0,
	digest  INTEGER NOT NULL DEFAULT 0, -- sum of wire.RowHash over the visible rows, as a signed number
	visible INTEGER NOT NULL DEFAULT 0  -- the cursor of what is visible; stays while a feed is loaded again
) STRICT;

-- The visible rows, of every type, also those this version does not know.
CREATE TABLE row (
	type INTEGER NOT NULL,
	id   BLOB    NOT NULL,
	feed TEXT    NOT NULL REFERENCES feed ON DELETE CASCADE,
	seq  INTEGER NOT NULL,
	body BLOB    NOT NULL,
	PRIMARY KEY (type, id, feed)
) STRICT, WITHOUT ROWID;

CREATE INDEX row_feed ON row (feed);

-- Pages that wait for their last one. An empty body is a tombstone.
CREATE TABLE staged (
	feed TEXT    NOT NULL REFERENCES feed ON DELETE CASCADE,
	type INTEGER NOT NULL,
	id   BLOB    NOT NULL,
	seq  INTEGER NOT NULL,
	body BLOB    NOT NULL,
	PRIMARY KEY (feed, type, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE staging (
	feed TEXT    PRIMARY KEY REFERENCES feed ON DELETE CASCADE,
	gen  INTEGER NOT NULL,
	upto INTEGER NOT NULL
) STRICT;

-- Products as they are looked for. fr and en are the folded names, more the folded SKU and the barcodes.
CREATE TABLE product (
	doc       INTEGER PRIMARY KEY,
	id        BLOB    NOT NULL UNIQUE,
	category  BLOB    NOT NULL,
	favourite INTEGER NOT NULL,
	fr        TEXT    NOT NULL,
	en        TEXT    NOT NULL,
	more      TEXT    NOT NULL,
	body      BLOB    NOT NULL
) STRICT;

CREATE INDEX product_fr ON product (category, fr);
CREATE INDEX product_en ON product (category, en);
CREATE INDEX product_favourite ON product (favourite) WHERE favourite > 0;

-- Barcodes in canonical form, and SKUs.
CREATE TABLE code (
	code TEXT    NOT NULL,
	doc  INTEGER NOT NULL REFERENCES product ON DELETE CASCADE,
	PRIMARY KEY (code, doc)
) STRICT, WITHOUT ROWID;

CREATE INDEX code_doc ON code (doc);

-- Words as tokens, and the rest of each word from its second letter on, marked with _: see searchTokens.
CREATE VIRTUAL TABLE search USING fts5 (
	tokens, content = '', contentless_delete = 1, detail = none,
	prefix = '1 2 3 4', tokenize = "ascii tokenchars '_'"
);

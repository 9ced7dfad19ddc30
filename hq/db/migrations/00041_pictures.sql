-- +goose Up

-- What a product looks like, as headquarters drew it again from the file it was given: square JPEGs, and nothing else of the file.
-- The rows are large, so they stand apart from the products'; a retired product keeps its picture, and nobody is shown it.
CREATE TABLE catalog.picture (
	product_id uuid PRIMARY KEY REFERENCES catalog.product,
	digest     text NOT NULL, -- of the file; the same file may be of several products
	small      bytea NOT NULL,
	large      bytea NOT NULL
);
CREATE INDEX ON catalog.picture (digest);

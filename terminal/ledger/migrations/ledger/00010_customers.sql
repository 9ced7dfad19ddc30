-- +goose Up

-- Customers who were written down here, until headquarters shows them. They are no part of any entry.
CREATE TABLE customer (
	id   BLOB PRIMARY KEY,
	body BLOB NOT NULL -- CBOR of retail.Customer
) STRICT;

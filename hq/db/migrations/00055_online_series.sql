-- +goose Up

-- What headquarters sells has a series of numbers of its own, whose end is looked up by each sale.
CREATE INDEX ON sales.document (store_id, till_id, seq) WHERE source <> '';

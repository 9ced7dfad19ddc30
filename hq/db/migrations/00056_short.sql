-- +goose Up

-- What locations lately said they have not, although it is on record: looked up for each order.
CREATE INDEX ON orders.fulfilment (location_id, answered_at) WHERE answer = 'short';

-- +goose Up

-- A sale that comes after a hold of it is passed on to the till that asked.
CREATE INDEX hold_receipt ON sales.hold (store_id, till_id, epoch, number);

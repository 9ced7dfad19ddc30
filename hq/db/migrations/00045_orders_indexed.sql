-- +goose Up

-- An order is written several times before it rests, and each index with it: those that most orders have nothing in leave them out.
DROP INDEX orders.placed_sold_till_sold_epoch_sold_number_idx;
CREATE UNIQUE INDEX ON orders.placed (sold_till, sold_epoch, sold_number) WHERE sold_till IS NOT NULL;
DROP INDEX orders.placed_customer_id_placed_at_idx;
CREATE INDEX ON orders.placed (customer_id, placed_at DESC) WHERE customer_id IS NOT NULL;

-- +goose Up

-- An order whose goods went out before its money was taken is not over.
DROP INDEX orders.placed_state_state_at_idx;
CREATE INDEX ON orders.placed (state, state_at) WHERE state NOT IN ('cancelled', 'delivered') AND (captured_at IS NULL OR state NOT IN ('collected', 'returned'));

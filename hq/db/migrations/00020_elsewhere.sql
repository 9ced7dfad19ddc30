-- +goose Up

-- Products whose stock at some store has changed and that the other stores have not been told of.
CREATE TABLE stock.elsewhere (product_id uuid PRIMARY KEY);
INSERT INTO stock.elsewhere SELECT DISTINCT l.product_id FROM stock.level l JOIN stock.location k ON k.id = l.location_id AND k.kind = 1;

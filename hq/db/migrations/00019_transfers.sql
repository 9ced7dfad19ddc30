-- +goose Up

-- A shipment from a store to another answers no request.
ALTER TABLE stock.shipment ALTER COLUMN restock_id DROP NOT NULL;

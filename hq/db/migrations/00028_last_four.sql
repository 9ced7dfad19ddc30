-- +goose Up

-- The last four digits of the cards that paid, parted by spaces: by them customers without their receipt are helped. Documents of
-- before have none here.
ALTER TABLE sales.document ADD COLUMN cards text NOT NULL DEFAULT '';

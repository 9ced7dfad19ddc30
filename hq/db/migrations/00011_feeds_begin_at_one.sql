-- +goose Up

-- A feed begins with the number 1 and no rows, before anybody publishes to it: so it can say that it has none to a till that
-- shows rows, after a rollback to before the first.
ALTER TABLE feed.head ALTER COLUMN seq SET DEFAULT 1;
UPDATE feed.head SET seq = 1 WHERE seq = 0;

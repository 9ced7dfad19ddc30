-- +goose Up

-- What a person's badge is known by, made of its code by secret.Badge. Nobody has another's.
ALTER TABLE users.staff ADD COLUMN badge bytea UNIQUE;

-- +goose Up

-- When the till last said how many entries its journal holds (said_last): at its last hello.
ALTER TABLE tills.till ADD COLUMN said_at timestamptz;

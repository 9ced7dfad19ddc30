-- +goose Up

-- A clock entry covers what any branch has of its range: which number a branch has depends on what came first.
ALTER TABLE journal.clock DROP CONSTRAINT clock_pkey;
ALTER TABLE journal.clock DROP COLUMN branch;
ALTER TABLE journal.clock ADD PRIMARY KEY (store_id, till_id, at_epoch, at_seq, hash);

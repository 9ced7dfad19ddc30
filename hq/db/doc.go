// Package db is HQ's door to Postgres: the pool, transactions and migrations.
//
// It opens only a server that keeps what it acknowledged: with fsync,
// full_page_writes or synchronous_commit off, Open fails. Every write goes
// through InTx, which runs the whole function again when Postgres gives up on it
// for a conflict: the function must be repeatable, and what must happen once
// belongs in AfterCommit. BeforeCommit is for locks that must be taken last and
// in one order, and for what is written at once for all of a transaction.
// Migrations only go forward.
package db

// Package pgtest gives each test its own migrated Postgres database.
//
// Databases are cloned from a template that is migrated once. They live on
// TEST_DATABASE_URL if that is set, else on a private server shared by all test
// programs of this user that have the same temporary folder. The first program starts it;
// a small watcher, the same program run again, stops it and deletes everything
// when no test program has lived for a minute, however the last one died.
//
// That server does not flush to disk and lies in memory where there is room, for
// speed. Durable asks for one that is as in production. The secrets of a program
// that uses either are hashed at no cost.
package pgtest

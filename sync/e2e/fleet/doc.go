// Package fleet runs whole systems: a headquarters as its own process with its own Postgres, and any number of checkout
// lanes, each a real ledger on SQLite with a real link over a real websocket. Tests, benchmarks and the replay build
// their worlds from it.
package fleet

// Package server wires headquarters: the database, the domains, the hub the tills connect to, the dashboard. The program
// and the end-to-end tests build the same Server from the same Config.
//
// A process holds no state of its own: any number of them may share one Postgres.
package server

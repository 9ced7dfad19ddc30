// Package postgres runs a private Postgres for an HQ that was given no
// DATABASE_URL, from the programs installed on the machine.
//
// A folder holds everything: the cluster, its password (0600), its port and its
// log. Any number of processes may use one folder at a time: the first starts
// the server, the others join it, and the last to leave stops it. A server that
// outlived a killed HQ is found through its postmaster.pid and adopted.
//
// The server listens on 127.0.0.1 only and asks for a scram password. It never
// runs as root: root hands it to the user postgres, or nobody. It never opens a
// cluster of another major version. fsync, full_page_writes and
// synchronous_commit are set on its command line, above any configuration file.
package postgres

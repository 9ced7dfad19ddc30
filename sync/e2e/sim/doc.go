// Package sim plays fleets of tills and headquarters on simulated time: the real cores of link and hub, real frames and
// real entries over memory storage, under every fault there is. Everything is drawn from one seed, so a failure can be
// played again.
//
// The two memory storages are the specification of the real ones, written as plainly as possible: a transaction is a
// function that runs wholly or not at all. Whoever changes what a storage does changes it here first. The real ones are
// played beside them (beside.go headquarters on Postgres, folder.go tills on SQLite, with their disks copied, set back and
// damaged): they are asked everything and must give the same answers. Random histories of deeds that fail or are cut short
// at any write (till_history_test.go, hq_history_test.go) show that each has happened wholly or not at all, as in memory.
//
// Known limits, which it passes over where they are met: when headquarters is rolled back while it gives a file back what
// that has lost, the stock a till shows counts some entries twice until the feed is loaded again; rolled back, it may grant
// an epoch to two files, and the stock lacks some entries until the first batch of the second; what headquarters
// acknowledged of a copy's path past a fork, after the mark that names the fork, is missing in that stock until the next
// mark; a machine that could not give an entry, and can again because an older copy of its sentinel was put back, is not
// asked a second time; a lane whose disk has lost an entry by which it gave something back or away may do so again, as an
// image of the disk may, until headquarters has told it that it lacks something. Of that, and of what a supervisor allows, headquarters' flags are checked. A till's own feed has no
// notices of flags here.
package sim

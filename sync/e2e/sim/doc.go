// Package sim plays fleets of tills and headquarters on simulated time: the real cores of link and hub, real frames and
// real entries over memory storage, under every fault there is. Everything is drawn from one seed, so a failure can be
// played again.
//
// The two memory storages are the specification of the real ones, written as plainly as possible: a transaction is a
// function that runs wholly or not at all. Whoever changes what a storage does changes it here first.
package sim

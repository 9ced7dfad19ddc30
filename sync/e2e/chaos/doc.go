// Package chaos runs headquarters, its Postgres and several tills as processes of their own, kills them and breaks what
// they say to each other at the worst moments it can find, and then compares, to the byte and to the unit, what the
// customers hold, what the tills hold and what headquarters holds.
//
// Only what can hurt counts. A kill counts when the process had something to lose: entries that were not acknowledged,
// seen on the wire or in the till's own answers. A fault counts when it hits a message that carries entries, an
// acknowledgement, changes or their confirmation.
//
// Each line runs from the till through a proxy that knows the messages and through toxiproxy, which knows only bytes.
// What is sold, which message is hit by what, and who is killed in which phase comes from a seed; the moments themselves
// are those of real processes, so two runs of one seed differ in them.
package chaos

// Package chaos runs headquarters, its Postgres and several tills as processes of their own, kills them and breaks what
// they say to each other at the worst moments it can find, and then compares, to the byte and to the unit, what the
// customers hold, what the tills hold and what headquarters holds.
//
// Only what can hurt counts. A kill counts when the process had something to lose: entries that were not acknowledged,
// seen on the wire or in the till's own answers. A fault counts when it hits a message that carries entries, an
// acknowledgement, changes or their confirmation.
//
// Each line runs from the till through a proxy that knows the messages and through toxiproxy's toxics, which know only
// bytes. How much is hit is bounded by how often a till is connected: a break costs it the product's own pause of about a
// second, and headquarters' death costs every till one. So there are many tills, and kills wait when the faults fall
// behind.
//
// What is sold, which message is hit by what, and who is killed in which phase comes from a seed; the moments themselves
// are those of real processes, so two runs of one seed differ in them.
package chaos

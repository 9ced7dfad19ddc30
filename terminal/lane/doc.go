// Package lane puts one checkout lane together: the ledger on disk, the rules of the till, the printer and the link to
// headquarters. It knows no window, so that the end-to-end tests and the fleet run the very lane the shop runs.
//
// A lane sells as soon as it is open. The link is only the way out and in; nothing waits for it.
package lane

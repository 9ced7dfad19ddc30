//go:build !unix

package printer

// noWait says nothing here: device files of printers are Unix's.
const noWait = 0

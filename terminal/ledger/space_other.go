//go:build !linux && !windows

package ledger

import "syscall"

// freeSpace cannot be told here.
func freeSpace(string) (bytes int64, known bool) { return 0, false }

// noSpace are the errors of a full disk.
var noSpace = []error{syscall.ENOSPC}

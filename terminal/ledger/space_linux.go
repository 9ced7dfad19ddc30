package ledger

import "syscall"

// freeSpace is the room on the disk of a folder; known is false where that cannot be told.
func freeSpace(dir string) (bytes int64, known bool) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, false
	}
	return int64(s.Bavail) * s.Bsize, true
}

// noSpace are the errors of a full disk, or of a share of it that is used up.
var noSpace = []error{syscall.ENOSPC, syscall.EDQUOT}

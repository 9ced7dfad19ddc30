package lane

import "golang.org/x/sys/unix"

// Free is how many bytes a program may still write to the disk of a folder; ok is false when that is not known.
func Free(dir string) (bytes int64, ok bool) {
	var s unix.Statfs_t
	if unix.Statfs(dir, &s) != nil {
		return 0, false
	}
	return int64(s.Bavail) * s.Bsize, true
}

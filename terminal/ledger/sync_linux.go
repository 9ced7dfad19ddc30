package ledger

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// fallocKeepSize reserves blocks without changing the length of the file.
const fallocKeepSize = 1

// syncData makes the written bytes durable.
func syncData(f *os.File) error { return syscall.Fdatasync(int(f.Fd())) }

// reserve makes sure that the next bytes after offset fit on the disk. File systems that cannot reserve are believed.
func reserve(f *os.File, offset, length int64) error {
	err := syscall.Fallocate(int(f.Fd()), fallocKeepSize, offset, length)
	if errors.Is(err, syscall.EOPNOTSUPP) || errors.Is(err, syscall.ENOSYS) {
		return nil
	}
	return err
}

// lock keeps a second program out. The lock ends with the process, however it ends.
func lock(f *os.File) error {
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return fmt.Errorf("lock %s: %w: %w", f.Name(), errInUse, err)
	}
	return nil
}

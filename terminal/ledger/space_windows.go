package ledger

import (
	"syscall"
	"unsafe"
)

var getDiskFreeSpaceEx = syscall.NewLazyDLL("kernel32.dll").NewProc("GetDiskFreeSpaceExW")

// freeSpace is the room on the disk of a folder; known is false where that cannot be told.
func freeSpace(dir string) (bytes int64, known bool) {
	name, err := syscall.UTF16PtrFromString(dir)
	if err != nil {
		return 0, false
	}
	ok, _, _ := getDiskFreeSpaceEx.Call(uintptr(unsafe.Pointer(name)), uintptr(unsafe.Pointer(&bytes)), 0, 0)
	return bytes, ok != 0
}

// noSpace are the errors of a full disk: ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL.
var noSpace = []error{syscall.Errno(112), syscall.Errno(39)}

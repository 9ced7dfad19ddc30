//go:build unix

package printer

import "golang.org/x/sys/unix"

// noWait has a device file opened at once, whatever the printer is doing, and read and written with deadlines; a terminal
// does not become this program's.
const noWait = unix.O_NONBLOCK | unix.O_NOCTTY

package emulator

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Device gives the printer a device file at path, a link to a terminal's in raw mode. Remove the link to pull its cable.
func (p *Printer) Device(path string) error {
	ours, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return fmt.Errorf("device: %w", err)
	}
	theirs, err := pair(ours)
	if err != nil {
		return fmt.Errorf("device: %w", err)
	}
	if err := os.Symlink(theirs, path); err != nil {
		return fmt.Errorf("device: %w", err)
	}
	// Somebody has it open always: else its end here reads errors between two jobs.
	held, err := os.OpenFile(theirs, os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return fmt.Errorf("device: %w", err)
	}
	go func() {
		p.Attach(ours)
		_ = held.Close()
	}()
	return nil
}

// pair is the name of the other end, unlocked and raw.
func pair(ours *os.File) (theirs string, err error) {
	raw, err := ours.SyscallConn()
	if err != nil {
		return "", err
	}
	number := 0
	if outer := raw.Control(func(fd uintptr) {
		if err = unix.IoctlSetPointerInt(int(fd), unix.TIOCSPTLCK, 0); err != nil {
			return
		}
		if number, err = unix.IoctlGetInt(int(fd), unix.TIOCGPTN); err != nil {
			return
		}
		var mode *unix.Termios
		if mode, err = unix.IoctlGetTermios(int(fd), unix.TCGETS); err != nil {
			return
		}
		mode.Iflag, mode.Oflag, mode.Lflag = 0, 0, 0
		err = unix.IoctlSetTermios(int(fd), unix.TCSETS, mode)
	}); outer != nil {
		return "", outer
	}
	return fmt.Sprintf("/dev/pts/%d", number), err
}

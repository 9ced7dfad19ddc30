package lane

import (
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// MachineUptime reads how the kernel names the boot of this machine and how long ago it was, sleep included. It is nil where
// the kernel does not say.
func MachineUptime() func() (boot string, up time.Duration) {
	raw, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	boot := strings.TrimSpace(string(raw))
	var ts unix.Timespec
	if err != nil || boot == "" || unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts) != nil {
		return nil
	}
	return func() (string, time.Duration) {
		var ts unix.Timespec
		_ = unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts) // worked above
		return boot, time.Duration(ts.Nano())
	}
}

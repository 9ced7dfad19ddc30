//go:build !linux

package lane

import "time"

// MachineUptime is nil: this system does not name its boots, so each run of the program counts as one.
func MachineUptime() func() (boot string, up time.Duration) { return nil }

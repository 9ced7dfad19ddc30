//go:build !linux

package emulator

import "errors"

// Device is for Linux alone.
func (p *Printer) Device(string) error { return errors.ErrUnsupported }

package printer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Reach says whether a printer can be reached at target, or files be written there. It prints nothing and leaves nothing behind.
func Reach(ctx context.Context, target string) error {
	if dir, ok := strings.CutPrefix(target, "folder:"); ok {
		return writable(dir)
	}
	p, err := pressAt(target)
	if err != nil {
		return fmt.Errorf("printer %s: %w", target, err)
	}
	line, err := p.(*machine).dial(ctx)
	if err != nil {
		return fmt.Errorf("printer %s: %w", target, err)
	}
	return line.Close()
}

// writable says whether files can be made in a folder, or the folder in the one above.
func writable(dir string) error {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		dir = filepath.Dir(dir)
	}
	probe, err := os.CreateTemp(dir, ".printing-*")
	if err != nil {
		return fmt.Errorf("receipts folder: %w", err)
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

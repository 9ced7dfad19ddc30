package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"comptant/sync/e2e/fleet"
)

// Machine is what the figures were taken on.
type Machine struct {
	CPU    string
	Cores  int
	Memory string
	Kernel string
	Disk   disk
	Go     string
	// Postgres is empty when no row used it.
	Postgres string
	At       time.Time
	// Commit is the source's, marked when it was changed since.
	Commit string
}

func newMachine(ctx context.Context, d disk) Machine {
	return Machine{
		CPU: field("/proc/cpuinfo", "model name"), Cores: runtime.NumCPU(), Memory: memory(), Kernel: kernel(), Disk: d,
		Go: runtime.Version(), At: time.Now().UTC(), Commit: fleet.Commit(ctx),
	}
}

// field is the value of the first line "name : value" of a file of /proc.
func field(path, name string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return "unknown"
	}
	for line := range strings.Lines(string(b)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

func memory() string {
	kb, err := strconv.ParseFloat(strings.TrimSuffix(field("/proc/meminfo", "MemTotal"), " kB"), 64)
	if err != nil {
		return "unknown"
	}
	return fmt.Sprintf("%.1f GiB", kb/(1<<20))
}

func kernel() string {
	b, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return "unknown"
	}
	return "Linux " + strings.TrimSpace(string(b))
}

// loadAverage is that of the last minute.
func loadAverage() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	first, _, _ := strings.Cut(string(b), " ")
	return first
}

// disk is the file system of a folder.
type disk struct {
	path, device, kind string
	size               uint64
}

// diskOf finds the file system of a folder.
func diskOf(path string) (disk, error) {
	full, err := filepath.EvalSymlinks(path)
	if err != nil {
		return disk{}, err
	}
	if full, err = filepath.Abs(full); err != nil {
		return disk{}, err
	}
	var stat syscall.Statfs_t
	if err := syscall.Statfs(full, &stat); err != nil {
		return disk{}, fmt.Errorf("file system of %s: %w", full, err)
	}
	d := disk{path: full, size: stat.Blocks * uint64(stat.Bsize)}
	b, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		return disk{}, fmt.Errorf("file system of %s: %w", full, err)
	}
	longest := 0
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		if len(f) < 3 || len(f[1]) < longest {
			continue
		}
		if f[1] == "/" || full == f[1] || strings.HasPrefix(full, f[1]+"/") {
			d.device, d.kind, longest = f[0], f[2], len(f[1])
		}
	}
	return d, nil
}

// durable refuses a file system that keeps nothing.
func (d disk) durable() error {
	switch d.kind {
	case "tmpfs", "ramfs":
		return fmt.Errorf("%s is on %s, where nothing outlives a power cut: a till measured there says nothing; choose a folder on a disk with --dir",
			d.path, d.kind)
	}
	return nil
}

func (d disk) String() string {
	return fmt.Sprintf("%s on %s, %.0f GB", d.kind, d.device, float64(d.size)/1e9)
}

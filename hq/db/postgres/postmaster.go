package postgres

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// postmaster is what a running server says of itself in postmaster.pid.
// https://www.postgresql.org/docs/current/storage-file-layout.html
type postmaster struct {
	pid, port int
}

// findPostmaster returns the live server of the cluster, or nil. A pid file left
// by a dead one stays for Postgres to judge (it also looks for orphaned
// backends), except when its pid now belongs to some other program: Postgres
// would then refuse to start.
func findPostmaster(data string) (*postmaster, error) {
	path := filepath.Join(data, "postmaster.pid")
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	lines := strings.Split(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(lines[0]))
	if err != nil {
		return nil, fmt.Errorf("%s is damaged: make sure that no Postgres runs on this folder, then delete the file", path)
	}
	if !alive(pid) {
		return nil, nil
	}
	if !serves(pid, data) {
		return nil, os.Remove(path)
	}
	found := &postmaster{pid: pid}
	if len(lines) > 3 {
		found.port, _ = strconv.Atoi(strings.TrimSpace(lines[3]))
	}
	return found, nil
}

// alive says whether a process runs under pid; a zombie does not.
func alive(pid int) bool {
	if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return false
	}
	return len(arguments(pid)) > 0
}

// serves says whether pid is the postmaster of the cluster. One that names no
// folder counts as ours: better to fail to adopt it than to start a second.
// The command line is read because, unlike the working folder, root in a
// container may read it for another user's process.
func serves(pid int, data string) bool {
	args := arguments(pid)
	if len(args) == 0 {
		return false
	}
	if name := filepath.Base(args[0]); name != "postgres" && name != "postmaster" {
		return false
	}
	i := slices.Index(args, "-D")
	if i < 0 || i+1 >= len(args) {
		return true
	}
	theirs, err := filepath.EvalSymlinks(args[i+1])
	return err != nil || !filepath.IsAbs(theirs) || theirs == data
}

func arguments(pid int) []string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	text = bytes.TrimRight(text, "\x00")
	if err != nil || len(text) == 0 {
		return nil
	}
	return strings.Split(string(text), "\x00")
}

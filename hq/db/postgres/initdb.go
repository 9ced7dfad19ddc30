package postgres

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// superuser is whom HQ signs in as, database where it lives.
const (
	superuser = "comptant"
	database  = "comptant"
)

// sizing goes to the end of a new cluster's postgresql.conf, where an operator
// may change it: modest beside the tills' traffic on a machine of 2 cores and up.
const sizing = `
# Written by Comptant when the cluster was made; change it for your machine.
shared_buffers = 256MB
effective_cache_size = 2GB
max_connections = %d
max_wal_size = 2GB
checkpoint_timeout = 15min
log_checkpoints = off
timezone = 'UTC'
log_timezone = 'UTC'
`

// initdb makes the cluster beside its place and moves it there when complete, so
// that a kill half-way leaves nothing that looks like one.
func (f folder) initdb(ctx context.Context, bin binaries, maxConnections int) error {
	fresh := f.data + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return err
	}
	if err := os.Mkdir(fresh, 0o700); err != nil {
		return err
	}
	if err := f.give(fresh); err != nil {
		return err
	}
	args := []string{
		"-D", fresh, "--username=" + superuser, "--pwfile=" + f.file("password"), "--auth=scram-sha-256",
		"--encoding=UTF8", "--locale=C.UTF-8", "--lc-messages=C", "--data-checksums",
	}
	if f.unsafe {
		args = append(args, "--no-sync")
	}
	cmd := exec.CommandContext(ctx, bin.path("initdb"), args...)
	f.prepare(cmd)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb %s: %w: %s", f.data, err, tail(out))
	}
	conf, err := os.OpenFile(filepath.Join(fresh, "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(conf, sizing, maxConnections)
	if err == nil && !f.unsafe {
		err = conf.Sync()
	}
	if closeErr := conf.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	// An empty folder may stand there; anything else was refused before.
	if err := os.Remove(f.data); err != nil && !os.IsNotExist(err) {
		return err
	}
	if err := os.Rename(fresh, f.data); err != nil {
		return err
	}
	return syncFolder(f.root)
}

// prepare gives a program the right user, its own process group (a Ctrl-C in the
// terminal is for HQ alone) and none of our PG* variables.
func (f folder) prepare(cmd *exec.Cmd) {
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: f.as}
}

// syncFolder makes a rename in the folder durable.
func syncFolder(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = dir.Close() }()
	return dir.Sync()
}

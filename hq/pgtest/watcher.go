package pgtest

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// The watcher's environment: the folder and its kind, and how long it waits.
const (
	watchEnv = "COMPTANT_PGTEST_WATCH"
	idleEnv  = "COMPTANT_PGTEST_IDLE"
)

// idle is how long a server stays after the last test program has ended.
const idle = time.Minute

// init turns a test program that was started as the watcher into it, before any
// test runs.
func init() {
	kind, folder, ok := strings.Cut(os.Getenv(watchEnv), ":")
	if !ok {
		return
	}
	for _, s := range []*server{&quick, &durable} {
		if s.name == kind {
			if err := s.watch(folder); err != nil {
				_ = os.WriteFile(filepath.Join(folder, "watcher.log"), []byte(err.Error()+"\n"), 0o600)
				os.Exit(1)
			}
		}
	}
	os.Exit(0)
}

// startWatcher starts this program as the watcher of the folder, unless one runs.
func (s *server) startWatcher(folder string) error {
	only, err := lock(filepath.Join(folder, "watcher"), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil
	}
	if err != nil {
		return err
	}
	unlock(only) // the watcher takes it; should two start, the second ends
	program, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), watchEnv+"="+s.name+":"+folder)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // survives a Ctrl-C on go test
	if err := cmd.Start(); err != nil {
		return err
	}
	return cmd.Process.Release()
}

// watch stops the server and deletes it when nobody has used it for a while.
func (s *server) watch(folder string) error {
	only, err := lock(filepath.Join(folder, "watcher"), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil
	}
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	running, err := s.server(ctx, folder)
	if err != nil {
		return err
	}
	wait := idle
	if text := os.Getenv(idleEnv); text != "" {
		if wait, err = time.ParseDuration(text); err != nil {
			return err
		}
	}
	users := filepath.Join(folder, "users")
	for {
		none, err := lock(users, syscall.LOCK_EX) // granted when the last user has ended
		if err != nil {
			return err
		}
		unlock(none)
		time.Sleep(wait)
		none, err = lock(users, syscall.LOCK_EX|syscall.LOCK_NB)
		if errors.Is(err, syscall.EWOULDBLOCK) {
			continue
		}
		if err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := running.Stop(ctx); err != nil {
			return err
		}
		err = os.RemoveAll(filepath.Join(folder, "server"))
		unlock(only) // before the next user may look for a watcher
		unlock(none)
		return err
	}
}

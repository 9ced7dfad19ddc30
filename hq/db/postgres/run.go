package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	fastPatience      = 30 * time.Second // for SIGINT: sessions are cut, a checkpoint is written
	immediatePatience = 10 * time.Second // for SIGQUIT: recovery does the rest at the next start
	logLimit          = 8 << 20          // bytes; an older log is kept once
)

// run starts the postmaster and waits until HQ's database answers.
func (s *Server) run(ctx context.Context, bin binaries, port int) error {
	durability := "on"
	if s.folder.unsafe {
		durability = "off"
	}
	cmd := exec.Command(bin.path("postgres"), "-D", s.folder.data)
	for _, setting := range []string{
		"listen_addresses=127.0.0.1", "port=" + strconv.Itoa(port), "unix_socket_directories=",
		"fsync=" + durability, "full_page_writes=" + durability, "synchronous_commit=" + durability,
		"logging_collector=off", "log_destination=stderr",
	} {
		cmd.Args = append(cmd.Args, "-c", setting)
	}
	s.folder.prepare(cmd)
	// A file and not a pipe: the server may outlive this process.
	log, err := s.folder.openLog()
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	begin, err := log.Seek(0, 2)
	if err != nil {
		return err
	}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return err
	}
	s.pid = cmd.Process.Pid
	done := make(chan struct{})
	s.done = done
	go func() {
		_ = cmd.Wait()
		close(done)
	}()
	if err := s.ready(ctx); err != nil {
		stopErr := s.shutdown(context.WithoutCancel(ctx))
		said, _ := os.ReadFile(log.Name())
		said = said[min(int(begin), len(said)):]
		switch {
		case bytes.Contains(said, []byte("could not bind")):
			err = fmt.Errorf("port %d: %w", port, errPortTaken)
		case bytes.Contains(said, []byte("still in use")):
			err = errOrphans
		case errors.Is(err, errGone):
			err = errors.New("postgres exited") // not to be taken for an adopted one's end
		}
		return errors.Join(fmt.Errorf("%w; its log %s ends: %s", err, log.Name(), tail(said)), stopErr)
	}
	return nil
}

// poll notices the end of a server that is no child of this process.
func (s *Server) poll() {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for alive(s.pid) {
		<-tick.C
	}
	close(s.done)
}

// ready waits until the server lets us in, checks that it serves our cluster,
// and makes HQ's database if it is not there.
func (s *Server) ready(ctx context.Context) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	// Whoever else has the port may keep us waiting for an answer.
	greeting, hangUp := context.WithCancel(ctx)
	defer hangUp()
	done := s.done // the next start makes another, maybe before this has noticed the end
	go func() {
		select {
		case <-done:
			hangUp()
		case <-greeting.Done():
		}
	}()
	for {
		err := s.greet(greeting)
		if err == nil {
			return nil
		}
		if !starting(err) && (greeting.Err() == nil || ctx.Err() != nil) {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-s.done:
			return errGone
		case <-tick.C:
		}
	}
}

// starting says whether a failure to connect may pass: nobody listens yet, or
// the server says that it is starting up or recovering (57P03).
func starting(err error) bool {
	var said *pgconn.PgError
	if errors.As(err, &said) {
		return said.Code == "57P03"
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}

func (s *Server) greet(ctx context.Context) error {
	config, err := pgx.ParseConfig(s.url)
	if err != nil {
		return err
	}
	config.Database = "postgres"
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	var serves string
	var exists bool
	err = conn.QueryRow(ctx, `SELECT current_setting('data_directory'), EXISTS (SELECT FROM pg_database WHERE datname = $1)`, database).
		Scan(&serves, &exists)
	if err != nil {
		return err
	}
	if serves != s.folder.data {
		return fmt.Errorf("port %d belongs to the Postgres of %s", config.Port, serves)
	}
	if !exists {
		_, err = conn.Exec(ctx, "CREATE DATABASE "+database)
	}
	return err
}

// Stop leaves the server, and stops it if no other process uses it: fast, then,
// after 30 s or when ctx ends, immediately. Only the first call counts. A Server
// that is Done is to be stopped too.
func (s *Server) Stop(ctx context.Context) error {
	turn, err := s.folder.flock(ctx, "turn", syscall.LOCK_EX)
	if err != nil {
		return fmt.Errorf("stop Postgres: %w", err)
	}
	defer func() { _ = turn.Close() }()
	if s.left {
		return nil
	}
	s.left = true
	defer func() { _ = s.share.Close() }()
	err = syscall.Flock(int(s.share.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		s.log.Info("left Postgres running for its other users", "pid", s.pid, "folder", s.folder.root)
		return nil
	}
	if err != nil {
		return fmt.Errorf("stop Postgres: %w", err)
	}
	if err := s.shutdown(ctx); err != nil {
		return fmt.Errorf("stop Postgres: %w", err)
	}
	s.log.Info("stopped Postgres", "pid", s.pid, "folder", s.folder.root)
	return nil
}

func (s *Server) shutdown(ctx context.Context) error {
	for _, step := range []struct {
		signal   syscall.Signal
		patience time.Duration
	}{{syscall.SIGINT, fastPatience}, {syscall.SIGQUIT, immediatePatience}} {
		select {
		case <-s.done: // its pid may be another's by now
			return nil
		default:
		}
		if err := syscall.Kill(s.pid, step.signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("signal process %d: %w", s.pid, err)
		}
		late := time.NewTimer(step.patience)
		defer late.Stop()
		select {
		case <-s.done:
			return nil
		case <-ctx.Done():
			ctx = context.WithoutCancel(ctx)
		case <-late.C:
		}
	}
	return fmt.Errorf("process %d ignores SIGINT and SIGQUIT", s.pid)
}

func (f folder) openLog() (*os.File, error) {
	path := f.file("postgres.log")
	if info, err := os.Stat(path); err == nil && info.Size() > logLimit {
		if err := os.Rename(path, path+".old"); err != nil {
			return nil, err
		}
	}
	return os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
}

func address(port int, password string) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(superuser, password), Host: loopback(port),
		Path: database, RawQuery: "sslmode=disable",
	}
	return u.String()
}

// tail is the last lines of a program's output, on one line.
func tail(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return strings.Join(lines[max(0, len(lines)-5):], " | ")
}

package pgtest

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/jackc/pgx/v5/pgxpool"

	"comptant/hq/db/postgres"
	"comptant/shared/secret"
)

// connections are plenty for many test programs with many parallel tests.
const connections = 400

// quick and durable are the two servers of this process, started when asked for.
var (
	quick   = server{name: "quick", unsafe: true}
	durable = server{name: "durable"}
)

type server struct {
	name   string
	unsafe bool

	once  sync.Once
	err   error
	url   *url.URL
	admin *pgxpool.Pool // to clone and drop databases
}

func (s *server) start(ctx context.Context) error {
	s.once.Do(func() {
		// Most tests have people, and few are about how hard their secrets are to guess.
		secret.PIN, secret.Password = secret.Least, secret.Least
		if err := s.connect(ctx); err != nil {
			s.err = fmt.Errorf("pgtest: %w", err)
		}
	})
	return s.err
}

func (s *server) connect(ctx context.Context) (err error) {
	address := os.Getenv("TEST_DATABASE_URL")
	if address == "" {
		if address, err = s.join(ctx); err != nil {
			return err
		}
	}
	if s.url, err = url.Parse(address); err != nil || s.url.Scheme == "" {
		return errors.New("TEST_DATABASE_URL must look like postgres://user:password@host:port/database")
	}
	config, err := pgxpool.ParseConfig(address)
	if err != nil {
		return err
	}
	config.MaxConns = 2
	if s.admin, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return err
	}
	return makeTemplate(ctx, s)
}

// join joins the shared server, starting it and its watcher if need be.
func (s *server) join(ctx context.Context) (string, error) {
	folder := s.folder()
	if err := os.Mkdir(folder, 0o711); err != nil && !errors.Is(err, os.ErrExist) {
		return "", err
	}
	// Held until this process ends, by whatever end. Waits while the watcher cleans up.
	if _, err := lock(filepath.Join(folder, "users"), syscall.LOCK_SH); err != nil {
		return "", err
	}
	running, err := s.server(ctx, folder)
	if err != nil {
		return "", err
	}
	return running.URL(), s.startWatcher(folder)
}

// folder is the server's, another one for each temporary folder. One that does not flush lies in memory where there is room: a database is
// more than a thousand files, and making those takes ten times as long on ext4 once as many were deleted within seconds.
func (s *server) folder() string {
	name := fmt.Sprintf("comptant-pgtest-%d-%s", os.Geteuid(), s.name)
	var memory syscall.Statfs_t
	if !s.unsafe || syscall.Statfs(memoryFolder, &memory) != nil || memory.Bavail*uint64(memory.Bsize) < memoryWanted {
		return filepath.Join(os.TempDir(), name)
	}
	apart := fnv.New32()
	_, _ = apart.Write([]byte(os.TempDir()))
	return filepath.Join(memoryFolder, fmt.Sprintf("%s-%08x", name, apart.Sum32()))
}

const (
	memoryFolder = "/dev/shm"
	memoryWanted = 4 << 30 // bytes
)

func (s *server) server(ctx context.Context, folder string) (*postgres.Server, error) {
	return postgres.Start(ctx, postgres.Options{
		Dir: filepath.Join(folder, "server"), Log: slog.New(slog.DiscardHandler), MaxConnections: connections, Unsafe: s.unsafe,
	})
}

// held keeps the locks of this process from the garbage collector.
var held sync.Map

// lock takes an advisory lock on the file; the process's end gives it back.
func lock(path string, how int) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(file.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	held.Store(file, true)
	return file, nil
}

func unlock(file *os.File) {
	held.Delete(file)
	_ = file.Close()
}

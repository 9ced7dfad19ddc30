package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// folder is where one private server lives.
type folder struct {
	root   string
	data   string // the cluster
	unsafe bool
	as     *syscall.Credential // who runs the server; nil: the current user
}

func (f folder) file(name string) string { return filepath.Join(f.root, name) }

// openFolder makes the folder if need be and settles who runs the server.
func openFolder(dir string, unsafe bool) (folder, error) {
	root, err := filepath.Abs(dir)
	if err != nil {
		return folder{}, err
	}
	mode := os.FileMode(0o700)
	if os.Geteuid() == 0 {
		mode = 0o711 // the server's user has to reach its cluster
	}
	if err := os.MkdirAll(root, mode); err != nil {
		return folder{}, err
	}
	// The path must read the same as in the command line of a server to adopt.
	if root, err = filepath.EvalSymlinks(root); err != nil {
		return folder{}, err
	}
	f := folder{root: root, data: filepath.Join(root, "data"), unsafe: unsafe}
	if unsafe {
		// Another name, so that no switch can ever empty a cluster that matters.
		f.data = filepath.Join(root, "throwaway")
	}
	owner, err := ownerOf(root)
	if err != nil {
		return folder{}, err
	}
	if int(owner.Uid) != os.Geteuid() {
		return folder{}, fmt.Errorf("%s belongs to user %d and this is user %d: run as its owner, or choose another data folder",
			root, owner.Uid, os.Geteuid())
	}
	if os.Geteuid() == 0 {
		if f.as, err = unprivileged(f.data); err != nil {
			return folder{}, err
		}
		if err := reachable(root, f.as); err != nil {
			return folder{}, err
		}
	}
	return f, nil
}

// give hands a path to the user who runs the server.
func (f folder) give(path string) error {
	if f.as == nil {
		return nil
	}
	return os.Chown(path, int(f.as.Uid), int(f.as.Gid))
}

// password reads the superuser's password, inventing it the first time.
func (f folder) password() (string, error) {
	path := f.file("password")
	text, err := os.ReadFile(path)
	if err == nil && len(text) > 0 {
		return strings.TrimSpace(string(text)), nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	if made, err := clusterVersion(f.data); err != nil || made != 0 {
		return "", errors.Join(err, fmt.Errorf("%s is missing, and the cluster beside it needs it: restore it from a backup", path))
	}
	password := rand.Text()
	if err := os.WriteFile(path, []byte(password+"\n"), 0o600); err != nil {
		return "", err
	}
	return password, f.give(path)
}

// port is the wanted port, else the remembered one while it is free, else a new one.
func (f folder) port(ctx context.Context, wanted int) (int, error) {
	if wanted != 0 {
		return wanted, nil
	}
	var listen net.ListenConfig
	if text, err := os.ReadFile(f.file("port")); err == nil {
		if port, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil {
			if l, err := listen.Listen(ctx, "tcp", loopback(port)); err == nil {
				return port, l.Close()
			}
		}
	}
	l, err := listen.Listen(ctx, "tcp", loopback(0))
	if err != nil {
		return 0, err
	}
	port := l.Addr().(*net.TCPAddr).Port
	if err := l.Close(); err != nil {
		return 0, err
	}
	return port, os.WriteFile(f.file("port"), []byte(strconv.Itoa(port)+"\n"), 0o600)
}

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// flock takes an advisory lock on a file of the folder and waits for it until
// ctx ends. Closing the file, or dying, lets go.
func (f folder) flock(ctx context.Context, name string, how int) (*os.File, error) {
	file, err := os.OpenFile(f.file(name), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := syscall.Flock(int(file.Fd()), how|syscall.LOCK_NB)
		switch {
		case err == nil:
			return file, nil
		case !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR):
			_ = file.Close()
			return nil, fmt.Errorf("lock %s: %w", file.Name(), err)
		}
		select {
		case <-ctx.Done():
			_ = file.Close()
			return nil, fmt.Errorf("lock %s: another process is starting or stopping this Postgres: %w", file.Name(), ctx.Err())
		case <-tick.C:
		}
	}
}

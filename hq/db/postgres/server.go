package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"syscall"
	"time"
)

// Options say where a private server lives.
type Options struct {
	Dir  string // holds the cluster, password, port and log; made if missing
	Log  *slog.Logger
	Port int // loopback port; 0 lets Start choose one and remember it

	// MaxConnections of a new cluster; 0 means 100.
	MaxConnections int

	// Unsafe is for tests: nothing is flushed to disk, and because such a cluster
	// cannot be trusted after a crash, Start makes a new one whenever no server
	// runs. It lives beside the safe cluster and never touches it.
	Unsafe bool
}

// Server is a running private Postgres and this process's share in it.
type Server struct {
	folder folder
	log    *slog.Logger
	url    string
	pid    int
	share  *os.File      // shared lock on "users", held until Stop
	done   chan struct{} // closed when the server has exited
	left   bool          // by Stop; guarded by the lock on "turn"
}

var (
	errGone      = errors.New("it exited")
	errPortTaken = errors.New("the port is taken")
	errOrphans   = errors.New("processes of a killed Postgres still hold the cluster")
)

// Start returns the running server of the folder: it joins the one another
// process runs, adopts one that outlived its HQ, or starts one, making the
// cluster first if there is none. ctx bounds the start, which takes some 3 s the
// first time and 0.4 s later; recovery after a crash can take longer.
func Start(ctx context.Context, o Options) (*Server, error) {
	s, err := start(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("start Postgres in %s: %w", o.Dir, err)
	}
	return s, nil
}

func start(ctx context.Context, o Options) (*Server, error) {
	if o.MaxConnections == 0 {
		o.MaxConnections = 100
	}
	f, err := openFolder(o.Dir, o.Unsafe)
	if err != nil {
		return nil, err
	}
	turn, err := f.flock(ctx, "turn", syscall.LOCK_EX)
	if err != nil {
		return nil, err
	}
	defer func() { _ = turn.Close() }()

	bin, err := choose(installed(ctx), f.data)
	if err != nil {
		return nil, err
	}
	s := &Server{folder: f, log: o.Log}
	for {
		running, err := findPostmaster(f.data)
		if err != nil {
			return nil, err
		}
		if running == nil {
			err = s.launch(ctx, bin, o)
		} else {
			err = s.adopt(ctx, running)
		}
		if err == nil {
			break
		}
		if !errors.Is(err, errGone) {
			return nil, err
		}
	}
	if s.share, err = f.flock(ctx, "users", syscall.LOCK_SH); err != nil {
		return nil, errors.Join(err, s.shutdown(context.WithoutCancel(ctx)))
	}
	return s, nil
}

// URL is the address of HQ's database, password included.
func (s *Server) URL() string { return s.url }

// PID is the process id of the postmaster.
func (s *Server) PID() int { return s.pid }

// Done is closed when the server has exited, asked to or not.
func (s *Server) Done() <-chan struct{} { return s.done }

// adopt joins a server that runs already.
func (s *Server) adopt(ctx context.Context, running *postmaster) error {
	password, err := s.folder.password()
	if err != nil {
		return err
	}
	s.pid = running.pid
	s.url = address(running.port, password)
	s.done = make(chan struct{})
	go s.poll()
	if err := s.ready(ctx); errors.Is(err, errGone) {
		return err
	} else if err != nil {
		return fmt.Errorf("process %d holds this cluster but does not let us in: stop it (kill -INT %d) and try again: %w",
			s.pid, s.pid, err)
	}
	s.log.Info("joined a running Postgres", "pid", s.pid, "port", running.port, "folder", s.folder.root)
	return nil
}

// launch starts a new server, and tries again for a while when that may help.
func (s *Server) launch(ctx context.Context, bin binaries, o Options) error {
	if s.folder.unsafe {
		if err := os.RemoveAll(s.folder.data); err != nil {
			return err
		}
	}
	password, err := s.folder.password()
	if err != nil {
		return err
	}
	if made, err := clusterVersion(s.folder.data); err != nil {
		return err
	} else if made == 0 {
		s.log.Info("making a Postgres cluster", "folder", s.folder.data, "version", bin.major)
		if err := s.folder.initdb(ctx, bin, o.MaxConnections); err != nil {
			return err
		}
	}
	enough := time.After(10 * time.Second)
	for {
		port, err := s.folder.port(ctx, o.Port)
		if err != nil {
			return err
		}
		s.url = address(port, password)
		if err = s.run(ctx, bin, port); err == nil {
			s.log.Info("started Postgres", "pid", s.pid, "port", port, "folder", s.folder.root, "version", bin.major)
			return nil
		}
		if !errors.Is(err, errOrphans) && (!errors.Is(err, errPortTaken) || o.Port != 0) {
			return err
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-enough:
			return err
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		}
	}
}

package chaos

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"comptant/hq/db/postgres"

	"github.com/jackc/pgx/v5"
)

// database is the Postgres of the run: a process that is no child of headquarters, so that it can die alone.
type database struct {
	options postgres.Options
	server  *postgres.Server
	// look is the killer's own connection; nil while the server is down.
	look *pgx.Conn
}

// start starts it, or starts it again where it was.
func (d *database) start(ctx context.Context) error {
	server, err := postgres.Start(ctx, d.options)
	if err != nil {
		return err
	}
	if d.server != nil && d.server.URL() != server.URL() {
		return errors.Join(errors.New("postgres came back at another address"), server.Stop(ctx))
	}
	d.server = server
	d.look, err = pgx.Connect(ctx, server.URL())
	return err
}

// url is the address for a program that is to be told apart from the others.
func (d *database) url(program string) string { return d.server.URL() + "&application_name=" + program }

// anyProgram stands for all of them.
const anyProgram = ""

// writing says whether a transaction of the program has written and is open.
func (d *database) writing(program string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var open bool
	err := d.look.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM pg_stat_activity
			WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid() AND $1 IN ('', application_name))`, program).Scan(&open)
	return err == nil && open
}

// begins waits until a transaction of the program has written; false when none does in time.
func (d *database) begins(program string, within time.Duration) bool {
	for end := time.Now().Add(within); time.Now().Before(end); {
		if d.writing(program) {
			return true
		}
	}
	return false
}

// kill ends the server and every process it made at once, as a power cut would: the server's own end leaves them time
// to finish.
func (d *database) kill() error {
	pids := append([]int{d.server.PID()}, children(d.server.PID())...)
	for _, pid := range pids {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("kill Postgres: %w", err)
		}
	}
	return nil
}

// buried waits for the end of a killed server and lets go of its folder.
func (d *database) buried(ctx context.Context) error {
	select {
	case <-d.server.Done():
	case <-ctx.Done():
		return ctx.Err()
	}
	_ = d.look.Close(ctx) // its other end is gone
	return d.server.Stop(ctx)
}

// stop ends the server in order.
func (d *database) stop(ctx context.Context) error {
	if d.server == nil {
		return nil
	}
	return errors.Join(d.look.Close(ctx), d.server.Stop(ctx))
}

func children(pid int) (pids []int) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return nil // it has ended
	}
	for _, f := range strings.Fields(string(text)) {
		if child, err := strconv.Atoi(f); err == nil {
			pids = append(pids, child)
		}
	}
	return pids
}

package backup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// target is a database as Postgres' own programs are told of it.
type target struct {
	address *url.URL // without the password, which others could see in the list of processes
	secret  string
}

// pgxOnly are parameters of an address that libpq does not know.
var pgxOnly = []string{
	"pool_max_conns", "pool_min_conns", "pool_min_idle_conns", "pool_max_conn_lifetime", "pool_max_conn_lifetime_jitter", "pool_max_conn_idle_time",
	"pool_health_check_period", "default_query_exec_mode", "statement_cache_capacity", "description_cache_capacity",
}

func parse(address string) (target, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return target{}, errors.New("the database must be named as postgres://user@host/name to be backed up or restored")
	}
	secret, _ := u.User.Password()
	u.User = url.User(u.User.Username())
	q := u.Query()
	for _, name := range pgxOnly {
		q.Del(name)
	}
	u.RawQuery = q.Encode()
	return target{u, secret}, nil
}

func (t target) name() string { return strings.TrimPrefix(t.address.Path, "/") }

// named is another database of the same server.
func (t target) named(name string) target {
	u := *t.address
	u.Path = "/" + name
	return target{&u, t.secret}
}

// open is the address with everything, for pgx.
func (t target) open() string {
	u := *t.address
	if t.secret != "" {
		u.User = url.UserPassword(u.User.Username(), t.secret)
	}
	return u.String()
}

var programVersion = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// program finds pg_dump or pg_restore of a version that understands the server: its own, else the next newer.
func program(ctx context.Context, name string, server int) (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if path, err := exec.LookPath(name); err == nil {
		found = append(found, path)
	}
	best, bestMajor := "", 0
	for _, path := range found {
		out, err := exec.CommandContext(ctx, path, "--version").Output()
		m := programVersion.FindSubmatch(out)
		if err != nil || m == nil {
			continue
		}
		major, _ := strconv.Atoi(string(m[1]))
		if major >= server && (best == "" || major < bestMajor) {
			best, bestMajor = path, major
		}
	}
	if best == "" {
		return "", fmt.Errorf("no %s for Postgres %d on this machine: install the package postgresql-client-%[2]d", name, server)
	}
	return best, nil
}

// run runs one, and gives what it complained of as the error.
func (t target) run(ctx context.Context, path string, args ...string) error {
	cmd := exec.CommandContext(ctx, path, append(args, "--no-password", "--dbname", t.address.String())...)
	cmd.Env = append(os.Environ(), "PGPASSWORD="+t.secret, "LC_ALL=C")
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		lines := strings.Split(strings.TrimSpace(said.String()), "\n")
		return fmt.Errorf("%s: %w: %s", filepath.Base(path), err, strings.Join(lines[max(0, len(lines)-3):], "; "))
	}
	return nil
}

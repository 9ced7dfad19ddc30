package postgres_test

import (
	"context"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"comptant/hq/db/postgres"
)

// TestMain lets the program play an HQ that starts a server and is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("POSTGRES_TEST_HQ"); dir != "" {
		s, err := postgres.Start(context.Background(), postgres.Options{Dir: dir, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			_, _ = os.Stdout.WriteString("failed: " + err.Error() + "\n")
			os.Exit(1)
		}
		_, _ = os.Stdout.WriteString(strconv.Itoa(s.PID()) + "\n")
		select {}
	}
	os.Exit(m.Run())
}

func start(t *testing.T, o postgres.Options) (*postgres.Server, error) {
	t.Helper()
	o.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	s, err := postgres.Start(ctx, o)
	if err == nil {
		t.Cleanup(func() { stop(t, s) })
	}
	return s, err
}

func mustStart(t *testing.T, o postgres.Options) *postgres.Server {
	t.Helper()
	s, err := start(t, o)
	require.NoError(t, err)
	return s
}

func stop(t *testing.T, s *postgres.Server) {
	t.Helper()
	require.NoError(t, s.Stop(context.Background()))
}

func query(t *testing.T, s *postgres.Server, sql string) string {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), s.URL())
	require.NoError(t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	var answer string
	require.NoError(t, conn.QueryRow(context.Background(), sql).Scan(&answer))
	return answer
}

func makeTable(t *testing.T, s *postgres.Server) {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), s.URL())
	require.NoError(t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	_, err = conn.Exec(context.Background(), `CREATE TABLE kept AS SELECT 'yes' AS answer`)
	require.NoError(t, err)
}

// folder is a place for a server that the user who runs it for root can enter.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.Chmod(filepath.Dir(dir), 0o711))
	return filepath.Join(dir, "hq")
}

func TestServerKeepsItsDataItsPortAndItsPromises(t *testing.T) {
	dir := folder(t)
	s := mustStart(t, postgres.Options{Dir: dir})
	require.Equal(t, "on on on UTF8 127.0.0.1 scram-sha-256", query(t, s, `SELECT concat_ws(' ', current_setting('fsync'),
		current_setting('full_page_writes'), current_setting('synchronous_commit'), current_setting('server_encoding'),
		current_setting('listen_addresses'), (SELECT string_agg(DISTINCT auth_method, ',') FROM pg_hba_file_rules))`))
	makeTable(t, s)
	info, err := os.Stat(filepath.Join(dir, "password"))
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode())

	wrong := strings.Replace(s.URL(), "comptant:", "comptant:not", 1)
	_, err = pgx.Connect(context.Background(), wrong)
	require.ErrorContains(t, err, "password authentication failed")

	group, err := syscall.Getpgid(s.PID())
	require.NoError(t, err)
	require.Equal(t, s.PID(), group, "a Ctrl-C for HQ would reach Postgres too")

	url, pid := s.URL(), s.PID()
	stop(t, s)
	<-s.Done()
	require.ErrorIs(t, syscall.Kill(pid, 0), syscall.ESRCH)

	s = mustStart(t, postgres.Options{Dir: dir})
	require.Equal(t, url, s.URL())
	require.Equal(t, "yes", query(t, s, `SELECT answer FROM kept`))
}

func TestTakenPort(t *testing.T) {
	dir := folder(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = l.Close() }()
	port := l.Addr().(*net.TCPAddr).Port

	_, err = start(t, postgres.Options{Dir: dir, Port: port})
	require.ErrorContains(t, err, "port "+strconv.Itoa(port)+": the port is taken")

	// A remembered port that was taken in between is given up.
	require.NoError(t, os.WriteFile(filepath.Join(dir, "port"), []byte(strconv.Itoa(port)), 0o600))
	s := mustStart(t, postgres.Options{Dir: dir})
	require.NotContains(t, s.URL(), ":"+strconv.Itoa(port)+"/")
}

func TestServerOfAKilledHQIsAdoptedAndStopped(t *testing.T) {
	dir := folder(t)
	hq := exec.Command(os.Args[0])
	hq.Env = append(os.Environ(), "POSTGRES_TEST_HQ="+dir)
	out, err := hq.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, hq.Start())
	line := make([]byte, 4096)
	n, err := out.Read(line)
	require.NoError(t, err)
	pid, err := strconv.Atoi(strings.TrimSpace(string(line[:n])))
	require.NoError(t, err, "%s", line[:n])
	require.NoError(t, hq.Process.Kill())
	_ = hq.Wait()

	s := mustStart(t, postgres.Options{Dir: dir})
	require.Equal(t, pid, s.PID())
	require.Equal(t, "1", query(t, s, `SELECT '1'`))
	stop(t, s)
	<-s.Done()
}

func TestLastUserStopsTheServer(t *testing.T) {
	dir := folder(t)
	first := mustStart(t, postgres.Options{Dir: dir})
	second := mustStart(t, postgres.Options{Dir: dir})
	require.Equal(t, first.PID(), second.PID())
	stop(t, first)
	require.Equal(t, "1", query(t, second, `SELECT '1'`))
	stop(t, second)
	<-first.Done()
}

func TestStartAfterTheServerWasKilled(t *testing.T) {
	dir := folder(t)
	s := mustStart(t, postgres.Options{Dir: dir})
	makeTable(t, s)
	require.NoError(t, syscall.Kill(s.PID(), syscall.SIGKILL))
	<-s.Done()
	require.FileExists(t, filepath.Join(dir, "data", "postmaster.pid"))
	stop(t, s)

	again := mustStart(t, postgres.Options{Dir: dir})
	require.NotEqual(t, s.PID(), again.PID())
	require.Equal(t, "yes", query(t, again, `SELECT answer FROM kept`))
	stop(t, again)

	// After a reboot the pid in the file may be anyone's: here, ours.
	pidFile := filepath.Join(dir, "data", "postmaster.pid")
	stale := strconv.Itoa(os.Getpid()) + "\n" + filepath.Join(dir, "data") + "\n1\n5432\n\n127.0.0.1\n 1 1\nready\n"
	require.NoError(t, os.WriteFile(pidFile, []byte(stale), 0o600))
	mustStart(t, postgres.Options{Dir: dir})
}

func TestClusterOfAnotherVersionIsLeftAlone(t *testing.T) {
	dir := folder(t)
	data := filepath.Join(dir, "data")
	require.NoError(t, os.MkdirAll(data, 0o755))
	if os.Geteuid() == 0 {
		require.NoError(t, os.Chown(data, 65534, 65534))
	}
	version := filepath.Join(data, "PG_VERSION")
	require.NoError(t, os.WriteFile(version, []byte("9\n"), 0o600))
	_, err := start(t, postgres.Options{Dir: dir})
	require.ErrorContains(t, err, "was made by Postgres 9")
	require.ErrorContains(t, err, "install the package postgresql-9")
	files, err := os.ReadDir(data)
	require.NoError(t, err)
	require.Len(t, files, 1)

	require.NoError(t, os.Rename(version, filepath.Join(data, "letters.txt")))
	_, err = start(t, postgres.Options{Dir: dir})
	require.ErrorContains(t, err, "not a Postgres cluster")
}

func TestUnsafeServerIsThrownAwayAndTheSafeOneKept(t *testing.T) {
	dir := folder(t)
	s := mustStart(t, postgres.Options{Dir: dir, Unsafe: true})
	require.Equal(t, "off", query(t, s, `SHOW fsync`))
	makeTable(t, s)
	stop(t, s)
	s = mustStart(t, postgres.Options{Dir: dir, Unsafe: true})
	require.Equal(t, "false", query(t, s, `SELECT (to_regclass('kept') IS NOT NULL)::text`))
	require.NoDirExists(t, filepath.Join(dir, "data"))
}

func TestFolderThatPostgresCannotReach(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root hands Postgres to another user")
	}
	closed := filepath.Join(filepath.Dir(folder(t)), "closed")
	require.NoError(t, os.Mkdir(closed, 0o700))
	_, err := start(t, postgres.Options{Dir: filepath.Join(closed, "hq")})
	require.ErrorContains(t, err, "cannot enter "+closed)
}

package pgtest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestDatabasesAreMigratedAndApart(t *testing.T) {
	ctx := t.Context()
	one, two := New(t), New(t)
	_, err := one.Exec(ctx, `CREATE TABLE feed.mine (n int)`)
	require.NoError(t, err, "not migrated")
	var leaked bool
	require.NoError(t, two.QueryRow(ctx, `SELECT to_regclass('feed.mine') IS NOT NULL`).Scan(&leaked))
	require.False(t, leaked)
}

func TestDatabaseGoesWithItsTest(t *testing.T) {
	var name string
	t.Run("inner", func(t *testing.T) { name = New(t).Config().ConnConfig.Database })
	var left bool
	require.NoError(t, New(t).QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, name).Scan(&left))
	require.False(t, left)
}

func TestDurableServerFlushes(t *testing.T) {
	var fsync string
	require.NoError(t, Durable(t).QueryRow(t.Context(), `SHOW fsync`).Scan(&fsync))
	require.Equal(t, "on", fsync)
}

// TestBeKilled is not a test: TestServerGoesWithItsLastUser runs and kills it.
func TestBeKilled(t *testing.T) {
	if os.Getenv(idleEnv) == "" {
		return
	}
	New(t)
	fmt.Println("ready")
	select {}
}

func TestServerGoesWithItsLastUser(t *testing.T) {
	if os.Getenv("TEST_DATABASE_URL") != "" {
		t.Skip("TEST_DATABASE_URL is not ours to stop")
	}
	temp := t.TempDir()
	require.NoError(t, os.Chmod(filepath.Dir(temp), 0o711)) // Postgres may be another user
	var users []*exec.Cmd
	for range 2 {
		user := exec.Command(os.Args[0], "-test.run=^TestBeKilled$", "-test.v")
		user.Env = append(os.Environ(), "TMPDIR="+temp, idleEnv+"=10ms")
		out, err := user.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, user.Start())
		users = append(users, user)
		var said strings.Builder
		for part := make([]byte, 4096); !strings.Contains(said.String(), "ready"); {
			n, err := out.Read(part)
			said.Write(part[:n])
			require.NoError(t, err, said.String())
		}
	}
	t.Setenv("TMPDIR", temp)
	folder := quick.folder()
	pidFile, err := os.ReadFile(filepath.Join(folder, "server", "throwaway", "postmaster.pid"))
	require.NoError(t, err)
	first, _, _ := strings.Cut(string(pidFile), "\n")
	pid, err := strconv.Atoi(first)
	require.NoError(t, err)

	require.NoError(t, users[0].Process.Kill())
	_ = users[0].Wait()
	server, err := os.FindProcess(pid)
	require.NoError(t, err)
	require.NoError(t, server.Signal(syscall.Signal(0)), "stopped while in use")

	require.NoError(t, users[1].Process.Kill())
	_ = users[1].Wait()
	require.Eventually(t, func() bool {
		_, err := os.Stat(filepath.Join(folder, "server"))
		return os.IsNotExist(err)
	}, time.Minute, 20*time.Millisecond)
	command, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)) // empty for one that only waits to be reaped
	require.Empty(t, command)
}

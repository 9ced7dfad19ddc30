package e2e_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"comptant/sync/e2e/fleet"

	"github.com/stretchr/testify/require"
)

// The demo's people these tests sign in as.
const (
	cashier  = "Alice"
	pin      = "1111"
	emma     = "emma@comptant.example"
	password = "comptant-emma"
)

// patience bounds how long anything may take on a loaded machine; nothing waits for it when all goes well.
const patience = 2 * time.Minute

// programs are built once for all tests, in a folder any user may enter.
var programs = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "comptant-e2e-")
	if err != nil {
		return "", err
	}
	built = dir
	for _, p := range []string{"comptant/hq/cmd/hq", "comptant/sync/e2e/cmd/lane"} {
		if _, err := fleet.Build(context.Background(), dir, p); err != nil {
			return "", err
		}
	}
	return dir, os.Chmod(dir, 0o755)
})

var built string

func TestMain(m *testing.M) {
	code := m.Run()
	if built != "" {
		_ = os.RemoveAll(built)
	}
	os.Exit(code)
}

// program is the path of a built program.
func program(t testing.TB, name string) string {
	t.Helper()
	dir, err := programs()
	require.NoError(t, err)
	return filepath.Join(dir, name)
}

// home is an empty folder that Postgres, which refuses to be root, can enter too.
func home(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for d := dir; d != os.TempDir() && d != "/"; d = filepath.Dir(d) {
		require.NoError(t, os.Chmod(d, 0o755))
	}
	return dir
}

// template is the home of a headquarters with a demo of two days, made once and copied by each test.
var template = sync.OnceValues(func() (string, error) {
	dir, err := programs()
	if err != nil {
		return "", err
	}
	hq := &fleet.HQ{Bin: filepath.Join(dir, "hq"), Home: filepath.Join(dir, "home")}
	_, err = hq.Command(context.Background(), "demo", "--days", "2")
	return hq.Home, err
})

// headquarters starts a headquarters of its own, with its own Postgres and a demo of two days.
func headquarters(t testing.TB) *fleet.HQ {
	t.Helper()
	demo, err := template()
	require.NoError(t, err)
	hq := &fleet.HQ{Bin: program(t, "hq"), Home: filepath.Join(home(t), "hq"), Log: logWriter{t}}
	out, err := exec.CommandContext(t.Context(), "cp", "-a", demo, hq.Home).CombinedOutput()
	require.NoError(t, err, string(out))
	// Each copy finds a port of its own.
	require.NoError(t, os.Remove(filepath.Join(hq.Home, "postgres", "port")))
	require.NoError(t, hq.Start(t.Context()))
	t.Cleanup(func() { _ = hq.Stop() })
	return hq
}

// logWriter shows a program's log when its test fails.
type logWriter struct{ t testing.TB }

func (w logWriter) Write(b []byte) (int, error) {
	w.t.Log(strings.TrimRight(string(b), "\n"))
	return len(b), nil
}

// process is the lane program, spoken to line by line.
type process struct {
	t   testing.TB
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

// start runs the lane program, or another command that ends in running it.
func start(t testing.TB, name string, args ...string) *process {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Stderr = logWriter{t}
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	p := &process{t: t, cmd: cmd, in: in, out: bufio.NewScanner(out)}
	t.Cleanup(func() {
		if cmd.ProcessState == nil {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	})
	p.read("open")
	return p
}

// read takes the next line, which must begin with a word, and gives what follows it.
func (p *process) read(word string) string {
	p.t.Helper()
	timeout := time.AfterFunc(patience, func() { _ = p.cmd.Process.Kill() })
	defer timeout.Stop()
	require.True(p.t, p.out.Scan(), "the lane ended while %q was awaited", word)
	rest, ok := strings.CutPrefix(p.out.Text(), word)
	require.True(p.t, ok, "the lane says %q, want %q", p.out.Text(), word)
	return strings.TrimSpace(rest)
}

// skip takes lines up to one that begins with a word.
func (p *process) skip(word string) {
	p.t.Helper()
	timeout := time.AfterFunc(patience, func() { _ = p.cmd.Process.Kill() })
	defer timeout.Stop()
	for p.out.Scan() {
		if strings.HasPrefix(p.out.Text(), word) {
			return
		}
	}
	p.t.Fatalf("the lane ended while %q was awaited", word)
}

func (p *process) say(format string, args ...any) {
	p.t.Helper()
	_, err := fmt.Fprintf(p.in, format+"\n", args...)
	require.NoError(p.t, err)
}

func (p *process) signIn() {
	p.t.Helper()
	p.say("sign-in %s %s", cashier, pin)
	p.read("signed in")
}

// sell makes n sales and gives their receipt codes.
func (p *process) sell(n int) []string {
	p.t.Helper()
	p.say("sell %d", n)
	codes := make([]string, n)
	for i := range codes {
		codes[i] = p.read("sold")
	}
	return codes
}

// count counts n products.
func (p *process) count(n int) {
	p.t.Helper()
	p.say("count %d", n)
	for range n {
		p.read("counted")
	}
}

func (p *process) restock(n int) {
	p.t.Helper()
	p.say("restock %d", n)
	for range n {
		p.read("requested")
	}
}

func (p *process) kill() {
	p.t.Helper()
	require.NoError(p.t, p.cmd.Process.Kill())
	_ = p.cmd.Wait()
}

// quit ends the lane as closing its window would.
func (p *process) quit() {
	p.t.Helper()
	require.NoError(p.t, p.in.Close())
	require.NoError(p.t, p.cmd.Wait())
}

func readLine(path string) (string, error) {
	b, err := os.ReadFile(path)
	return strings.TrimSpace(string(b)), err
}

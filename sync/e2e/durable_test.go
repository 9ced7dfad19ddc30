package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"comptant/sync/e2e/fleet"

	"github.com/stretchr/testify/require"
)

// A kill is not a power cut: a process that dies leaves its writes to the kernel, a machine that dies leaves only what
// was flushed. So this looks at the system calls of a sale: the write to the WAL, its fdatasync, the sentinel's write and
// fdatasync, and only then the word "sold"; and so of a refund, the line of a count and a Z, and their words. The same till
// linked with a weaker setting must fail the same look.
func TestDocumentsAreDurableBeforeTheyAreShown(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("strace"); err != nil {
		t.Fatal("strace is missing: deploy/packages test installs it")
	}
	hq := headquarters(t)
	dir := filepath.Join(t.TempDir(), "till")
	require.NoError(t, fleet.Enrol(t.Context(), hq, dir, "CV", 1))
	load := start(t, program(t, "lane"), "--dir", dir)
	load.signIn()
	load.quit()

	for _, c := range []struct {
		name, sync, readBack string
		durable              bool
	}{
		{"FULL", "FULL", "2", true},
		{"NORMAL", "NORMAL", "1", false},
		{"OFF", "OFF", "0", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			bin := filepath.Join(t.TempDir(), "lane")
			build := exec.CommandContext(t.Context(), "go", "build", "-o", bin, "-ldflags",
				"-X comptant/terminal/ledger.fullSync="+c.sync+" -X comptant/terminal/ledger.fullReadBack="+c.readBack, "./cmd/lane")
			out, err := build.CombinedOutput()
			require.NoError(t, err, string(out))

			trace := filepath.Join(t.TempDir(), "trace")
			lane := start(t, "strace", "-f", "-y", "-qq", "-s", "64", "-o", trace,
				"-e", "trace=write,pwrite64,writev,pwritev,fsync,fdatasync", bin, "--dir", dir, "--offline")
			lane.say("sign-in David 4444") // may sell, and may count
			lane.read("signed in")
			lane.sell(3)
			lane.count(3)
			for range 3 {
				lane.say("refund")
				lane.read("refunded")
				lane.say("shift")
				lane.read("closed")
			}
			lane.quit()

			raw, err := os.ReadFile(trace)
			require.NoError(t, err)
			for _, word := range []string{"sold", "counted", "refunded", "closed"} {
				shown, undurable := look(string(raw), word)
				require.Equal(t, 3, shown, word)
				if c.durable {
					require.Empty(t, undurable, word)
				} else {
					require.NotEmpty(t, undurable, "the look does not see that nothing was flushed before %q", word)
				}
			}
		})
	}
}

var call = regexp.MustCompile(`^\d+\s+(\w+)\((\d+)<([^>]*)>`)

// look reads a trace and counts what was shown under a word; undurable says for each that was shown too early what was missing.
func look(trace, word string) (shown int, undurable []string) {
	files := map[string]string{"WAL": "ledger.db-wal", "sentinel": "sentinel"}
	word = `"` + word + ` `
	written, flushed := map[string]bool{}, map[string]bool{}
	// A call that another thread interrupts is printed in two lines; the second, "resumed", is when it has happened.
	pending := map[string]string{}
	for line := range strings.Lines(trace) {
		line = strings.TrimRight(line, "\n")
		pid, _, _ := strings.Cut(line, " ")
		if head, ok := strings.CutSuffix(line, " <unfinished ...>"); ok {
			pending[pid] = head
			if !strings.Contains(head, word) {
				continue // counts when it is resumed; but what is shown counts when it begins
			}
			delete(pending, pid)
			line = head
		} else if strings.Contains(line, " resumed>") {
			if pending[pid] == "" {
				continue
			}
			line = pending[pid]
			delete(pending, pid)
		}
		m := call.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		name, path := m[1], m[3]
		if strings.Contains(line, word) {
			shown++
			for what := range files {
				if !written[what] || !flushed[what] {
					undurable = append(undurable, what+" before: "+line)
				}
			}
			clear(written)
			clear(flushed)
			continue
		}
		for what, file := range files {
			if !strings.Contains(filepath.Base(path), file) {
				continue
			}
			if strings.HasPrefix(name, "f") {
				flushed[what] = written[what]
			} else {
				written[what], flushed[what] = true, false
			}
		}
	}
	return shown, undurable
}

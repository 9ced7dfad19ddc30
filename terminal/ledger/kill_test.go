package ledger

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/terminal/till"

	"github.com/stretchr/testify/require"
)

// childDir makes the test program a till that does something in the folder it names until it is killed; childDeed says what.
const (
	childDir  = "LEDGER_TEST_DIR"
	childDeed = "LEDGER_TEST_DEED"
)

// deeds are what such a till can do. Each prints a line when something is done that must be kept.
var deeds = map[string]func(ctx context.Context, l *Ledger) error{
	"sell": sellForEver, "prune": pruneForEver, "be told": beTold, "keep": keepForEver, "count": countForEver,
}

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		fmt.Fprintln(os.Stderr, child(dir, deeds[os.Getenv(childDeed)]))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func child(dir string, deed func(ctx context.Context, l *Ledger) error) error {
	ctx := context.Background()
	l, err := Open(ctx, Config{Dir: dir, Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		return err
	}
	return deed(ctx, l)
}

// sellForEver prints each receipt once it is committed, as a printer would.
func sellForEver(ctx context.Context, l *Ledger) error {
	for {
		w, err := l.Commit(ctx, saleDraft(line(timbit, 3, 25), line(coffee, 1, 199)))
		if err != nil {
			return err
		}
		fmt.Println(w.Epoch, w.Number, w.Hash)
	}
}

// pruneForEver sells in one goroutine, and writes the sentinel anew without its oldest record in another.
func pruneForEver(ctx context.Context, l *Ledger) error {
	go func() {
		for first := uint64(1); ; first++ {
			if err := l.shortenSentinel(func(k journal.Link) bool { return k.Seq > first }); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
		}
	}()
	return sellForEver(ctx, l)
}

// beTold is told of an epoch and dies before it opens it.
func beTold(ctx context.Context, l *Ledger) error {
	if err := l.SessionOpened(ctx, 7, 300, day); err != nil {
		return err
	}
	fmt.Println("told")
	select {}
}

// A till that is killed at any moment has every receipt it printed, and nothing half done.
func TestKilledTillKeepsWhatItPrinted(t *testing.T) {
	f := newFolder(t)
	var printed []string
	for round := range 6 {
		printed = append(printed, doAndKill(t, f, "sell", 5+7*round)...)
		l := f.open(t)
		requireSound(t, l)
		require.Equal(t, uint64(100), l.head.epoch, "a kill is not a restore")
		receipts, err := l.Receipts(t.Context(), till.ReceiptFilter{Limit: 1000})
		require.NoError(t, err)
		kept := map[string]bool{}
		for _, r := range receipts {
			kept[fmt.Sprintln(r.Epoch, r.Number, r.Hash)] = true
		}
		for _, p := range printed {
			require.True(t, kept[p+"\n"], "printed and lost: %s", p)
		}
		require.LessOrEqual(t, len(receipts), len(printed)+round+1, "at most one sale a kill was not printed")
		shut(t, l)
	}
}

// A till that is killed while its sentinel is written anew has the old one or the new one, and every sale.
func TestKilledWhileTheSentinelIsShortened(t *testing.T) {
	f := newFolder(t)
	for round := range 6 {
		printed := doAndKill(t, f, "prune", 10+5*round)
		l := f.open(t)
		require.EqualValues(t, 100, l.head.epoch, "a kill is not a restore")
		requireSound(t, l)
		receipts, err := l.Receipts(t.Context(), till.ReceiptFilter{Limit: 1000})
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(receipts), len(printed))
		shut(t, l)
	}
}

// Killed between being told of an epoch and opening it, the till opens it before its first sale.
func TestKilledBeforeTheEpochItWasTold(t *testing.T) {
	f := newFolder(t)
	doAndKill(t, f, "be told", 1)
	l := f.open(t)
	require.EqualValues(t, 300, l.head.epoch)
	require.EqualValues(t, 7, l.Session())
	require.Equal(t, retail.EpochGranted, opening(t, l).Reason)
	require.EqualValues(t, 300, sell(t, l).Epoch)
	requireSound(t, l)
	shut(t, l)
	f.enrol(t, 400)
	l = f.open(t)
	require.EqualValues(t, 400, l.head.epoch)
	require.Equal(t, retail.EpochEnrolled, opening(t, l).Reason)
}

// doAndKill kills a child with SIGKILL as soon as it has printed n lines, and gives all it printed.
func doAndKill(t *testing.T, f folder, deed string, n int) (printed []string) {
	t.Helper()
	program := exec.Command(os.Args[0])
	program.Env = append(os.Environ(), childDir+"="+f.dir, childDeed+"="+deed)
	program.Stderr = t.Output()
	out, err := program.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, program.Start())
	lines := bufio.NewReader(out)
	for {
		text, err := lines.ReadString('\n')
		if err != nil {
			break // killed; a line cut short was not printed
		}
		printed = append(printed, strings.TrimSpace(text))
		if len(printed) == n {
			require.NoError(t, program.Process.Kill())
		}
	}
	require.Error(t, program.Wait())
	require.GreaterOrEqual(t, len(printed), n)
	return printed
}

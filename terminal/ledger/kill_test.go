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

	"comptant/terminal/till"

	"github.com/stretchr/testify/require"
)

// sellerEnv makes the test program a till that sells in the folder it names until it is killed.
const sellerEnv = "LEDGER_TEST_SELL_IN"

func TestMain(m *testing.M) {
	if dir := os.Getenv(sellerEnv); dir != "" {
		fmt.Fprintln(os.Stderr, sellForEver(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// sellForEver prints each receipt once it is committed, as a printer would.
func sellForEver(dir string) error {
	ctx := context.Background()
	l, err := Open(ctx, Config{Dir: dir, Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		return err
	}
	for {
		w, err := l.Commit(ctx, saleDraft(line(timbit, 3, 25), line(coffee, 1, 199)))
		if err != nil {
			return err
		}
		fmt.Println(w.Epoch, w.Number, w.Hash)
	}
}

// A till that is killed at any moment has every receipt it printed, and nothing half done.
func TestKilledTillKeepsWhatItPrinted(t *testing.T) {
	f := newFolder(t)
	var printed []string
	for round := range 6 {
		printed = append(printed, sellAndKill(t, f, 5+7*round)...)
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

// sellAndKill kills a seller with SIGKILL as soon as it has printed n receipts, and gives all it printed.
func sellAndKill(t *testing.T, f folder, n int) (printed []string) {
	t.Helper()
	seller := exec.Command(os.Args[0])
	seller.Env = append(os.Environ(), sellerEnv+"="+f.dir)
	seller.Stderr = t.Output()
	out, err := seller.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, seller.Start())
	lines := bufio.NewReader(out)
	for {
		text, err := lines.ReadString('\n')
		if err != nil {
			break // killed; a line cut short was not printed
		}
		printed = append(printed, strings.TrimSpace(text))
		if len(printed) == n {
			require.NoError(t, seller.Process.Kill())
		}
	}
	require.Error(t, seller.Wait())
	require.GreaterOrEqual(t, len(printed), n)
	return printed
}

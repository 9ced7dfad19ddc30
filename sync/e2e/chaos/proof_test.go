package chaos_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"comptant/sync/e2e/chaos"

	"github.com/stretchr/testify/require"
)

const page = "../../../docs/proof.md"

// The totals of the page are those of its lines, and nobody has edited it.
func TestProofPageIsWhatItsLinesSay(t *testing.T) {
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	runs, err := chaos.ReadProof(string(text))
	require.NoError(t, err)
	require.Equal(t, chaos.ProofPage(runs), string(text))
}

func TestAddProof(t *testing.T) {
	path := filepath.Join(t.TempDir(), "proof.md")
	require.NoError(t, os.WriteFile(path, []byte(chaos.ProofPage(nil)), 0o600))
	o := chaos.Options{Seed: 7, Lasts: 90 * time.Second, Tills: 6, HQs: 2}
	r := chaos.Result{
		Kills:  chaos.Tally{"HQ: transaction open": 2, "Postgres: transaction open": 1, "till: entries sent": 15, "till: in a refund": 2},
		Breaks: chaos.Tally{"cut before ack": 3, "twice entries": 4}, Strains: chaos.Tally{"delay ack": 10},
		Sales: 100, Agreed: 1234 * time.Millisecond,
	}
	at := time.Date(2026, 11, 28, 17, 0, 0, 0, time.UTC)
	require.NoError(t, chaos.AddProof(path, chaos.NewProof(at, "abc1234, changed since", o, r)))
	r.Differences = []string{"one"}
	require.NoError(t, chaos.AddProof(path, chaos.NewProof(at, "abc1235", o, r)))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	for _, want := range []string{
		"| runs | 2, of which 1 exact |", "| minutes | 3 |", "| sales | 200 |", "| kills | 40 of 10000: tills 34, headquarters 4, Postgres 2 |",
		"| killed in the middle of | 4 of 2000: sale 0, refund 4, count 0, close 0, hold 0, order 0 |",
		"| faults | 34 of 1000000: breaks 14, strains 20 |", "| on ack | breaks 6, strains 20 |", "| on entries | breaks 8, strains 0 |",
		"| 2026-11-28 17:00 | abc1234, changed since | 7 | 1.5 | 6 | 2 | HQ: transaction open 2, Postgres: transaction open 1, till: entries sent 15, till: in a refund 2 | " +
			"cut before ack 3, twice entries 4 | delay ack 10 | 100 | 1.2s | exact |\n",
		"| 1.2s | 1 differences |\n",
	} {
		require.Contains(t, string(text), want)
	}
	runs, err := chaos.ReadProof(string(text))
	require.NoError(t, err)
	require.Equal(t, chaos.ProofPage(runs), string(text))
}

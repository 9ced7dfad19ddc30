package bench

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestThePeerIsReadInTheSameRounds(t *testing.T) {
	part := scripted([]int{10, 10, 10, 10, 20, 20}, []int{5000, 15, 30})
	peers := []int{1, 40, 60}
	part.Peer = &Peer{
		Name: "Other 1.0",
		Work: func(_ context.Context, w *Watch) error {
			w.Start()
			w.Lap(time.Duration(peers[0]) * time.Millisecond)
			peers = peers[1:]
			w.Stop(1)
			return nil
		},
	}
	var progress bytes.Buffer
	r, err := rounds(t.Context(), part, Options{Rounds: 3, Progress: &progress})
	require.NoError(t, err)
	require.Contains(t, progress.String(), "product 15.0 ms p50, peer 40.0 ms p50 (4.00), limit 10.0 ms p50, ratio 1.50")
	median, least, greatest := r.PeerRatio()
	require.InDelta(t, 3, least, 1e-9)
	require.InDelta(t, 4, greatest, 1e-9)
	require.InDelta(t, 3.5, median, 1e-9)

	r.Row.Name = "some"
	line := cells(t, r, "some, peer: Other 1.0")
	require.Equal(t, []string{"some, peer: Other 1.0", "", "50.0 ms p50", "3.50 (3.00 to 4.00)", "", ""}, line[:6])
	require.Len(t, line, len(columns), "the peer has a line, not columns that other rows leave empty")
}

func TestARowWithoutItsPeerHasNoLineOfOne(t *testing.T) {
	part := scripted([]int{10, 10, 10, 10}, []int{15, 15})
	r, err := rounds(t.Context(), part, Options{Rounds: 2, Progress: &bytes.Buffer{}})
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, Report{Results: []Result{r}}.WriteTable(&out))
	require.NotContains(t, out.String(), "peer")
}

func TestAPeerThatFailsIsNamed(t *testing.T) {
	part := scripted([]int{10, 10}, []int{15})
	part.Peer = &Peer{Name: "Other", Work: func(context.Context, *Watch) error { return errors.New("gone") }}
	_, err := one(t.Context(), part)
	require.EqualError(t, err, "peer: gone")
}

// cells are those of the line of the table that begins with a name.
func cells(t *testing.T, r Result, name string) []string {
	var out bytes.Buffer
	require.NoError(t, Report{Results: []Result{r}}.WriteTable(&out))
	for line := range strings.Lines(out.String()) {
		if strings.HasPrefix(line, "| "+name) {
			cells := strings.Split(strings.Trim(line, "|\n"), "|")
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			return cells
		}
	}
	require.Failf(t, "no such line", "%s in\n%s", name, out.String())
	return nil
}

package lane

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The log has two files of bounded size, goes on where it was, and its end is whole lines across both.
func TestTheLogOfATillStaysSmall(t *testing.T) {
	dir := t.TempDir()
	none, err := newestLog(dir, 100)
	require.NoError(t, err)
	require.Empty(t, none)
	line := strings.Repeat("x", 1000)
	l := OpenLog(dir)
	log := func() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }
	for i := range 5000 {
		if i == 2500 { // the program is started again
			require.NoError(t, l.Close())
			l = OpenLog(dir)
		}
		log().Info("tick", "n", i, "line", line)
	}
	require.NoError(t, l.Close())
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	require.Len(t, files, 2)
	for _, f := range files {
		info, err := os.Stat(f)
		require.NoError(t, err)
		require.LessOrEqual(t, info.Size(), int64(logMost))
		require.Greater(t, info.Size(), int64(0))
	}
	all, err := newestLog(dir, 10*logMost)
	require.NoError(t, err)
	const some = logMost + logMost/2 // more than the newest file has
	end, err := newestLog(dir, some)
	require.NoError(t, err)
	require.True(t, bytes.HasSuffix(all, end))
	require.Greater(t, len(end), some-2000)
	require.LessOrEqual(t, len(end), some)
	require.True(t, bytes.HasPrefix(end, []byte("time=")), "whole lines")
	n := 0
	for l := range bytes.Lines(end) {
		n = len(end)/len(l) + 1
		break
	}
	require.Contains(t, string(end[len(end)-1100:]), "n=4999")
	require.Contains(t, string(end), fmt.Sprintf("n=%d ", 5000-n/2))
}

// Where nothing can be written, writing says that all is well, and the till goes on.
func TestALogThatCannotBeWrittenKeepsNobodyFromWorking(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "gone")
	l := OpenLog(dir)
	n, err := l.Write([]byte("first\n"))
	require.NoError(t, err)
	require.Equal(t, 6, n)
	require.NoDirExists(t, dir)
	require.NoError(t, os.Mkdir(dir, 0o700))
	_, err = l.Write([]byte("second\n"))
	require.NoError(t, err)
	require.NoError(t, l.Close())
	require.NoError(t, l.Close())
	text, err := newestLog(dir, 100)
	require.NoError(t, err)
	require.Equal(t, "second\n", string(text))
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	require.NoError(t, err)
	l.file = full
	n, err = l.Write([]byte("third\n"))
	require.NoError(t, err)
	require.Equal(t, 6, n, "or what is written to beside it hears nothing")
	require.NoError(t, l.Close())
}

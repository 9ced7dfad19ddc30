package bench

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestThePeersDocumentsAreSales(t *testing.T) {
	products, err := goods("", 100)
	require.NoError(t, err)
	p := &pouch{products: products, tills: 2, sales: 3}
	ids := map[uuid.UUID]bool{}
	for till := range p.tills {
		line, err := p.documents(till)
		require.NoError(t, err)
		require.NotContains(t, string(line), "\n", "a line for each till")
		var documents []struct {
			ID    uuid.UUID `json:"_id"`
			Lines []struct{ Name string }
		}
		require.NoError(t, json.Unmarshal(line, &documents))
		require.Len(t, documents, 3)
		for _, d := range documents {
			ids[d.ID] = true
			require.Len(t, d.Lines, 5)
			require.NotEmpty(t, d.Lines[0].Name)
		}
	}
	require.Len(t, ids, 6)
}

func TestThePeersVersionsArePinned(t *testing.T) {
	name, err := pouchName()
	require.NoError(t, err)
	require.Equal(t, "PouchDB 9.0.0 to pouchdb-server 4.2.0", name)
}

func TestWithoutNodeTheRowSaysSoInOneLineAndGoesOn(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	in, stand := &ingest{office: &office{}}, &Stand{Parts: []Part{{}}}
	var progress bytes.Buffer
	in.beside(t.Context(), Place{Dir: t.TempDir(), Progress: &progress}, stand)
	require.Nil(t, stand.Parts[0].Peer)
	require.Contains(t, stand.Note, "No peer")
	require.Contains(t, progress.String(), `no peer: exec: "node"`)
	require.Equal(t, 1, strings.Count(progress.String(), "\n"))
}

func TestOfAProgramsOutputTheComplaintIsKept(t *testing.T) {
	failed := errors.New("exit status 1")
	for output, want := range map[string]string{
		"":           "exit status 1",
		"all well\n": "exit status 1",
		"npm warn old\nnpm error code ENOTFOUND\nnpm error syscall\n":     "exit status 1: npm error code ENOTFOUND",
		"tills.mjs:9\n  throw x\n  ^\n\nError: disk full\n    at write\n": "exit status 1: Error: disk full",
	} {
		err := complaint(failed, output)
		require.EqualError(t, err, want)
		require.ErrorIs(t, err, failed)
	}
}

package health_test

import (
	"strings"
	"testing"

	"comptant/shared/health"

	"github.com/stretchr/testify/require"
)

func TestFindings(t *testing.T) {
	found := []health.Finding{{Check: "disk", Is: health.Well, Says: "3 GB free"}, {Check: "clock", Is: health.Soon, Says: "4 min < hour", Do: "set it"}}
	require.Equal(t, health.Soon, health.Worst(found))
	require.Equal(t, health.Well, health.Worst(found[:1]))
	require.Equal(t, health.Bad, health.Worst(append([]health.Finding{{Check: "ledger", Is: health.Bad}}, found...)))
	var text strings.Builder
	require.NoError(t, health.Print(&text, found))
	require.Equal(t, "ok       disk   3 GB free\nwarning  clock  4 min < hour\n                -> set it\n", text.String())
	text.Reset()
	require.NoError(t, health.PrintJSON(&text, found[1:]))
	require.Equal(t, `[{"check":"clock","is":"warning","says":"4 min < hour","do":"set it"}]`+"\n", text.String())
}

package lane_test

import (
	"testing"

	"comptant/terminal/lane"

	"github.com/stretchr/testify/require"
)

func TestMachineUptime(t *testing.T) {
	uptime := lane.MachineUptime()
	require.NotNil(t, uptime)
	boot, up := uptime()
	again, later := lane.MachineUptime()()
	require.NotEmpty(t, boot)
	require.Equal(t, boot, again, "another run of the program is in the same boot")
	require.Positive(t, up)
	require.GreaterOrEqual(t, later, up)
}

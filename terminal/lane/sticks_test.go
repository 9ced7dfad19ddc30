package lane

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMountedSticks(t *testing.T) {
	const mounts = `/dev/sda1 / ext4 rw,relatime 0 0
tmpfs /run tmpfs rw 0 0
/dev/sdb1 /media/caisse/CLE\040USB vfat rw,nosuid 0 0
/dev/sdc1 /run/media/caisse/DVD iso9660 ro,nosuid 0 0
/dev/sdd1 /run/media/caisse/BLEUE exfat rw,nosuid 0 0
/dev/sde1 /mnt/stick ext4 rw 0 0
short line
`
	require.Equal(t, []string{"/run/media/caisse/BLEUE", "/mnt/stick"}, mountedSticks(mounts)[1:])
	require.Equal(t, "/media/caisse/CLE USB", mountedSticks(mounts)[0])
	for _, dir := range Sticks() {
		require.DirExists(t, dir)
	}
}

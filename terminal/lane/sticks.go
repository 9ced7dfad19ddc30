package lane

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// Sticks are the folders of removable disks that are plugged in, as this system mounts them.
func Sticks() []string {
	var found []string
	switch runtime.GOOS {
	case "linux":
		mounts, err := os.ReadFile("/proc/self/mounts")
		if err != nil {
			return nil
		}
		found = mountedSticks(string(mounts))
	case "darwin":
		found, _ = filepath.Glob("/Volumes/*") // the pattern is right
	case "windows":
		for drive := 'D'; drive <= 'Z'; drive++ {
			found = append(found, string(drive)+`:\`)
		}
	}
	return slices.DeleteFunc(found, func(dir string) bool {
		info, err := os.Stat(dir)
		return err != nil || !info.IsDir()
	})
}

// mountedSticks reads the kernel's list of mounts, in which a space in a name is written as four characters.
func mountedSticks(mounts string) (found []string) {
	names := strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`)
	for line := range strings.Lines(mounts) {
		fields := strings.Fields(line)
		if len(fields) < 4 || slices.Contains(strings.Split(fields[3], ","), "ro") {
			continue
		}
		dir := names.Replace(fields[1])
		for _, root := range []string{"/media/", "/run/media/", "/mnt/"} {
			if strings.HasPrefix(dir, root) {
				found = append(found, dir)
			}
		}
	}
	return found
}

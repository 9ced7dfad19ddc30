package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// oldest is the first major version HQ's SQL is written for.
const oldest = 15

// binaries is one installed Postgres.
type binaries struct {
	folder string // holds initdb and postgres
	major  int
}

func (b binaries) path(program string) string { return filepath.Join(b.folder, program) }

var versionNumber = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// installed lists the usable Postgres programs, newest first: Debian's versioned
// folders, then PATH.
func installed(ctx context.Context) []binaries {
	initdbs, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if found, err := exec.LookPath("initdb"); err == nil {
		if real, err := filepath.EvalSymlinks(found); err == nil {
			initdbs = append(initdbs, real)
		}
	}
	var list []binaries
	for _, initdb := range initdbs {
		folder := filepath.Dir(initdb)
		out, err := exec.CommandContext(ctx, filepath.Join(folder, "postgres"), "--version").Output()
		if err != nil {
			continue // initdb without a server: a client-only installation
		}
		if m := versionNumber.FindSubmatch(out); m != nil {
			major, _ := strconv.Atoi(string(m[1]))
			list = append(list, binaries{folder, major})
		}
	}
	slices.SortStableFunc(list, func(a, b binaries) int { return cmp.Compare(b.major, a.major) })
	return list
}

// choose picks the programs for the cluster in data: those of its own major
// version if it exists, else the newest.
func choose(list []binaries, data string) (binaries, error) {
	made, err := clusterVersion(data)
	if err != nil {
		return binaries{}, err
	}
	if len(list) == 0 {
		return binaries{}, errors.New("no Postgres programs in /usr/lib/postgresql/*/bin or PATH: " +
			"install the package postgresql (apt install postgresql), or set DATABASE_URL to a server")
	}
	if made == 0 {
		if list[0].major < oldest {
			return binaries{}, fmt.Errorf("the newest Postgres here is %d, HQ needs %d or later: "+
				"install the package postgresql-%d or newer, or set DATABASE_URL to a server", list[0].major, oldest, oldest)
		}
		return list[0], nil
	}
	i := slices.IndexFunc(list, func(b binaries) bool { return b.major == made })
	if i < 0 {
		return binaries{}, fmt.Errorf("%s was made by Postgres %d and this machine has %d: "+
			"install the package postgresql-%d, or move the data with pg_upgrade; the folder was not touched",
			data, made, list[0].major, made)
	}
	return list[i], nil
}

// clusterVersion is the major version that made the cluster in data, 0 when
// there is none.
func clusterVersion(data string) (int, error) {
	text, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if errors.Is(err, os.ErrNotExist) {
		if rest, _ := os.ReadDir(data); len(rest) > 0 {
			return 0, fmt.Errorf("%s is not empty and holds no PG_VERSION: it is not a Postgres cluster; move it away", data)
		}
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, fmt.Errorf("%s/PG_VERSION is damaged: %q", data, text)
	}
	return major, nil
}

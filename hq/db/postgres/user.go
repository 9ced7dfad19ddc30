package postgres

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// unprivileged chooses who runs the server when HQ is root, because Postgres
// refuses root: the owner of an existing cluster, else postgres, else nobody.
func unprivileged(data string) (*syscall.Credential, error) {
	owner, err := ownerOf(data)
	switch {
	case err == nil && owner.Uid != 0:
		return owner, nil
	case err == nil:
		return nil, fmt.Errorf("%s belongs to root, which Postgres refuses: give it to the user it was made for (chown -R)", data)
	case !errors.Is(err, os.ErrNotExist):
		return nil, err
	}
	for _, name := range []string{"postgres", "nobody"} {
		account, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.ParseUint(account.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(account.Gid, 10, 32)
		if uidErr == nil && gidErr == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, errors.New("root may not run Postgres, and there is no user postgres or nobody to run it as: create one, or run HQ as a normal user")
}

func ownerOf(path string) (*syscall.Credential, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	stat := info.Sys().(*syscall.Stat_t)
	return &syscall.Credential{Uid: stat.Uid, Gid: stat.Gid}, nil
}

// reachable says whether the given user can enter path and all folders above it.
func reachable(path string, as *syscall.Credential) error {
	for at := path; ; at = filepath.Dir(at) {
		info, err := os.Stat(at)
		if err != nil {
			return err
		}
		stat := info.Sys().(*syscall.Stat_t)
		enter := uint32(0o001)
		switch {
		case stat.Uid == as.Uid:
			enter = 0o100
		case stat.Gid == as.Gid:
			enter = 0o010
		}
		if stat.Mode&enter == 0 {
			return fmt.Errorf("user %d, who runs Postgres for root, cannot enter %s: "+
				"choose a data folder outside it, such as /var/lib/comptant", as.Uid, at)
		}
		if at == filepath.Dir(at) {
			return nil
		}
	}
}

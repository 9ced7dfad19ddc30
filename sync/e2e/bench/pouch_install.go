package bench

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// pouchFiles say which versions to install, and how the tills use them.
//
//go:embed pouch/package.json pouch/tills.mjs
var pouchFiles embed.FS

// installPatience bounds how long npm may take.
const installPatience = 15 * time.Minute

// pouchInstalled is where PouchDB and pouchdb-server are.
type pouchInstalled struct {
	// name has the versions of both, version is that of Node.js.
	name, version string
	// modules is npm's folder, program the tills.
	modules, program string
}

// installPouch has npm put both where they stay for the next time; then it only looks.
func installPouch(ctx context.Context) (pouchInstalled, error) {
	var p pouchInstalled
	ctx, cancel := context.WithTimeout(ctx, installPatience)
	defer cancel()
	version, err := exec.CommandContext(ctx, "node", "--version").Output()
	if err != nil {
		return p, err
	}
	p.version = strings.TrimSpace(string(version))
	cache, err := os.UserCacheDir()
	if err != nil {
		return p, err
	}
	dir := filepath.Join(cache, "comptant", "pouchdb")
	p.modules, p.program = filepath.Join(dir, "node_modules"), filepath.Join(dir, "tills.mjs")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return p, err
	}
	for _, name := range []string{"package.json", "tills.mjs"} {
		b, err := pouchFiles.ReadFile("pouch/" + name)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), b, 0o644)
		}
		if err != nil {
			return p, err
		}
	}
	if p.name, err = pouchName(); err != nil {
		return p, err
	}
	// LevelDB comes compiled, so that no package has to run anything.
	npm := exec.CommandContext(ctx, "npm", "install", "--ignore-scripts", "--no-audit", "--no-fund")
	npm.Dir = dir
	if out, err := npm.CombinedOutput(); err != nil {
		return p, complaint(fmt.Errorf("npm install: %w", err), string(out))
	}
	return p, nil
}

// pouchName is what is installed.
func pouchName() (string, error) {
	b, err := pouchFiles.ReadFile("pouch/package.json")
	if err != nil {
		return "", err
	}
	var pinned struct {
		Dependencies struct {
			Client string `json:"pouchdb"`
			Server string `json:"pouchdb-server"`
		}
	}
	err = json.Unmarshal(b, &pinned)
	return fmt.Sprintf("PouchDB %s to pouchdb-server %s", pinned.Dependencies.Client, pinned.Dependencies.Server), err
}

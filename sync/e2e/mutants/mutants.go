// Package mutants plants known bugs, one at a time, and shows which checks find each.
//
// A mutant is a file NN-name.patch: what the bug is, a line "Packages: ..." with the packages whose tests must find it, and
// the change as git diff writes it. A mutant that no longer applies, or that nothing finds, is a failure: a proof that
// cannot fail proves nothing.
package mutants

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Mutant is one planted bug.
type Mutant struct {
	// Name is the file's, without its ending; What is the first line of it.
	Name, What string
	// Packages are tested with the bug in place.
	Packages []string

	path string
}

// Read gives the mutants of a folder, by name. With names, only those whose name begins with one of them.
func Read(dir string, names ...string) ([]Mutant, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.patch"))
	if err != nil {
		return nil, err
	}
	slices.Sort(files)
	var all []Mutant
	for _, path := range files {
		m, err := read(path)
		if err != nil {
			return nil, err
		}
		if len(names) == 0 || slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(m.Name, n) }) {
			all = append(all, m)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("no mutant in %s is called %s", dir, strings.Join(names, " or "))
	}
	return all, nil
}

func read(path string) (Mutant, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Mutant{}, fmt.Errorf("read mutant: %w", err)
	}
	m := Mutant{Name: strings.TrimSuffix(filepath.Base(path), ".patch"), path: path}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "diff ") {
		if list, ok := strings.CutPrefix(lines.Text(), "Packages: "); ok {
			m.Packages = strings.Fields(list)
		} else if m.What == "" {
			m.What = lines.Text()
		}
	}
	if m.What == "" || len(m.Packages) == 0 {
		return Mutant{}, fmt.Errorf("mutant %s: want a line that says what it is, and a line \"Packages: ...\"", m.Name)
	}
	return m, nil
}

// Tree is a checkout of its own in which bugs are planted.
type Tree struct{ root, dir string }

// NewTree checks the commit that is checked out in root out once more, below dir.
func NewTree(ctx context.Context, root, dir string) (*Tree, error) {
	t := &Tree{root: root, dir: filepath.Join(dir, "tree")}
	if err := run(ctx, root, "git", "worktree", "add", "--quiet", "--detach", t.dir, "HEAD"); err != nil {
		return nil, fmt.Errorf("check out: %w", err)
	}
	return t, nil
}

// Close removes the checkout.
func (t *Tree) Close(ctx context.Context) error {
	return run(context.WithoutCancel(ctx), t.root, "git", "worktree", "remove", "--force", t.dir)
}

// ErrStale is wrapped for a mutant that does not apply any more.
var ErrStale = errors.New("does not apply any more")

// Plant puts the bug into the checkout, runs the tests, and takes it out again. It gives the tests that failed; none means
// that nothing found the bug.
func (t *Tree) Plant(ctx context.Context, m Mutant) (failed []string, err error) {
	if err := run(ctx, t.dir, "git", "apply", m.path); err != nil {
		return nil, fmt.Errorf("mutant %s %w: %w", m.Name, ErrStale, err)
	}
	defer func() {
		err = errors.Join(err, run(context.WithoutCancel(ctx), t.dir, "git", "checkout", "--quiet", "."))
	}()
	args := append([]string{"test", "-short", "-json", "-timeout", "4m"}, m.Packages...)
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = t.dir
	out, testErr := cmd.Output()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	failed, built := failures(out)
	if !built {
		return nil, fmt.Errorf("mutant %s does not compile: %w\n%s", m.Name, testErr, out)
	}
	return failed, nil
}

// failures reads which tests failed from what go test -json printed. built is false when a package did not compile.
func failures(out []byte) (failed []string, built bool) {
	built = true
	lines := json.NewDecoder(bytes.NewReader(out))
	for {
		var e struct{ Action, Package, Test, FailedBuild string }
		if lines.Decode(&e) != nil {
			return failed, built
		}
		switch {
		case e.FailedBuild != "":
			built = false
		case e.Action != "fail" || strings.Contains(e.Test, "/"):
		case e.Test != "":
			failed = append(failed, strings.TrimPrefix(e.Package, "comptant/")+" "+e.Test)
		case len(failed) == 0: // it crashed, or hung until the time was over
			failed = append(failed, strings.TrimPrefix(e.Package, "comptant/"))
		}
	}
}

func run(ctx context.Context, dir, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	return nil
}

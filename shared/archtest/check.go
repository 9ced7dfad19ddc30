package archtest

import (
	"fmt"
	"go/ast"
	"maps"
	"path"
	"slices"
	"strings"
)

// check returns what the files do against the tables of rules.go, in order, each with the file that does it.
func check(files []file) []string {
	found := map[string]bool{}
	report := func(format string, args ...any) { found[fmt.Sprintf(format, args...)] = true }
	for _, f := range files {
		checkName(f, report)
		checkImports(f, report)
		checkConfined(f, report)
		checkPure(f, report)
		checkFocus(f, report)
	}
	checkCores(files, report)
	return slices.Sorted(maps.Keys(found))
}

type reporter func(format string, args ...any)

func checkName(f file, report reporter) {
	for _, name := range []string{path.Base(f.pkg), strings.TrimSuffix(f.syntax.Name.Name, "_test")} {
		for _, v := range vague {
			if name == v || name == v+"s" || name == "repositories" {
				report("%s: package %q says where code is put, not what it is about", f.name, name)
			}
		}
	}
}

func checkImports(f file, report reporter) {
	r, ok := ruleFor(f.pkg)
	if !ok {
		report("%s: unknown package %q: say in shared/archtest/rules.go what it may import", path.Dir(f.name), f.pkg)
		return
	}
	for library := range f.imports {
		if !matches("comptant/...", library) || library == f.pkg || anyMatches(r.may, library) {
			continue
		}
		if !f.test {
			report("%s: %s may not import %s", f.name, f.pkg, library)
		} else if !anyMatches(r.tests, library) {
			report("%s: tests of %s may not import %s", f.name, f.pkg, library)
		}
	}
}

func checkConfined(f file, report reporter) {
	for library := range f.imports {
		at := -1
		for i, c := range confined {
			if matches(c.library, library) && (at < 0 || len(c.library) > len(confined[at].library)) {
				at = i
			}
		}
		if at < 0 || anyMatches(confined[at].in, f.pkg) || f.test && anyMatches(confined[at].tests, f.pkg) {
			continue
		}
		report("%s: %s may not import %s: %s", f.name, f.pkg, library, confined[at].why)
	}
}

func checkPure(f file, report reporter) {
	if f.test || !matches(pure, f.pkg) || f.pkg == impure {
		return
	}
	for library := range f.imports {
		if anyMatches(doesIO, library) {
			report("%s: %s may not import %s: shared packages do no I/O", f.name, f.pkg, library)
		}
	}
}

// checkFocus looks for Fyne's focusable widgets. Tests may use them: they stand for whatever else has the focus.
func checkFocus(f file, report reporter) {
	if f.test || !anyMatches(screens, f.pkg) || f.pkg == focusPackage && strings.HasPrefix(path.Base(f.name), "focus") {
		return
	}
	if _, ok := f.imports[fyneDialog]; ok {
		report("%s: %s swallows what the scanner types: only focus*.go of the screen may use it", f.name, fyneDialog)
	}
	for _, name := range f.uses(fyneWidget) {
		for _, kind := range focusable {
			if name == kind || strings.HasPrefix(name, "New"+kind) {
				report("%s: widget.%s swallows what the scanner types: only focus*.go of the screen may use it", f.name, name)
			}
		}
	}
}

func checkCores(files []file, report reporter) {
	shell, core := map[string]bool{}, map[string]bool{}
	for _, f := range files {
		if f.test || !slices.Contains(cores, f.pkg) {
			continue
		}
		if !strings.HasPrefix(path.Base(f.name), "core") {
			for library := range f.imports {
				if matches("github.com/gorilla/...", library) {
					shell[f.pkg] = true
				}
			}
			continue
		}
		core[f.pkg] = true
		for library := range f.imports {
			if anyMatches(coreForbids, library) {
				report("%s: a core may not import %s", f.name, library)
			}
		}
		for _, name := range f.uses("time") {
			if slices.Contains(clockFuncs, name) {
				report("%s: a core may not use time.%s: its clock is given to it", f.name, name)
			}
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			if _, ok := n.(*ast.GoStmt); ok {
				report("%s: a core may not start a goroutine", f.name)
			}
			return true
		})
	}
	for pkg := range shell {
		if !core[pkg] {
			report("%s: a shell without a core: no file is named core*.go", pkg)
		}
	}
}

// uses returns what the file names of an imported package: Now for time.Now. A dot import, where names cannot be told
// apart, counts as using everything it could hide.
func (f file) uses(library string) (names []string) {
	local, ok := f.imports[library]
	if !ok {
		return nil
	}
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && x.Name == local {
				names = append(names, n.Sel.Name)
			}
		case *ast.Ident:
			if local == "." {
				names = append(names, n.Name)
			}
		}
		return true
	})
	return names
}

// ruleFor returns the rule whose path matches pkg most closely.
func ruleFor(pkg string) (best rule, ok bool) {
	for _, r := range rules {
		if matches(r.path, pkg) && (!ok || len(r.path) > len(best.path)) {
			best, ok = r, true
		}
	}
	return best, ok
}

// matches tells whether an import path is the pattern's, or below it when the pattern ends in "/...".
func matches(pattern, library string) bool {
	tree, below := strings.CutSuffix(pattern, "/...")
	return library == tree || below && strings.HasPrefix(library, tree+"/")
}

func anyMatches(patterns []string, library string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matches(p, library) })
}

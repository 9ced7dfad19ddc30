package archtest

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// file is one parsed Go file.
type file struct {
	name    string            // slash path from the root of the workspace
	pkg     string            // import path of its folder
	test    bool              // named *_test.go
	imports map[string]string // import path to the name it is used under
	syntax  *ast.File
}

// load parses every Go file under root, in whatever module. Folders that Go ignores are ignored.
func load(root fs.FS) ([]file, error) {
	var files []file
	modules := map[string]string{} // folder to module path
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := entry.Name()
		if entry.IsDir() {
			if name != "." && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata" || base == "vendor" || base == "node_modules") {
				return fs.SkipDir
			}
			module, err := moduleOf(root, name, modules)
			modules[name] = module
			return err
		}
		if path.Ext(base) != ".go" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") {
			return nil
		}
		f, err := parse(root, name, modules[path.Dir(name)])
		if err != nil {
			return err
		}
		files = append(files, f)
		return nil
	})
	return files, err
}

// moduleOf returns the import path of a folder: its go.mod says it, else its parent's path and its name; "" outside any
// module. Parents are walked first.
func moduleOf(root fs.FS, dir string, known map[string]string) (string, error) {
	text, err := fs.ReadFile(root, path.Join(dir, "go.mod"))
	if errors.Is(err, fs.ErrNotExist) {
		if parent := known[path.Dir(dir)]; parent != "" {
			return parent + "/" + path.Base(dir), nil
		}
		return "", nil
	}
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(text)) {
		if module, ok := strings.CutPrefix(line, "module "); ok {
			return strings.TrimSpace(module), nil
		}
	}
	return "", fmt.Errorf("%s/go.mod: no module line", dir)
}

func parse(root fs.FS, name, pkg string) (file, error) {
	text, err := fs.ReadFile(root, name)
	if err != nil {
		return file{}, err
	}
	syntax, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
	if err != nil {
		return file{}, err
	}
	f := file{name: name, pkg: pkg, test: strings.HasSuffix(name, "_test.go"), imports: map[string]string{}, syntax: syntax}
	for _, spec := range syntax.Imports {
		library, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return file{}, fmt.Errorf("%s: import %s: %w", name, spec.Path.Value, err)
		}
		f.imports[library] = path.Base(library)
		if spec.Name != nil {
			f.imports[library] = spec.Name.Name
		}
	}
	return f, nil
}

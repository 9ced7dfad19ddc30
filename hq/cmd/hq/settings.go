package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// settingsFiles hold settings as JSON: {"listen": ":8440", "mail_from": "hq@example.com"}. The later counts more, one that --config names more than both, the
// environment more than files, and a flag on the command line most.
var settingsFiles = []string{"/etc/comptant/hq.json", "~/.config/comptant/hq.json"}

// settings is such a file. What may stand in it is what may stand in the environment: how headquarters runs, and nothing that one command
// does.
type settings struct {
	kong.Resolver
	names []string
}

func readSettings(r io.Reader) (kong.Resolver, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	var values map[string]any
	if err := json.Unmarshal(text, &values); err != nil {
		return nil, fmt.Errorf("it is not JSON: %w", err)
	}
	file, err := kong.JSON(bytes.NewReader(text))
	return settings{file, slices.Sorted(maps.Keys(values))}, err
}

// Validate refuses a name that is no setting, such as one that is misspelled.
func (s settings) Validate(app *kong.Application) error {
	known := map[string]bool{}
	err := kong.Visit(app, func(node kong.Visitable, next kong.Next) error {
		if flag, ok := node.(*kong.Flag); ok && len(flag.Envs) > 0 {
			known[strings.ReplaceAll(flag.Name, "-", "_")] = true
		}
		return next(nil)
	})
	if err != nil {
		return err
	}
	for _, name := range s.names {
		if !known[name] {
			return fmt.Errorf("%q in a file of settings is not a setting; there are: %v", name, slices.Sorted(maps.Keys(known)))
		}
	}
	return nil
}

// Resolve gives way to the environment.
func (s settings) Resolve(k *kong.Context, parent *kong.Path, flag *kong.Flag) (any, error) {
	for _, env := range flag.Envs {
		if os.Getenv(env) != "" {
			return nil, nil
		}
	}
	return s.Resolver.Resolve(k, parent, flag)
}

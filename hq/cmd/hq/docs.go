package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"comptant/hq/atlas"
	"comptant/hq/ui"
)

type docsCmd struct {
	To   string `required:"" type:"path" placeholder:"FOLDER" help:"Where to write them. It is made when it is not there."`
	Lang string `enum:"fr,en" default:"en" help:"Language of the words: fr or en."`
	output
}

// Help is what --help adds.
func (docsCmd) Help() string {
	return "Tables and their references are read from the database, states and what leads from one to another from the code. " +
		"For each domain it writes drawings in SVG, for light and dark, and a page in Markdown; README.md leads to them."
}

func (d docsCmd) Run(ctx context.Context, c *cli) error {
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	domains, err := atlas.Read(ctx, s.DB)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(d.To, 0o755); err != nil {
		return fmt.Errorf("write the domain models: %w", err)
	}
	files := atlas.Files(ui.WithPrefs(ctx, ui.Prefs{Lang: d.Lang}), domains)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := os.WriteFile(filepath.Join(d.To, name), []byte(files[name]), 0o644); err != nil {
			return fmt.Errorf("write the domain models: %w", err)
		}
	}
	return d.say(map[string]any{"folder": d.To, "domains": len(domains), "files": len(files)},
		"%d domains in %d files: %s", len(domains), len(files), filepath.Join(d.To, "README.md"))
}

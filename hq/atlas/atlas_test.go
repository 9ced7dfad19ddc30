package atlas_test

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"flag"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"comptant/hq/atlas"
	"comptant/hq/db"
	"comptant/hq/demo"
	"comptant/hq/pgtest"
	"comptant/hq/ui"
)

var update = flag.Bool("update", false, "write the drawings of docs/arc42")

// folder is the committed drawings.
const folder = "../../docs/arc42/models"

func in(t *testing.T, lang string) context.Context {
	return ui.WithPrefs(t.Context(), ui.Prefs{Lang: lang})
}

func read(t *testing.T, d *db.DB) []atlas.Domain {
	t.Helper()
	domains, err := atlas.Read(t.Context(), d)
	require.NoError(t, err)
	return domains
}

func table(t *testing.T, domains []atlas.Domain, domain, name string) atlas.Table {
	t.Helper()
	for _, d := range domains {
		for _, table := range d.Tables {
			if table.Domain == domain && table.Name == name {
				return table
			}
		}
	}
	t.Fatalf("there is no %s.%s", domain, name)
	return atlas.Table{}
}

// TestArc42 fails when the committed drawings are not what the database and the code say; -update writes them.
func TestArc42(t *testing.T) {
	files := atlas.Files(in(t, "en"), read(t, pgtest.New(t)))
	if *update {
		require.NoError(t, os.RemoveAll(folder))
		require.NoError(t, os.MkdirAll(folder, 0o755))
		for name, text := range files {
			require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644))
		}
	}
	found, err := os.ReadDir(folder)
	require.NoError(t, err)
	var names []string
	for _, f := range found {
		names = append(names, f.Name())
	}
	const how = "docs/arc42/models is not current: go test ./hq/atlas -run TestArc42 -update"
	require.Equal(t, slices.Sorted(maps.Keys(files)), names, how)
	for name, text := range files {
		committed, err := os.ReadFile(filepath.Join(folder, name))
		require.NoError(t, err)
		require.Equal(t, text, string(committed), how)
	}
}

func TestTheDatabaseIsReadAsItIs(t *testing.T) {
	d := pgtest.New(t)
	_, err := d.Exec(t.Context(), `
		CREATE SCHEMA parcels;
		CREATE TABLE parcels.parcel (store_id uuid, id uuid, weight int NOT NULL, note text, PRIMARY KEY (store_id, id));
		CREATE TABLE parcels.stamp (store_id uuid, parcel_id uuid, FOREIGN KEY (store_id, parcel_id) REFERENCES parcels.parcel);
		COMMENT ON TABLE parcels.parcel IS 'what is sent';
		COMMENT ON COLUMN parcels.parcel.weight IS 'in grams'`)
	require.NoError(t, err)
	domains := read(t, d)
	require.Equal(t, atlas.Table{
		Domain: "parcels", Name: "parcel", Note: "what is sent",
		Columns: []atlas.Column{
			{Name: "store_id", Type: "uuid", Key: true},
			{Name: "id", Type: "uuid", Key: true},
			{Name: "weight", Type: "integer", Note: "in grams"},
			{Name: "note", Type: "text", Null: true},
		},
		References: []atlas.Reference{{Columns: []string{"store_id"}, Domain: "stock", Table: "location"}},
	}, table(t, domains, "parcels", "parcel"))
	require.Equal(t, []atlas.Reference{{Columns: []string{"store_id", "parcel_id"}, Domain: "parcels", Table: "parcel", Declared: true}},
		table(t, domains, "parcels", "stamp").References)
	for _, domain := range domains {
		if domain.Name == "parcels" {
			require.Contains(t, atlas.Entities(in(t, "en"), domain), "<title>in grams</title>")
		}
	}
	require.Equal(t, []string{"api", "catalog", "feed", "importer", "journal", "orders", "parcels", "payments", "sales", "shop", "stock", "tills", "users"}, domainNames(domains))
}

func domainNames(domains []atlas.Domain) (names []string) {
	for _, d := range domains {
		names = append(names, d.Name)
	}
	return names
}

// What is drawn as a reference and is not held by the database names columns and tables that exist, every id is one or is
// its own table's. In full form a demo's rows name only rows that exist.
func TestReferencesAreTrue(t *testing.T) {
	d := pgtest.New(t)
	if !testing.Short() {
		log := slog.New(slog.NewTextHandler(t.Output(), nil))
		_, err := demo.Create(t.Context(), d, demo.Options{Now: time.Date(2026, 11, 22, 19, 32, 8, 0, time.UTC), Days: 2, Log: log})
		require.NoError(t, err)
	}
	domains := read(t, d)
	columns, named := atlas.Undeclared()
	for _, domain := range domains {
		for _, from := range domain.Tables {
			refers := map[string]bool{}
			for _, r := range from.References {
				to := table(t, domains, r.Domain, r.Table)
				for _, c := range r.Columns {
					refers[c] = true
					require.True(t, slices.ContainsFunc(from.Columns, func(found atlas.Column) bool { return found.Name == c }), "%s.%s.%s", from.Domain, from.Name, c)
				}
				if !r.Declared && len(r.Columns) == 1 {
					delete(columns, r.Columns[0])
					missing := 0
					require.NoError(t, d.QueryRow(t.Context(), `SELECT count(*) FROM `+from.Domain+`.`+from.Name+` f
						WHERE f.`+r.Columns[0]+` IS NOT NULL AND f.`+r.Columns[0]+` <> '00000000-0000-0000-0000-000000000000'
						AND NOT EXISTS (SELECT FROM `+to.Domain+`.`+to.Name+` t WHERE t.id = f.`+r.Columns[0]+`)`).Scan(&missing))
					require.Zero(t, missing, "%s.%s.%s names rows that %s.%s has not", from.Domain, from.Name, r.Columns[0], to.Domain, to.Name)
				}
			}
			for _, c := range from.Columns {
				if c.Type == "uuid" && (strings.HasSuffix(c.Name, "_id") || strings.HasSuffix(c.Name, "_by")) {
					require.True(t, refers[c.Name], "%s.%s.%s names nothing: say what in references.go", from.Domain, from.Name, c.Name)
				}
			}
			delete(named, from.Domain+"."+from.Name)
		}
	}
	require.Empty(t, columns, "no table has such a column")
	require.Empty(t, named, "there is no such table")
}

// No word is written for a state, a deed or a domain that is not drawn.
func TestWordsAreUsed(t *testing.T) {
	used := atlas.Words()
	for _, d := range read(t, pgtest.New(t)) {
		used["atlas.domain."+d.Name] = true
	}
	text, err := os.ReadFile("../ui/words/active.fr.json")
	require.NoError(t, err)
	var words map[string]any
	require.NoError(t, json.Unmarshal(text, &words))
	for key := range words {
		if strings.HasPrefix(key, "machine.") || strings.HasPrefix(key, "atlas.domain.") {
			require.True(t, used[key], "%s is never used", key)
		}
	}
}

// Every word of every drawing is written in both languages, and every drawing is one that a browser can read.
func TestDrawingsAreWhole(t *testing.T) {
	domains := read(t, pgtest.New(t))
	for _, lang := range []string{"fr", "en"} {
		ctx := in(t, lang)
		files := atlas.Files(ctx, domains)
		require.Equal(t, files, atlas.Files(ctx, domains), "drawn twice")
		for name, text := range files {
			for _, key := range []string{"machine.", "atlas."} {
				require.NotContains(t, text, key, "%s in %s: a word is missing", name, lang)
			}
			if !strings.HasSuffix(name, ".svg") {
				continue
			}
			for decoder := xml.NewDecoder(strings.NewReader(text)); ; {
				if _, err := decoder.Token(); err != nil {
					require.ErrorIs(t, err, io.EOF, name)
					break
				}
			}
		}
		for _, d := range domains {
			require.NotEqual(t, d.Name, atlas.DomainName(ctx, d.Name), "a domain without a name")
		}
		for _, d := range domains {
			for _, m := range atlas.Machines(d.Name) {
				for _, row := range m.Rows(ctx) {
					for _, word := range []string{row[0], row[2]} {
						if word != "–" {
							require.Contains(t, files[d.Name+"-"+m.Name+".svg"], ">"+word+"<")
						}
					}
				}
			}
		}
	}
}

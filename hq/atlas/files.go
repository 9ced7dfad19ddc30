package atlas

import (
	"context"
	"fmt"
	"strings"

	"comptant/hq/ui"
)

// Files gives the drawings of the domains and a page in Markdown for each, by name, as a folder of documentation.
func Files(ctx context.Context, domains []Domain) map[string]string {
	style := ui.DrawingStyle()
	files := map[string]string{"overview.svg": overview(ctx, domains).svg(ui.T(ctx, "atlas.overview"), style)}
	var index strings.Builder
	fmt.Fprintf(&index, "# %s\n\n%s\n\n![%s](overview.svg)\n\n", ui.T(ctx, "atlas.title"), ui.T(ctx, "atlas.made"), ui.T(ctx, "atlas.overview"))
	for _, d := range domains {
		files[d.Name+".svg"] = entities(d).svg(entitiesTitle(ctx, d), style)
		for _, m := range Machines(d.Name) {
			files[d.Name+"-"+m.Name+".svg"] = m.drawing(ctx).svg(m.Title(ctx), style)
		}
		files[d.Name+".md"] = page(ctx, d)
		fmt.Fprintf(&index, "- [%s](%s.md)\n", DomainName(ctx, d.Name), d.Name)
	}
	files["README.md"] = index.String()
	return files
}

// page is a domain in Markdown.
func page(ctx context.Context, d Domain) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s\n\n![%s](%s.svg)\n", DomainName(ctx, d.Name), ui.T(ctx, "atlas.legend"), entitiesTitle(ctx, d), d.Name)
	for _, m := range Machines(d.Name) {
		fmt.Fprintf(&b, "\n## %s\n\n![%s](%s-%s.svg)\n\n| %s | %s | %s |\n|---|---|---|\n", m.Title(ctx), m.Title(ctx), d.Name, m.Name,
			ui.T(ctx, "atlas.from"), ui.T(ctx, "atlas.deed"), ui.T(ctx, "atlas.to"))
		for _, row := range m.Rows(ctx) {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", row[0], row[1], row[2])
		}
	}
	fmt.Fprintf(&b, "\n## %s\n\n| %s | %s | %s |\n|---|---|---|\n", ui.T(ctx, "atlas.references"), ui.T(ctx, "atlas.table"), ui.T(ctx, "atlas.columns"), ui.T(ctx, "atlas.names"))
	for _, row := range References(ctx, d) {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", row[0], row[1], row[2])
	}
	return b.String()
}

// References are those of a domain's tables: the table, its columns, and what they name, with who holds to it.
func References(ctx context.Context, d Domain) (rows [][3]string) {
	for _, t := range d.Tables {
		for _, r := range t.References {
			held := "atlas.by_database"
			if !r.Declared {
				held = "atlas.by_code"
			}
			rows = append(rows, [3]string{t.Name, strings.Join(r.Columns, ", "), r.to() + " (" + ui.T(ctx, held) + ")"})
		}
	}
	return rows
}

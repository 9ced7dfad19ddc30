package web

import (
	"context"
	"net/http"
	"slices"

	"comptant/hq/atlas"
	"comptant/hq/ui"
	"comptant/shared/retail"
)

// modelsPage is a drawing of the running system and the same in words.
type modelsPage struct {
	tabs     []ui.Segment
	drawings []modelDrawing
}

// modelDrawing is one picture; words is what it shows as a table.
type modelDrawing struct {
	title, svg string
	words      ui.Table
}

// models draws the domains as they are in the database now, or one of them with what becomes of what it keeps.
func (s *site) models(w http.ResponseWriter, r *http.Request) error {
	ctx, chosen := r.Context(), r.FormValue("domain")
	domains, err := atlas.Read(ctx, s.DB)
	if err != nil {
		return err
	}
	p := modelsPage{tabs: []ui.Segment{{Label: ui.T(ctx, "atlas.overview_tab"), Href: "/system/models", Current: chosen == ""}}}
	for _, d := range domains {
		p.tabs = append(p.tabs, ui.Segment{
			Label: atlas.DomainName(ctx, d.Name), Href: "/system/models?" + query("domain", d.Name), Current: d.Name == chosen,
		})
	}
	at := slices.IndexFunc(domains, func(d atlas.Domain) bool { return d.Name == chosen })
	switch {
	case at >= 0:
		p.drawings = domainDrawings(ctx, domains[at])
	case chosen != "":
		return &retail.Error{Code: retail.NotFound, Key: "atlas.unknown"}
	case len(domains) > 0:
		p.drawings = []modelDrawing{{title: ui.T(ctx, "atlas.overview"), svg: atlas.Overview(ctx, domains), words: domainTable(ctx, domains)}}
	}
	return s.show(w, r, view{
		title: ui.T(ctx, "atlas.title"), subtitle: ui.T(ctx, "atlas.subtitle"), tools: systemTools(ui.T(ctx, "atlas.version", "Version", s.Version), r.URL.Path),
	}, modelsContent(p))
}

// domainDrawings are the states of what a domain keeps, then its tables.
func domainDrawings(ctx context.Context, d atlas.Domain) (all []modelDrawing) {
	for _, m := range atlas.Machines(d.Name) {
		all = append(all, modelDrawing{
			title: ui.T(ctx, "atlas.states", "Machine", m.Title(ctx)), svg: m.Draw(ctx),
			words: wordsTable(m.Title(ctx), []string{ui.T(ctx, "atlas.from"), ui.T(ctx, "atlas.deed"), ui.T(ctx, "atlas.to")}, m.Rows(ctx)),
		})
	}
	title := ui.T(ctx, "atlas.entities", "Domain", atlas.DomainName(ctx, d.Name))
	return append(all, modelDrawing{
		title: title, svg: atlas.Entities(ctx, d),
		words: wordsTable(title, []string{ui.T(ctx, "atlas.table"), ui.T(ctx, "atlas.columns"), ui.T(ctx, "atlas.names")}, atlas.References(ctx, d)),
	})
}

func domainTable(ctx context.Context, domains []atlas.Domain) ui.Table {
	t := ui.Table{Caption: ui.T(ctx, "atlas.domains"), Columns: []ui.Column{{Label: ui.T(ctx, "atlas.domains")}, {Label: ui.T(ctx, "atlas.table")}}}
	for _, d := range domains {
		for _, table := range d.Tables {
			t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: atlas.DomainName(ctx, d.Name)}, {Text: table.Name}}})
		}
	}
	return t
}

func wordsTable(caption string, columns []string, rows [][3]string) ui.Table {
	t := ui.Table{Caption: caption}
	for _, c := range columns {
		t.Columns = append(t.Columns, ui.Column{Label: c})
	}
	for _, row := range rows {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: row[0]}, {Text: row[1]}, {Text: row[2]}}})
	}
	return t
}

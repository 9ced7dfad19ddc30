package web

import (
	"net/http"

	"comptant/hq/ui"
	"comptant/shared/health"
)

// healthChecks are the checks of `hq doctor` in words, with what to do when something is to be looked at, and where.
var healthChecks = map[string]struct{ word, do, href string }{
	"disk":          {"health.disk", "health.disk_do", ""},
	"clock":         {"health.clock", "health.clock_do", ""},
	"headquarters":  {"health.serving", "health.serving_do", ""},
	"database":      {"health.database", "health.database_do", ""},
	"tills":         {"place.tills", "health.tills_do", "/tills?state=offline"},
	"tills' clocks": {"health.till_clocks", "health.till_clocks_do", "/tills"},
	"journals":      {"health.journals", "health.journals_do", "/exceptions"},
}

// healthStates are how well something is, as a tag.
var healthStates = map[health.State]struct {
	tone ui.Tone
	icon ui.Icon
	word string
}{
	health.Well: {ui.ToneOK, ui.IconOK, "health.well"},
	health.Soon: {ui.ToneWarn, ui.IconAlert, "health.soon"},
	health.Bad:  {ui.ToneBad, ui.IconAlert, "health.bad"},
}

// health shows what `hq doctor` finds.
func (s *site) health(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	found := s.Examine(ctx)
	t := ui.Table{Caption: ui.T(ctx, "health.title"), Columns: []ui.Column{
		{Label: ui.T(ctx, "health.check")}, {Label: ui.T(ctx, "tills.state")}, {Label: ui.T(ctx, "health.do")}, {Label: ui.T(ctx, "journal.detail")},
	}}
	for _, f := range found {
		check, known := healthChecks[f.Check]
		name, do := ui.Cell{Text: f.Check}, ui.Cell{}
		if known {
			name.Text = ui.T(ctx, check.word)
		}
		if known && f.Is != health.Well {
			do = ui.Cell{Text: ui.T(ctx, check.do), Href: check.href}
		}
		state := healthStates[f.Is]
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			name, {Part: ui.Status(ui.Tag{Tone: state.tone, Icon: state.icon, Text: ui.T(ctx, state.word)})}, do, {Part: technicalDetail(f.Says)},
		}})
	}
	stores, err := s.stores(ctx)
	if err != nil {
		return err
	}
	worst := healthStates[health.Worst(found)]
	return s.show(w, r, view{
		title: ui.T(ctx, "health.title"), subtitle: ui.T(ctx, "health.subtitle", "When", ui.DateTime(ctx, s.Now().In(zoneOf(stores)))),
		tools: systemTools(ui.T(ctx, "atlas.version", "Version", s.Version), r.URL.Path),
	}, healthContent(ui.Flash{Tone: worst.tone, Text: ui.T(ctx, worst.word)}, t))
}

package ui

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"comptant/hq/ui/uitest"
)

// around renders parent with children inside.
func around(parent templ.Component, children ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return parent.Render(templ.WithChildren(ctx, templ.Join(children...)), w)
	})
}

func box(class string, children ...templ.Component) templ.Component {
	return templ.Join(templ.Raw(`<div class="`+class+`">`), templ.Join(children...), templ.Raw(`</div>`))
}

// samplePages shows every part of the package at least once.
var samplePages = map[string]func(context.Context) templ.Component{
	"overview": func(ctx context.Context) templ.Component {
		shell := sampleShell(ctx, both(ctx, "Aperçu", "Overview"), 0)
		shell.Subtitle, shell.Events, shell.Clock = LongDate(ctx, sampleNow), "/events", Clock(sampleNow)
		shell.Filter = StoreFilter("store", []Option{{Label: both(ctx, "Tous les magasins", "All stores")}, {Value: "n", Label: "Nord"}})
		bars := sampleBars(ctx)
		return around(Page(shell),
			KPIStrip(sampleKPIs(ctx)),
			box("columns",
				around(Card(bars.Title, both(ctx, "CAD, avant taxes", "CAD, before tax"), BarLegend(bars.Now, bars.Before)),
					BarChart(bars),
					box("card-foot", Remark(Tag{ToneWarn, IconOffline, both(ctx, "Nord, caisse 2 est hors ligne depuis 12 h 18", "Nord, till 2 has been offline since 12:18"), ""})),
				),
				AlertList(both(ctx, "À regarder", "Needs attention"), sampleAlerts(ctx)),
			),
			box("heading", templ.Raw("<h2>"+both(ctx, "Magasins", "Stores")+"</h2>")),
			StoreCards(sampleStores(ctx)),
		)
	},
	"report": func(ctx context.Context) templ.Component {
		lines := sampleLines(ctx)
		kpis := sampleKPIs(ctx)
		kpis.Figures = append(kpis.Figures, KPI{ID: "taxes", Label: "Taxes", Value: Money(ctx, 3969059), Note: "TPS, TVQ"})
		kpis.Figures[0].Note, kpis.Brief = "", ""
		return around(Page(sampleShell(ctx, both(ctx, "Ventes consolidées", "Consolidated sales"), 2)),
			around(Toolbar("/reports", nil, templ.Join(ActionButton(Button{Label: "CSV", Icon: IconDownload, Href: "/csv"}), ActionButton(Button{Label: both(ctx, "Imprimer", "Print"), Icon: IconPrint, Attrs: templ.Attributes{"data-print": true}}))),
				FormField(Field{Name: "store", Label: both(ctx, "Magasins", "Stores"), Options: []Option{{Label: both(ctx, "Les 5 magasins", "All 5 stores")}}}),
				FormField(Field{Name: "from", Label: both(ctx, "Du", "From"), Type: "date", Value: "2026-11-01"}),
			),
			KPIStrip(kpis),
			box("columns",
				around(Card(lines.Title, "", LineLegend(lines.Now, lines.Before)), LineChart(lines)),
				around(Card(both(ctx, "Meilleures ventes", "Best sellers"), "", nil), Ranking([]Rank{
					{Label: "Café filtre, moyen", Text: Money(ctx, 1893446), Note: both(ctx, "fait sur place", "made here"), Value: 1893446, Series: 1},
					{Label: "Sirop d’érable ambré, 540 ml", Text: Money(ctx, 1187310), Note: both(ctx, "reste 779", "779 left"), Value: 1187310, Series: 1, Href: "/p"},
					{Label: both(ctx, "Comptant", "Cash"), Text: Money(ctx, 741980), Value: 741980, Series: 3},
				})),
			),
			DataTable(sampleReport(ctx)),
		)
	},
	"stock": func(ctx context.Context) templ.Component {
		shell := sampleShell(ctx, "Stock", 3)
		return around(Page(shell),
			FlashMessage(Flash{Tone: ToneOK, Text: both(ctx, "Réapprovisionnement approuvé.", "Restock approved.")}),
			FlashMessage(Flash{Tone: ToneBad, Text: both(ctx, "L’expédition est refusée\u00a0: rien n’est prêt.", "The shipment was refused: nothing is ready.")}),
			around(Toolbar("/stock", nil, ActionButton(Button{Label: "CSV", Icon: IconDownload, Href: "/csv"})),
				SearchField(Field{Name: "q", Label: both(ctx, "Nom, SKU ou code-barres", "Name, SKU or barcode")}),
				Segments(both(ctx, "État", "State"), []Segment{
					{Label: both(ctx, "Tous", "All"), Count: Number(ctx, 2041), Href: "/", Current: true},
					{Label: both(ctx, "Négatif", "Negative"), Count: "2", Href: "/n", Icon: IconAlert, Tone: ToneBad},
					{Label: both(ctx, "Rupture", "Stock-out"), Count: "7", Href: "/o", Icon: IconDown, Tone: ToneWarn},
				}),
			),
			box("columns wide",
				DataTable(sampleStock(ctx)),
				around(SidePanel("Sirop d’érable ambré, 540 ml", "204310", "/stock", templ.Join(ActionButton(Button{Label: both(ctx, "Réapprovisionner 120", "Restock 120"), Icon: IconRestock, Kind: ButtonMain}))),
					MeterBar(Meter{Label: "Centre-Ville 19", Value: 19, Max: 100, Mark: 25}), MeterBar(Meter{Label: "Ouest 72", Value: 72, Max: 100, Mark: 25})),
			),
			around(Card(both(ctx, "Approbation", "Approval"), "", nil), box("form", sampleFields(ctx)...), box("card-body",
				ProgressBar(Progress{Label: "Import", Note: "1 204 / 2 041", Done: 1204, Total: 2041}),
				around(ConfirmAction(Confirm{Open: Button{Label: both(ctx, "Révoquer", "Revoke"), Icon: IconCancel, Kind: ButtonDanger}, Text: both(ctx, "La caisse ne pourra plus rien envoyer.", "The till can send nothing more."), Action: "/revoke", Do: Button{Label: both(ctx, "Révoquer la caisse", "Revoke the till"), Kind: ButtonDanger}})),
			)),
			around(Card(both(ctx, "Expéditions", "Shipments"), "", nil), EmptyState(Empty{Icon: IconRestock, Title: both(ctx, "Aucune expédition", "No shipments"), Text: both(ctx, "Approuvez une demande pour en préparer une.", "Approve a request to prepare one.")})),
		)
	},
	"login": func(ctx context.Context) templ.Component {
		return LoginPage(Login{Email: "emma@example.com", Error: both(ctx, "Courriel ou mot de passe inconnu.", "Unknown e-mail or password.")})
	},
}

var sampleNow = time.Date(2026, 11, 22, 14, 32, 8, 0, time.UTC)

func samplePage(t *testing.T, name string, p Prefs) string {
	t.Helper()
	ctx := WithPrefs(t.Context(), p)
	var b strings.Builder
	require.NoError(t, samplePages[name](ctx).Render(ctx, &b))
	return b.String()
}

// The policy forbids inline styles and scripts; a browser would drop them without a word to the reader.
func TestPagesObeyThePolicy(t *testing.T) {
	inline := regexp.MustCompile(`(?i)\sstyle=|<style|\son\w+=|<script(?:\s+[^>]*)?>[^<]|javascript:|https?://`)
	for name := range samplePages {
		html := samplePage(t, name, Prefs{Lang: "fr"})
		require.Empty(t, inline.FindAllString(html, -1), name)
		require.NotRegexp(t, `<(svg class="(?:plot|spark)[^>]*)>\s*<[^t]`, html, "%s: a chart without a title", name)
	}
}

// Opens every sample page in a browser: the policy must be kept by the scripts too, nothing may be wider than a phone,
// and the live dot must come on. With PICTURES=folder it also writes a picture of each.
func TestPagesInABrowser(t *testing.T) {
	server := httptest.NewServer(sampleServer(nil))
	t.Cleanup(server.Close) // after the browser, whose stream would keep it open
	ctx := uitest.Browser(t)
	for name := range samplePages {
		for _, width := range []int64{1440, 390} {
			for _, p := range []Prefs{{Lang: "fr", Theme: "light"}, {Lang: "en", Theme: "dark"}} {
				height := map[int64]int64{1440: 900, 390: 844}[width]
				address := fmt.Sprintf("%s/%s?lang=%s&theme=%s", server.URL, name, p.Lang, p.Theme)
				require.NoError(t, chromedp.Do(ctx, chromedp.EmulateViewport(width, height), chromedp.Navigate(address), chromedp.WaitReady("main")))
				if name == "overview" {
					require.NoError(t, chromedp.Do(ctx, chromedp.WaitVisible(".live[data-live=on]")))
				}
				wide, err := chromedp.Run(ctx, chromedp.Evaluate[int64]("document.documentElement.scrollWidth"))
				require.NoError(t, err)
				require.LessOrEqual(t, wide, width, address)
				violations, err := chromedp.Run(ctx, chromedp.Evaluate[string]("document.documentElement.dataset.violations ?? ''"))
				require.NoError(t, err)
				require.Empty(t, violations, address)
				if folder := os.Getenv("PICTURES"); folder != "" {
					_, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("document.fonts.ready.then(() => true)", chromedp.EvalAwaitPromise))
					require.NoError(t, err)
					picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
					require.NoError(t, err)
					require.NoError(t, os.WriteFile(filepath.Join(folder, fmt.Sprintf("%s-%d-%s.png", name, width, p.Theme)), picture, 0o644))
				}
			}
		}
	}
}

// sampleServer serves the sample pages under the real policy. A script of its own notes what the policy refused. Events writes the
// stream; nil leaves it silent.
func sampleServer(events http.HandlerFunc) *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("GET /static/", Static())
	if events == nil {
		events = func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	}
	mux.HandleFunc("GET /events", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, ": open\n\n")
		w.(http.Flusher).Flush()
		events(w, r)
	})
	mux.HandleFunc("GET /watch.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		_, _ = io.WriteString(w, `addEventListener("securitypolicyviolation", (e) => document.documentElement.dataset.violations = e.violatedDirective + " " + e.blockedURI + " " + e.sourceFile)`)
	})
	mux.HandleFunc("GET /{page}", func(w http.ResponseWriter, r *http.Request) {
		page, ok := samplePages[r.PathValue("page")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		ctx := WithPrefs(r.Context(), Prefs{Lang: r.FormValue("lang"), Theme: r.FormValue("theme")})
		var b strings.Builder
		if err := page(ctx).Render(ctx, &b); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Security-Policy", ContentSecurityPolicy)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, strings.Replace(b.String(), "<head>", `<head><script src="/watch.js"></script>`, 1))
	})
	return mux
}

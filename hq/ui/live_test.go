package ui

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/a-h/templ"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"comptant/hq/ui/uitest"
)

// Two tabs share one stream, and one event moves the figure in both, without a reload.
func TestTabsShareOneEventStream(t *testing.T) {
	var streams, value atomic.Int64
	sale := make(chan struct{})
	mux := sampleServer(func(w http.ResponseWriter, r *http.Request) {
		streams.Add(1)
		for {
			select {
			case <-sale:
				_, _ = io.WriteString(w, "event: sales\ndata: centre-ville\n\n")
				w.(http.Flusher).Flush()
			case <-r.Context().Done():
				return
			}
		}
	})
	live := func(ctx context.Context) string {
		var b strings.Builder
		strip := KPIStrip(KPIs{Figures: []KPI{{ID: "revenue", Label: "Revenu", Value: Number(ctx, value.Load())}}})
		require.NoError(t, box(`live-part" hx-get="/part" hx-trigger="sse:sales" hx-swap="outerHTML`, strip).Render(ctx, &b))
		return b.String()
	}
	mux.HandleFunc("GET /live", func(w http.ResponseWriter, r *http.Request) {
		ctx := WithPrefs(r.Context(), Prefs{Lang: "fr"})
		w.Header().Set("Content-Security-Policy", ContentSecurityPolicy)
		shell := sampleShell(ctx, "Aperçu", 0)
		shell.Events, shell.Clock = "/events", "14:32:08"
		_ = around(Page(shell), templ.Raw(live(ctx))).Render(ctx, w)
	})
	mux.HandleFunc("GET /part", func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, live(r.Context())) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close) // after the browser, whose stream would keep it open

	first := uitest.Browser(t)
	open := func(tab context.Context) {
		require.NoError(t, chromedp.Do(tab, chromedp.Navigate(server.URL+"/live"), chromedp.WaitVisible(".live[data-live=on]")))
	}
	open(first)
	second, stop := chromedp.NewContext(first)
	defer stop()
	open(second)
	require.EqualValues(t, 1, streams.Load())

	value.Store(1234)
	sale <- struct{}{}
	for _, tab := range []context.Context{first, second} {
		figure, err := chromedp.Run(tab, chromedp.Evaluate[string](`new Promise((done) => {
			const look = () => {
				const text = document.querySelector("[data-figure=revenue]").textContent;
				if (text.includes("234")) done(text);
			};
			new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
			look();
		})`, chromedp.EvalAwaitPromise))
		require.NoError(t, err)
		require.Contains(t, figure, "1"+nbsp+"234")
	}
}

package web_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"comptant/hq/demo"
	"comptant/hq/pgtest"
	"comptant/hq/stock"
)

func TestZZShots(t *testing.T) {
	list := os.Getenv("SHOTS")
	if list == "" {
		t.Skip()
	}
	w := serve(t, pgtest.New(t), logTo(t))
	_, err := demo.Create(t.Context(), w.db, demo.Options{Now: sunday, Days: 20, Log: logTo(t)})
	require.NoError(t, err)
	w.connect()
	stores, _ := stock.Stores(t.Context(), w.db)
	tills, _ := w.desk.List(t.Context())
	ctx := openBrowser(t)
	w.browse(ctx, "admin@comptant.example", "comptant-admin")
	_ = context.Background
	for i, item := range strings.Split(list, ";") {
		// lang,theme,width,path[,js]
		p := strings.SplitN(item, ",", 5)
		width := map[string]int64{"1440": 1440, "1024": 1024, "390": 390}[p[2]]
		path := strings.NewReplacer("{store}", stores[0].ID.String(), "{store2}", stores[1].ID.String(), "{till}", tills[0].ID.String()).Replace(p[3])
		address := w.server.URL + path
		var shot []byte
		require.NoError(t, chromedp.Do(ctx, cookie(w, "lang", p[0]), cookie(w, "theme", p[1]), chromedp.EmulateViewport(width, 900), chromedp.Navigate(address), chromedp.WaitVisible("main#content")))
		if len(p) > 4 {
			_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](p[4]+";true"))
			require.NoError(t, err)
		}
		wide, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.documentElement.scrollWidth + " of " + innerWidth + " tables " + Array.from(document.querySelectorAll(".table-scroll"), e => e.scrollWidth > e.clientWidth ? e.scrollWidth+">"+e.clientWidth : "ok").join(",")`))
		require.NoError(t, err)
		t.Log(item, wide)
		shot, err = chromedp.Run(ctx, chromedp.FullScreenshot(90))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile("/work/tmp/reports/shot"+string(rune('a'+i))+".png", shot, 0o600))
	}
}

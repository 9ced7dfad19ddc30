package web

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"comptant/hq/db"
	"comptant/hq/importer"
	"comptant/hq/intake"
	"comptant/hq/order"
	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/health"

	"github.com/a-h/templ"
)

const (
	bodyLimit  = 64 << 10         // bytes of a form
	patience   = 30 * time.Second // for a page
	exportTime = 2 * time.Minute  // for a file
)

// Config is what the dashboard shows and what it acts through.
type Config struct {
	// DB is what the reading functions of the domains take.
	DB stock.Querier
	// Snapshot reads everything as of one moment (REPEATABLE READ), so that a report's parts agree while stores sell.
	Snapshot func(ctx context.Context, read func(stock.Querier) error) error
	// InTx runs what changes something, with its record in the audit log, in one transaction.
	InTx    func(ctx context.Context, fn func(tx *db.Tx) error) error
	Users   *users.Sessions
	Journal *intake.Desk
	// Verifier verifies journals in the background.
	Verifier *intake.Verifier
	Imports  *importer.Desk
	Orders   *order.Desk
	// Subscribe calls wake with the topics that changed, until stop is called. wake does not block.
	Subscribe func(wake func(topics []string)) (stop func())
	// Mail hands a message over to be sent; nil where no mail is set up.
	Mail func(ctx context.Context, to, subject, text string) error
	// URL is where people find the dashboard, without a slash at the end, for links in messages.
	URL string
	// Examine looks at what headquarters needs, as hq doctor does.
	Examine func(ctx context.Context) []health.Finding
	// Version is that of the program.
	Version string
	Now     func() time.Time
	Log     *slog.Logger
}

type site struct{ Config }

// page answers one route. What it returns as an error becomes a status and a message.
type page func(http.ResponseWriter, *http.Request) error

// New is the dashboard: every path that is not another handler's.
func New(c Config) http.Handler {
	s := &site{Config: c}
	mux := http.NewServeMux()
	for pattern, h := range s.handlers() {
		mux.Handle(pattern, h)
	}
	var h http.Handler = limited(mux)
	h = ui.Preferences(ui.Legible(h, ui.RefuseText))
	h = bounded(h)
	h = http.NewCrossOriginProtection().Handler(h)
	return ui.Guard(h)
}

// bounded refuses bodies that nobody needs to send.
func bounded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, bodyLimitOf(r))
		next.ServeHTTP(w, r)
	})
}

// route is a pattern of http.ServeMux and what it takes to use it.
type route struct {
	pattern string
	action  users.Action
	page    page
}

// limited ends what takes too long. The event stream lasts as long as its page.
func limited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		allowed := patience
		switch {
		case section(r.URL.Path) == "events":
			next.ServeHTTP(w, r)
			return
		case r.URL.Path == importPath:
			allowed = uploadTime
		case strings.HasSuffix(r.URL.Path, ".csv"), strings.HasSuffix(r.URL.Path, ".xlsx"):
			allowed = exportTime
		case r.URL.Path == "/journal/export":
			allowed = auditTime
		}
		// Who reads too slowly is not waited for. A test's recorder knows no deadline.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(2 * allowed))
		ctx, cancel := context.WithTimeout(r.Context(), allowed)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// query is one name and value of an address.
func query(name, value string) string { return url.Values{name: {value}}.Encode() }

// with is the request's address with one value of its query changed; an empty value takes it away. The page within a
// list starts over.
func with(r *http.Request, pairs ...string) string {
	values := r.URL.Query()
	values.Del("after")
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
		if pairs[i+1] == "" {
			values.Del(pairs[i])
		}
	}
	if len(values) == 0 {
		return r.URL.Path
	}
	return r.URL.Path + "?" + values.Encode()
}

// view is what surrounds a page's content.
type view struct {
	title, subtitle string
	// parent is the address of the page that this one belongs to; empty for one that the navigation leads to, and for its tabs.
	parent string
	// live are the events that make the content old; none for a page that does not move.
	live []string
	// filter stands in the header; tools above the content, where what comes again does not disturb who is typing.
	filter, tools templ.Component
	status        int // 200 when 0
}

// show writes a page, or only its content to a page that asks for it again.
func (s *site) show(w http.ResponseWriter, r *http.Request, v view, content templ.Component) error {
	ctx := r.Context()
	var body bytes.Buffer
	var err error
	if r.Header.Get("HX-Request") != "" {
		err = content.Render(ctx, &body)
	} else {
		var shell ui.Shell
		if shell, err = s.shell(r, v); err != nil {
			return err
		}
		flash := ui.TakeFlash(w, r)
		err = ui.Page(shell).Render(templ.WithChildren(ctx, around(flash, v.tools, r.URL.RequestURI(), v.live, content)), &body)
	}
	if err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	write(w, v.status, &body)
	return nil
}

func write(w http.ResponseWriter, status int, body *bytes.Buffer) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Vary", "HX-Request, Cookie, Accept-Language")
	if status != 0 {
		w.WriteHeader(status)
	}
	_, _ = body.WriteTo(w) // the browser has gone
}

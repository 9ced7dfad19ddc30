package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"comptant/hq/db"
	"comptant/hq/ui"
	"comptant/shared/retail"
)

var statuses = map[retail.Code]int{
	retail.Invalid:   http.StatusUnprocessableEntity,
	retail.NotFound:  http.StatusNotFound,
	retail.Conflict:  http.StatusConflict,
	retail.Forbidden: http.StatusForbidden,
	retail.Failed:    http.StatusServiceUnavailable,
}

// fail tells a person what went wrong: a form's page says it above the form, anything else becomes a page with the
// status. What is not a retail.Error is ours, and only logged in full.
func (s *site) fail(w http.ResponseWriter, r *http.Request, err error) {
	var known *retail.Error
	switch {
	case errors.As(err, &known):
	case errors.Is(err, context.Canceled):
		return // the browser has gone
	case db.Unfit(err):
		known = &retail.Error{Code: retail.Invalid, Key: "error.invalid"}
	default:
		s.Log.Error("page", "method", r.Method, "path", r.URL.Path, "error", err)
		known = &retail.Error{Code: retail.Failed, Key: "error.failed"}
	}
	text := ui.Explain(r.Context(), known)
	if r.Method == http.MethodPost && known.Code != retail.Forbidden {
		flash(w, r, ui.ToneBad, text)
		back(w, r)
		return
	}
	s.errorPage(w, r, statuses[known.Code], text)
}

func (s *site) errorPage(w http.ResponseWriter, r *http.Request, status int, text string) {
	ctx := r.Context()
	switch {
	case r.Header.Get("HX-Request") != "":
		http.Error(w, text, status)
		return
	case personOf(ctx).Role == "":
		s.writeOutside(w, r, status, refusedPage(text))
		return
	}
	content := ui.EmptyState(ui.Empty{
		Icon: ui.IconAlert, Title: text, Text: ui.T(ctx, "error.what_now"),
		Action: ui.ActionButton(ui.Button{Label: ui.T(ctx, "error.home"), Href: "/", Kind: ui.ButtonPlain}),
	})
	if err := s.show(w, r, view{title: ui.T(ctx, "error.title"), status: status}, content); err != nil {
		s.Log.Error("page", "path", r.URL.Path, "error", err)
		http.Error(w, text, status)
	}
}

// flash keeps a message for the page that is shown next.
func flash(w http.ResponseWriter, r *http.Request, tone ui.Tone, text string) {
	ui.KeepFlash(w, r, ui.Flash{Tone: tone, Text: text})
}

// back answers a form by leading to the page it was on.
func back(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, local(r.Referer()), http.StatusSeeOther)
}

// local keeps path and query of an address, so that a forged one never leads to another host.
func local(address string) string {
	u, err := url.Parse(address)
	if err != nil || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "/login") {
		return "/"
	}
	return (&url.URL{Path: "/" + strings.TrimLeft(u.Path, "/\\"), RawQuery: u.RawQuery}).String()
}

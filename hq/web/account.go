package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"comptant/hq/db"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/retail"
)

// tokenOf is the token of the browser's session.
func tokenOf(r *http.Request) string {
	cookie, err := r.Cookie(sessionCookie(r))
	if err != nil {
		return ""
	}
	return cookie.Value
}

// account is a person's own page: their browsers, and their password.
func (s *site) account(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	stores, err := s.stores(ctx)
	if err != nil {
		return err
	}
	t, err := s.sessionTable(r, personOf(ctx).ID, zoneOf(stores))
	if err != nil {
		return err
	}
	return s.show(w, r, view{title: ui.T(ctx, "account.title"), subtitle: personOf(ctx).Email}, accountContent(t, personOf(ctx).Email))
}

// sessionTable is where a person is signed in. One's own browser is marked, and signs out by its own button.
func (s *site) sessionTable(r *http.Request, staff uuid.UUID, zone *time.Location) (ui.Table, error) {
	ctx := r.Context()
	t := ui.Table{Caption: ui.T(ctx, "sessions.title"), Columns: []ui.Column{
		{Label: ui.T(ctx, "sessions.browser")},
		{Label: ui.T(ctx, "sessions.address")},
		{Label: ui.T(ctx, "sessions.since")},
		{Label: ui.T(ctx, "sessions.seen")},
		{},
	}}
	open, err := s.Users.List(ctx, staff)
	if err != nil {
		return t, err
	}
	base := "/account/sessions/"
	if section(r.URL.Path) == "people" {
		base = "/people/" + staff.String() + "/sessions/"
	}
	here := users.SessionID(tokenOf(r))
	for _, session := range open {
		end := ui.Cell{Part: endSession(base + session.ID + "/end")}
		if session.ID == here {
			end = ui.Cell{Part: ui.Status(ui.Tag{Tone: ui.ToneOK, Icon: ui.IconOK, Text: ui.T(ctx, "sessions.here")})}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: browserName(ctx, session.Agent)},
			{Text: session.Address},
			{Text: moment(ctx, &session.CreatedAt, zone)},
			{Text: s.ago(ctx, &session.SeenAt)},
			end,
		}})
	}
	return t, nil
}

// browserName says what a browser calls itself in few words: "Firefox, Linux".
// https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/User-Agent: whoever imitates another names it later.
func browserName(ctx context.Context, agent string) string {
	first := func(words ...string) string {
		for i := 0; i < len(words); i += 2 {
			if strings.Contains(agent, words[i]) {
				return words[i+1]
			}
		}
		return ""
	}
	name := first("Edg", "Edge", "OPR/", "Opera", "Firefox/", "Firefox", "Chrome/", "Chrome", "Safari/", "Safari")
	system := first("Android", "Android", "iPhone", "iPhone", "iPad", "iPad", "Windows", "Windows", "Mac OS X", "macOS", "Linux", "Linux")
	switch {
	case name == "" && agent == "":
		return ui.T(ctx, "sessions.unknown")
	case name == "":
		name, _, _ = strings.Cut(agent, " ")
	}
	if system == "" {
		return name
	}
	return name + ", " + system
}

// changePassword is for oneself: who knows the old one. The person's other browsers are signed out.
func (s *site) changePassword(w http.ResponseWriter, r *http.Request) error {
	ctx, person := r.Context(), personOf(r.Context())
	_, err := s.Users.Check(ctx, person.Email, r.PostFormValue("current"))
	var refused *retail.Error
	if errors.As(err, &refused) && refused.Key == "signin.wrong" {
		return &retail.Error{Code: retail.Invalid, Key: "account.wrong"}
	}
	if refused != nil {
		return &retail.Error{Code: retail.Invalid, Key: refused.Key, Args: refused.Args}
	}
	if err != nil {
		return err
	}
	password, err := users.NewPassword(r.PostFormValue("password"))
	if err != nil {
		return err
	}
	return s.changeOwn(w, r, users.DidSetPassword, ui.T(ctx, "account.password_done"), func(tx *db.Tx) error {
		return users.SetPassword(ctx, tx, person.ID, password, tokenOf(r))
	})
}

func (s *site) endOwnSession(w http.ResponseWriter, r *http.Request) error {
	return s.changeOwn(w, r, users.DidEndSessions, ui.T(r.Context(), "sessions.end_done"), func(tx *db.Tx) error {
		return endOne(r, tx, personOf(r.Context()).ID)
	})
}

// endOtherSessions signs a person out of every browser but this one.
func (s *site) endOtherSessions(w http.ResponseWriter, r *http.Request) error {
	return s.changeOwn(w, r, users.DidEndSessions, ui.T(r.Context(), "sessions.end_done"), func(tx *db.Tx) error {
		return users.RevokeAll(r.Context(), tx, personOf(r.Context()).ID, tokenOf(r))
	})
}

// changeOwn does one thing about oneself.
func (s *site) changeOwn(w http.ResponseWriter, r *http.Request, kind users.ChangeKind, done string, do func(tx *db.Tx) error) error {
	person := personOf(r.Context())
	err := s.change(r, func(tx *db.Tx) (users.Change, error) {
		return users.Change{Kind: kind, Subject: person.ID.String(), Title: person.Name}, do(tx)
	})
	if err != nil {
		return err
	}
	flash(w, r, ui.ToneOK, done)
	http.Redirect(w, r, "/account", http.StatusSeeOther)
	return nil
}

func (s *site) endSession(w http.ResponseWriter, r *http.Request) error {
	return s.changeStaff(w, r, users.DidEndSessions, ui.T(r.Context(), "sessions.end_done"), func(tx *db.Tx, id uuid.UUID) error {
		return endOne(r, tx, id)
	})
}

// endSessions signs somebody out everywhere; oneself everywhere else.
func (s *site) endSessions(w http.ResponseWriter, r *http.Request) error {
	return s.changeStaff(w, r, users.DidEndSessions, ui.T(r.Context(), "sessions.end_done"), func(tx *db.Tx, id uuid.UUID) error {
		return users.RevokeAll(r.Context(), tx, id, tokenOf(r))
	})
}

func endOne(r *http.Request, tx *db.Tx, staff uuid.UUID) error {
	done, err := users.Revoke(r.Context(), tx, staff, r.PathValue("session"))
	if err == nil && !done {
		err = &retail.Error{Code: retail.Conflict, Key: "sessions.gone"}
	}
	return err
}

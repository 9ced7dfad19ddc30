package web

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"

	"github.com/a-h/templ"

	"comptant/hq/ui"
	"comptant/shared/retail"
)

// signInPage asks who is there, and leads on who is known already.
func (s *site) signInPage(w http.ResponseWriter, r *http.Request) error {
	next := local(r.FormValue("next"))
	if p, err := s.person(r); err == nil && p.Role != "" {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return nil
	}
	return s.outside(w, r, http.StatusOK, ui.LoginPage(ui.Login{Next: next}))
}

// signIn opens a session. After wrong passwords the domain makes the next try wait, and says how long.
func (s *site) signIn(w http.ResponseWriter, r *http.Request) error {
	email, next := r.PostFormValue("email"), local(r.PostFormValue("next"))
	token, person, err := s.Users.SignIn(r.Context(), email, r.PostFormValue("password"), r.UserAgent(), ui.Host(r))
	if err != nil {
		var refused *retail.Error
		if err := s.failed(r, err); !errors.As(err, &refused) {
			s.Log.Error("sign in", "error", err)
			refused = &retail.Error{Code: retail.Failed, Key: "error.failed"}
		}
		return s.outside(w, r, statuses[refused.Code], ui.LoginPage(ui.Login{Email: email, Error: ui.Explain(r.Context(), refused), Next: next}))
	}
	http.SetCookie(w, session(r, token, int(cookieLife.Seconds())))
	if _, err := r.Cookie("lang"); err != nil && person.Lang != "" {
		http.SetCookie(w, &http.Cookie{
			Name: "lang", Value: person.Lang, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteLaxMode,
		})
	}
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}

func (s *site) signOut(w http.ResponseWriter, r *http.Request) error {
	if token := tokenOf(r); token != "" {
		if err := s.Users.SignOut(r.Context(), token); err != nil {
			return err
		}
	}
	http.SetCookie(w, session(r, "", -1))
	http.Redirect(w, r, "/login", http.StatusSeeOther)
	return nil
}

func session(r *http.Request, token string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name: sessionCookie(r), Value: token, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteLaxMode,
	}
}

// outside writes a page for who is not signed in.
func (s *site) outside(w http.ResponseWriter, r *http.Request, status int, content templ.Component) error {
	var body bytes.Buffer
	if err := content.Render(r.Context(), &body); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	write(w, status, &body)
	return nil
}

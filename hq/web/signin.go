package web

import (
	"bytes"
	"errors"
	"net"
	"net/http"

	"comptant/hq/ui"
	"comptant/shared/retail"
)

// signInPage asks who is there, and leads on who is known already.
func (s *site) signInPage(w http.ResponseWriter, r *http.Request) {
	next := local(r.FormValue("next"))
	if p, err := s.person(r); err == nil && p.Role != "" {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return
	}
	s.writeSignIn(w, r, http.StatusOK, ui.Login{Next: next})
}

// signIn opens a session. After wrong passwords the domain makes the next try wait, and says how long.
func (s *site) signIn(w http.ResponseWriter, r *http.Request) {
	email, next := r.PostFormValue("email"), local(r.PostFormValue("next"))
	token, person, err := s.Users.SignIn(r.Context(), email, r.PostFormValue("password"), r.UserAgent(), host(r))
	if err != nil {
		var refused *retail.Error
		if !errors.As(err, &refused) {
			s.Log.Error("sign in", "error", err)
			refused = &retail.Error{Code: retail.Failed, Key: "error.failed"}
		}
		s.writeSignIn(w, r, statuses[refused.Code], ui.Login{Email: email, Error: ui.Explain(r.Context(), refused), Next: next})
		return
	}
	http.SetCookie(w, session(r, token, int(cookieLife.Seconds())))
	if _, err := r.Cookie("lang"); err != nil && person.Lang != "" {
		http.SetCookie(w, &http.Cookie{
			Name: "lang", Value: person.Lang, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteLaxMode,
		})
	}
	http.Redirect(w, r, next, http.StatusSeeOther)
}

func (s *site) signOut(w http.ResponseWriter, r *http.Request) {
	if cookie, err := r.Cookie(sessionCookie(r)); err == nil {
		if err := s.Users.SignOut(r.Context(), cookie.Value); err != nil {
			s.fail(w, r, err)
			return
		}
	}
	http.SetCookie(w, session(r, "", -1))
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

func session(r *http.Request, token string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name: sessionCookie(r), Value: token, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteLaxMode,
	}
}

func (s *site) writeSignIn(w http.ResponseWriter, r *http.Request, status int, l ui.Login) {
	var body bytes.Buffer
	if err := ui.LoginPage(l).Render(r.Context(), &body); err != nil {
		s.Log.Error("write the sign-in page", "error", err)
		http.Error(w, ui.T(r.Context(), "error.failed"), http.StatusInternalServerError)
		return
	}
	write(w, status, &body)
}

// host is where the request comes from, without the port.
func host(r *http.Request) string {
	h, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return h
}

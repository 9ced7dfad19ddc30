package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"comptant/hq/db"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/retail"
)

// mailTime bounds how long a message may take to be handed over.
const mailTime = time.Minute

// public is a page for who has no session. An address from which much has failed lately has to wait.
func (s *site) public(next page) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := s.Users.Welcome(r.Context(), ui.Host(r))
		if err == nil {
			err = next(w, r)
		}
		if err == nil {
			return
		}
		var refused *retail.Error
		if !errors.As(err, &refused) {
			s.Log.Error("page", "route", r.Pattern, "error", err) // the path may have a token
			refused = &retail.Error{Code: retail.Failed, Key: "error.failed"}
		}
		status := statuses[refused.Code]
		if refused.Key == "signin.often" || refused.Key == "signin.wait" {
			status = http.StatusTooManyRequests
		}
		s.writeOutside(w, r, status, refusedPage(ui.Explain(r.Context(), refused)))
	})
}

// failed counts a failure of the address, and gives the error back.
func (s *site) failed(r *http.Request, err error) error {
	var refused *retail.Error
	if errors.As(err, &refused) {
		if err := s.Users.Failed(r.Context(), ui.Host(r)); err != nil {
			return err
		}
	}
	return err
}

func (s *site) writeOutside(w http.ResponseWriter, r *http.Request, status int, content templ.Component) {
	if err := s.outside(w, r, status, content); err != nil {
		s.Log.Error("page", "route", r.Pattern, "error", err)
		http.Error(w, ui.T(r.Context(), "error.failed"), http.StatusInternalServerError)
	}
}

func (s *site) forgotPage(w http.ResponseWriter, r *http.Request) error {
	return s.outside(w, r, http.StatusOK, forgotForm(s.Mail != nil))
}

// forgot sends a link to who has the address, and tells everybody the same.
func (s *site) forgot(w http.ResponseWriter, r *http.Request) error {
	if s.Mail == nil {
		return s.forgotPage(w, r)
	}
	if err := s.Users.Failed(r.Context(), ui.Host(r)); err != nil { // every question counts: it makes a message
		return err
	}
	token, staff, err := s.Users.Forgot(r.Context(), r.PostFormValue("email"))
	if err != nil {
		return err
	}
	if token != "" {
		s.sendLink(r.Context(), token, staff)
	}
	return s.outside(w, r, http.StatusOK, forgotSent())
}

// sendLink does not wait: how long it takes would say that somebody has the address.
func (s *site) sendLink(ctx context.Context, token string, staff users.Staff) {
	subject, text := ui.ResetLetter(ctx, staff.Lang, staff.Name, s.URL+"/reset/"+token, users.ResetLife)
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), mailTime)
		defer cancel()
		if err := s.Mail(ctx, staff.Email, subject, text); err != nil {
			s.Log.Error("send a link for a new password", "staff", staff.ID, "error", err)
		}
	}()
}

func (s *site) resetPage(w http.ResponseWriter, r *http.Request) error {
	staff, err := users.ResetOf(r.Context(), s.DB, r.PathValue("token"), s.Now())
	if err != nil {
		return s.failed(r, err)
	}
	return s.outside(w, r, http.StatusOK, resetForm(staff.Email, ""))
}

// reset sets the new password. A wrong one may be mended: the link is not used up by it.
func (s *site) reset(w http.ResponseWriter, r *http.Request) error {
	token := r.PathValue("token")
	staff, err := users.ResetOf(r.Context(), s.DB, token, s.Now())
	if err != nil {
		return s.failed(r, err)
	}
	password, err := users.NewPassword(r.PostFormValue("password"))
	var refused *retail.Error
	if errors.As(err, &refused) {
		return s.outside(w, r, http.StatusUnprocessableEntity, resetForm(staff.Email, ui.Explain(r.Context(), refused)))
	}
	if err != nil {
		return err
	}
	err = s.changeAs(r, staff, func(tx *db.Tx) (users.Change, error) {
		_, err := users.Reset(r.Context(), tx, token, password, s.Now())
		return users.Change{Kind: users.DidSetPassword, Subject: staff.ID.String(), Title: staff.Name, After: map[string]bool{"by_link": true}}, err
	})
	if err != nil {
		return s.failed(r, err)
	}
	return s.outside(w, r, http.StatusOK, resetDone())
}

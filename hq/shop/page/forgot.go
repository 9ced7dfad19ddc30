package page

import (
	"context"
	"net/http"
	"time"

	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/retail"
)

// mailTime bounds how long a message may take to be handed over.
const mailTime = time.Minute

func (s *site) forgotPage(w http.ResponseWriter, r *http.Request) error {
	return s.show(w, r, view{title: ui.T(r.Context(), "forgot.title")}, forgotContent(s.Mail != nil))
}

// forgot sends a link to who has an account, and tells everybody the same.
func (s *site) forgot(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if s.Mail == nil {
		return s.forgotPage(w, r)
	}
	if err := s.Accounts.Failed(ctx, ui.Host(r)); err != nil { // every question counts: it makes a message
		return err
	}
	token, account, err := s.Accounts.Forgot(ctx, r.PostFormValue("email"))
	if err != nil {
		return err
	}
	if token != "" {
		s.sendLink(ctx, token, account)
	}
	return s.show(w, r, view{title: ui.T(ctx, "forgot.title")}, said(ui.T(ctx, "forgot.title"), ui.T(ctx, "shop.forgot_sent")))
}

// sendLink does not wait: how long it takes would say that there is an account.
func (s *site) sendLink(ctx context.Context, token string, account users.Account) {
	words := ui.WithPrefs(ctx, ui.Prefs{Lang: account.Lang})
	subject := ui.T(words, "reset.subject")
	text := ui.T(words, "reset.text", "Name", account.Name, "Link", s.URL+"/shop/reset/"+token, "Count", int(users.ResetLife.Minutes()))
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), mailTime)
		defer cancel()
		if err := s.Mail(ctx, account.Email, subject, text); err != nil {
			s.Log.Error("send a link for a new password", "customer", account.Customer, "error", err)
		}
	}()
}

func (s *site) resetPage(w http.ResponseWriter, r *http.Request) error {
	account, err := s.Accounts.ResetOf(r.Context(), r.PathValue("token"))
	if err != nil {
		told, err := s.refused(r, err)
		if err != nil {
			return err
		}
		return told
	}
	return s.show(w, r, view{title: ui.T(r.Context(), "reset.title")}, resetContent(account.Email, ""))
}

// reset sets the new password. A wrong one may be mended: the link is not used up by it.
func (s *site) reset(w http.ResponseWriter, r *http.Request) error {
	ctx, token := r.Context(), r.PathValue("token")
	account, err := s.Accounts.ResetOf(ctx, token)
	if err == nil {
		err = s.Accounts.Reset(ctx, token, r.PostFormValue("password"))
	}
	if err == nil {
		setCookie(w, r, sessionCookie, "")
		return s.show(w, r, view{title: ui.T(ctx, "reset.title")}, said(ui.T(ctx, "reset.title"), ui.T(ctx, "reset.done")))
	}
	if told := s.known(r, err); told.Code == retail.Invalid {
		return s.show(w, r, view{title: ui.T(ctx, "reset.title"), status: statusOf(told)}, resetContent(account.Email, ui.Explain(ctx, told)))
	}
	told, err := s.refused(r, err)
	if err != nil {
		return err
	}
	return told
}

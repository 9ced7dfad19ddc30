package page

import (
	"net/http"
	"time"

	"github.com/google/uuid"

	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/retail"
)

// outside is a page on which passwords and links are tried. An address from which much has failed lately has to wait.
func (s *site) outside(next handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := s.Accounts.Welcome(r.Context(), ui.Host(r)); err != nil {
			return err
		}
		return next(w, r)
	}
}

// refused counts what failed for a person, and gives what they are told.
func (s *site) refused(r *http.Request, err error) (*retail.Error, error) {
	told := s.known(r, err)
	if told.Code == retail.Failed {
		return told, nil
	}
	return told, s.Accounts.Failed(r.Context(), ui.Host(r))
}

// entry is the form to sign in or to register.
type entry struct {
	name, email, phone, next string
	problem                  string
}

func (s *site) signInPage(w http.ResponseWriter, r *http.Request) error {
	if visitOf(r.Context()).signedIn() {
		http.Redirect(w, r, "/shop/account", http.StatusSeeOther)
		return nil
	}
	return s.show(w, r, view{title: ui.T(r.Context(), "login.title")}, signInContent(entry{next: local(r.FormValue("next"))}))
}

func (s *site) signIn(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	e := entry{email: r.PostFormValue("email"), next: local(r.PostFormValue("next"))}
	token, account, err := s.Accounts.SignIn(ctx, e.email, r.PostFormValue("password"))
	if err != nil {
		told, err := s.refused(r, err)
		if err != nil {
			return err
		}
		e.problem = ui.Explain(ctx, told)
		return s.show(w, r, view{title: ui.T(ctx, "login.title"), status: statusOf(told)}, signInContent(e))
	}
	return s.welcome(w, r, token, account, e.next)
}

func (s *site) registerPage(w http.ResponseWriter, r *http.Request) error {
	if visitOf(r.Context()).signedIn() {
		http.Redirect(w, r, "/shop/account", http.StatusSeeOther)
		return nil
	}
	return s.show(w, r, view{title: ui.T(r.Context(), "shop.register")}, registerContent(entry{next: local(r.FormValue("next"))}))
}

func (s *site) register(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	e := entry{
		name: r.PostFormValue("name"), email: r.PostFormValue("email"), phone: r.PostFormValue("phone"), next: local(r.PostFormValue("next")),
	}
	token, account, err := s.Accounts.Register(ctx, users.Account{Name: e.name, Email: e.email, Phone: e.phone, Lang: ui.Lang(ctx)}, r.PostFormValue("password"))
	if err != nil {
		told := s.known(r, err)
		if told.Code == retail.Forbidden {
			if told, err = s.refused(r, err); err != nil {
				return err
			}
		}
		e.problem = ui.Explain(ctx, told)
		return s.show(w, r, view{title: ui.T(ctx, "shop.register"), status: statusOf(told)}, registerContent(e))
	}
	return s.welcome(w, r, token, account, e.next)
}

// welcome signs a browser in. What the visitor had put into their cart goes into the customer's, and the visitor is forgotten: who
// signs out finds an empty cart.
func (s *site) welcome(w http.ResponseWriter, r *http.Request, token string, account users.Account, next string) error {
	if err := s.Shop.Adopt(r.Context(), account.Customer, cookieOf(r, visitorCookie)); err != nil {
		return err
	}
	setCookie(w, r, visitorCookie, "")
	setCookie(w, r, sessionCookie, token)
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}

func (s *site) signOut(w http.ResponseWriter, r *http.Request) error {
	if token := cookieOf(r, sessionCookie); token != "" {
		if err := s.Accounts.SignOut(r.Context(), token); err != nil {
			return err
		}
	}
	setCookie(w, r, sessionCookie, "")
	setCookie(w, r, visitorCookie, "")
	http.Redirect(w, r, "/shop/", http.StatusSeeOther)
	return nil
}

// pastOrder is an order in a list.
type pastOrder struct {
	code, when, total, href, state string
	tone                           ui.Tone
	icon                           ui.Icon
}

func (s *site) account(w http.ResponseWriter, r *http.Request) error {
	ctx, v := r.Context(), visitOf(r.Context())
	if !v.signedIn() {
		http.Redirect(w, r, query("/shop/login", "next", "/shop/account"), http.StatusSeeOther)
		return nil
	}
	orders, err := s.Shop.Orders(ctx, v.account.Customer)
	if err != nil {
		return err
	}
	ids := make([]uuid.UUID, len(orders))
	for i, o := range orders {
		ids[i] = o.ID
	}
	tokens, err := s.Shop.Tokens(ctx, ids...)
	if err != nil {
		return err
	}
	past := make([]pastOrder, len(orders))
	for i, o := range orders {
		place, _ := v.place(o.Location)
		shown := orderView{Order: o, place: place}
		shown.say(ctx, moved{})
		past[i] = pastOrder{
			code: o.Code, when: ui.Date(ctx, o.PlacedAt.In(zoneOf(place))), total: ui.Money(v.paid(ctx, o.Currency), o.Total),
			href: "/shop/orders/" + tokens[o.ID], state: shown.status, tone: shown.tone, icon: shown.icon,
		}
	}
	return s.show(w, r, view{title: ui.T(ctx, "shop.account")}, accountContent(v.account, past))
}

// zoneOf is where the times of an order are read.
func zoneOf(place retail.Location) *time.Location {
	zone, err := time.LoadLocation(place.Zone)
	if err != nil {
		return time.UTC
	}
	return zone
}

func (s *site) editAccount(w http.ResponseWriter, r *http.Request) error {
	v := visitOf(r.Context())
	if !v.signedIn() {
		http.Redirect(w, r, "/shop/login", http.StatusSeeOther)
		return nil
	}
	if err := s.Accounts.Rename(r.Context(), v.account.Customer, r.PostFormValue("name"), r.PostFormValue("phone")); err != nil {
		return err
	}
	return s.saved(w, r)
}

func (s *site) changePassword(w http.ResponseWriter, r *http.Request) error {
	ctx, v := r.Context(), visitOf(r.Context())
	if !v.signedIn() {
		http.Redirect(w, r, "/shop/login", http.StatusSeeOther)
		return nil
	}
	err := s.Accounts.ChangePassword(ctx, v.account, r.PostFormValue("old"), r.PostFormValue("password"), cookieOf(r, sessionCookie))
	if err != nil {
		told := s.known(r, err)
		ui.KeepFlash(w, r, ui.Flash{Tone: ui.ToneBad, Text: ui.Explain(ctx, told)})
		http.Redirect(w, r, "/shop/account", http.StatusSeeOther)
		return nil
	}
	return s.saved(w, r)
}

func (s *site) saved(w http.ResponseWriter, r *http.Request) error {
	ui.KeepFlash(w, r, ui.Flash{Tone: ui.ToneOK, Text: ui.T(r.Context(), "shop.saved")})
	http.Redirect(w, r, "/shop/account", http.StatusSeeOther)
	return nil
}

package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"comptant/hq/db"
	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/retail"
)

// tokensPage is what programs sign in with, and the form for another.
type tokensPage struct {
	table ui.Table
	// plain is the token that was just made, of the name. It is shown this once.
	plain, name string
	typed       users.Token
	days        int    // until it ends; 0 for never
	wrong       string // what is wrong with what was typed, already translated
}

// tokenDays are the lives that a token is offered, in days; 0 is for ever.
var tokenDays = []int{30, 90, 365, 0}

const usualDays = 365

func (s *site) tokens(w http.ResponseWriter, r *http.Request) error {
	return s.showTokens(w, r, tokensPage{days: usualDays})
}

func (s *site) showTokens(w http.ResponseWriter, r *http.Request, p tokensPage) error {
	ctx := r.Context()
	all, err := users.Tokens(ctx, s.DB)
	if err != nil {
		return err
	}
	stores, err := stock.Stores(ctx, s.DB)
	if err != nil {
		return err
	}
	p.table = s.tokenTable(ctx, all, zoneOf(stores))
	v := view{title: ui.T(ctx, "tokens.title"), parent: "/people", subtitle: ui.T(ctx, "tokens.subtitle"), tools: apiTools("")}
	if p.wrong != "" {
		v.status = http.StatusUnprocessableEntity
	}
	return s.show(w, r, v, tokensContent(p))
}

func (s *site) tokenTable(ctx context.Context, all []users.Token, zone *time.Location) ui.Table {
	t := ui.Table{Caption: ui.T(ctx, "tokens.title"), Columns: []ui.Column{
		{Label: ui.T(ctx, "tokens.name")},
		{Label: ui.T(ctx, "tokens.scopes")},
		{Label: ui.T(ctx, "tokens.made")},
		{Label: ui.T(ctx, "tokens.used")},
		{Label: ui.T(ctx, "tokens.ends")},
		{Label: ui.T(ctx, "tokens.state")},
		{},
	}}
	for _, token := range all {
		tag := ui.Tag{Tone: ui.ToneOK, Icon: ui.IconOK, Text: ui.T(ctx, "tokens.active")}
		last := ui.Cell{Part: endToken(token)}
		switch {
		case token.RevokedAt != nil:
			tag, last = ui.Tag{Tone: ui.ToneBad, Icon: ui.IconRefused, Text: ui.T(ctx, "tokens.revoked")}, ui.Cell{}
		case token.ExpiresAt != nil && !token.ExpiresAt.After(s.Now()):
			tag, last = ui.Tag{Tone: ui.ToneMuted, Icon: ui.IconClock, Text: ui.T(ctx, "tokens.ended")}, ui.Cell{}
		}
		ends := ui.T(ctx, "tokens.never")
		if token.ExpiresAt != nil {
			ends = moment(ctx, token.ExpiresAt, zone)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: token.Name},
			{Part: scopeWords(token.Scopes)},
			{Text: moment(ctx, &token.CreatedAt, zone), Sub: token.CreatedBy},
			{Text: moment(ctx, token.UsedAt, zone)},
			{Text: ends},
			{Part: ui.Status(tag)},
			last,
		}})
	}
	return t
}

// scopeWord says what a scope lets a program do.
func scopeWord(ctx context.Context, s users.Scope) string {
	words := map[users.Scope]string{
		users.ReadCatalog: ui.T(ctx, "scope.catalog_read"), users.WriteCatalog: ui.T(ctx, "scope.catalog_write"),
		users.ReadStock: ui.T(ctx, "scope.stock_read"), users.WriteStock: ui.T(ctx, "scope.stock_write"),
		users.ReadSales: ui.T(ctx, "scope.sales_read"),
		users.ReadTills: ui.T(ctx, "scope.tills_read"), users.WriteLocks: ui.T(ctx, "scope.tills_lock"), users.WriteTills: ui.T(ctx, "scope.tills_write"),
		users.ReadUsers: ui.T(ctx, "scope.users_read"), users.WriteUsers: ui.T(ctx, "scope.users_write"),
		users.ReadOrders: ui.T(ctx, "scope.orders_read"), users.WriteOrders: ui.T(ctx, "scope.orders_write"),
		users.ReadJournal: ui.T(ctx, "scope.journal_read"), users.WriteJournal: ui.T(ctx, "scope.journal_write"),
		users.ReadAudit: ui.T(ctx, "scope.audit_read"), users.WriteTokens: ui.T(ctx, "scope.tokens_write"), users.WriteImports: ui.T(ctx, "scope.imports_write"),
		users.ReadMetrics: ui.T(ctx, "scope.metrics_read"),
	}
	if word, ok := words[s]; ok {
		return word
	}
	return string(s)
}

func (p tokensPage) dayOptions(ctx context.Context) []ui.Option {
	options := make([]ui.Option, len(tokenDays))
	for i, days := range tokenDays {
		label := ui.T(ctx, "tokens.never")
		if days > 0 {
			label = ui.T(ctx, "tokens.in_days", "Days", days)
		}
		options[i] = ui.Option{Value: strconv.Itoa(days), Label: label, Selected: days == p.days}
	}
	return options
}

// newToken makes a token, and shows it this once.
func (s *site) newToken(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	token := users.Token{Name: r.PostFormValue("name"), CreatedBy: personOf(ctx).Name}
	for _, scope := range r.PostForm["scope"] {
		token.Scopes = append(token.Scopes, users.Scope(scope))
	}
	days, err := strconv.Atoi(r.PostFormValue("days"))
	if err != nil || days < 0 {
		return &retail.Error{Code: retail.Invalid, Key: "token.expiry", Err: err}
	}
	if days > 0 {
		ends := s.Now().AddDate(0, 0, days)
		token.ExpiresAt = &ends
	}
	var plain string
	err = s.change(r, func(tx *db.Tx) (c users.Change, err error) {
		var made users.Token
		made, plain, err = users.NewToken(ctx, tx, token, s.Now())
		return users.Change{Kind: users.DidMakeToken, Subject: made.ID.String(), Title: made.Name, After: made}, err
	})
	var known *retail.Error
	if errors.As(err, &known) {
		return s.showTokens(w, r, tokensPage{typed: token, days: days, wrong: ui.Explain(ctx, known)})
	}
	if err != nil {
		return err
	}
	s.Log.Info("token made", "name", token.Name, "by", personOf(ctx).ID)
	return s.showTokens(w, r, tokensPage{plain: plain, name: token.Name, days: usualDays})
}

func (s *site) revokeToken(w http.ResponseWriter, r *http.Request) error {
	id, err := idOf(r.PathValue("token"))
	if err != nil {
		return err
	}
	err = s.change(r, func(tx *db.Tx) (users.Change, error) {
		t, err := users.RevokeToken(r.Context(), tx, id, s.Now())
		return users.Change{Kind: users.DidRevokeToken, Subject: id.String(), Title: t.Name}, err
	})
	if err != nil {
		return err
	}
	s.Log.Info("token revoked", "token", id, "by", personOf(r.Context()).ID)
	flash(w, r, ui.ToneOK, ui.T(r.Context(), "tokens.revoke_done"))
	http.Redirect(w, r, "/people/tokens", http.StatusSeeOther)
	return nil
}

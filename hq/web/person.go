package web

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"comptant/hq/db"
	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/retail"
)

// personPage is one person, or a form for a new one.
type personPage struct {
	users.Staff
	fresh    bool
	wrong    string // what is wrong with what was typed, already translated
	field    string // where it was typed; "" when it is about no field
	stores   []retail.Location
	sessions ui.Table
}

// staffFields are the fields that errors about a person are about.
var staffFields = map[string]string{
	"staff.name": "name", "staff.role": "role", "staff.email": "email", "staff.email_taken": "email", "staff.password": "password", "staff.pin": "pin",
}

// wrongAt is what is wrong with a field.
func (p personPage) wrongAt(field string) string {
	if field != p.field {
		return ""
	}
	return p.wrong
}

// action is where a form of the page posts.
func (p personPage) action(what string) string {
	if p.fresh {
		return "/people"
	}
	return "/people/" + p.ID.String() + what
}

func (p personPage) roleOptions(ctx context.Context) []ui.Option {
	var options []ui.Option
	for _, role := range users.Roles {
		if !personOf(ctx).MayEdit(users.Staff{Role: role, Stores: personOf(ctx).Stores}) {
			continue
		}
		options = append(options, ui.Option{Value: string(role), Label: roleWord(ctx, role), Selected: role == p.Role})
	}
	return options
}

func (p personPage) langOptions() []ui.Option {
	return []ui.Option{
		{Value: "fr", Label: "Français", Selected: p.Lang == "fr"}, {Value: "en", Label: "English", Selected: p.Lang == "en"},
	}
}

func (s *site) newPerson(w http.ResponseWriter, r *http.Request) error {
	staff := users.Staff{Role: retail.RoleCashier, Lang: ui.Lang(r.Context())}
	if own := personOf(r.Context()).Stores; len(own) == 1 {
		staff.Stores = own // the only one there may be
	}
	return s.showPerson(w, r, personPage{fresh: true, Staff: staff})
}

func (s *site) onePerson(w http.ResponseWriter, r *http.Request) error {
	id, err := idOf(r.PathValue("person"))
	if err != nil {
		return err
	}
	staff, err := users.Get(r.Context(), s.DB, id)
	if err != nil {
		return err
	}
	if !personOf(r.Context()).MayEdit(staff) {
		return notTheirs()
	}
	return s.showPerson(w, r, personPage{Staff: staff})
}

// notTheirs is the answer to who would change somebody they do not take care of.
func notTheirs() error { return &retail.Error{Code: retail.Forbidden, Key: "staff.not_yours"} }

// lockedStaff gives the person who is to be changed, if who asks may change them.
func lockedStaff(ctx context.Context, tx *db.Tx, id uuid.UUID) (users.Staff, error) {
	if personOf(ctx).Role == retail.RoleAdministrator {
		return users.Get(ctx, tx, id)
	}
	// Locked, so that nobody is given another role or store between the question and the change.
	staff, err := users.Lock(ctx, tx, id)
	if err == nil && !personOf(ctx).MayEdit(staff) {
		err = notTheirs()
	}
	return staff, err
}

// putStaff writes a person as they were typed, if who typed it may make such a one.
func putStaff(ctx context.Context, tx *db.Tx, staff users.Staff, password users.Password, pin users.PIN) (users.Staff, error) {
	if !personOf(ctx).MayEdit(staff) {
		return staff, &retail.Error{Code: retail.Invalid, Key: "staff.beyond"}
	}
	if err := knownStores(ctx, tx, staff.Stores); err != nil {
		return staff, err
	}
	if err := users.Put(ctx, tx, staff, password, pin); err != nil {
		return staff, err
	}
	return users.Get(ctx, tx, staff.ID)
}

func (s *site) showPerson(w http.ResponseWriter, r *http.Request, p personPage) error {
	ctx := r.Context()
	var err error
	if p.stores, err = s.stores(ctx); err != nil {
		return err
	}
	v := view{title: ui.T(ctx, "people.add"), parent: "/people"}
	if !p.fresh {
		known, err := users.Get(ctx, s.DB, p.ID)
		if err != nil {
			return err
		}
		p.HasPassword, p.HasPIN, p.DisabledAt, p.SignedInAt = known.HasPassword, known.HasPIN, known.DisabledAt, known.SignedInAt
		v.title, v.subtitle = known.Name, roleWord(ctx, known.Role)
		if p.sessions, err = s.sessionTable(r, p.ID, zoneOf(p.stores)); err != nil {
			return err
		}
	}
	if p.wrong != "" {
		v.status = http.StatusUnprocessableEntity
	}
	return s.show(w, r, v, personContent(p))
}

// retype shows a form again with what was typed, and what is wrong with it.
func (s *site) retype(w http.ResponseWriter, r *http.Request, p personPage, err error) error {
	var known *retail.Error
	if !errors.As(err, &known) || known.Code == retail.Forbidden {
		return err
	}
	p.wrong, p.field = ui.Explain(r.Context(), known), staffFields[known.Key]
	return s.showPerson(w, r, p)
}

// typedStaff is what a form says of a person.
func typedStaff(r *http.Request) (users.Staff, error) {
	staff := users.Staff{
		Name: r.PostFormValue("name"), Email: r.PostFormValue("email"), Role: retail.Role(r.PostFormValue("role")), Lang: r.PostFormValue("lang"),
	}
	for _, text := range r.PostForm["store"] {
		id, err := idOf(text)
		if err != nil {
			return staff, err
		}
		staff.Stores = append(staff.Stores, id)
	}
	return staff, nil
}

func (s *site) addPerson(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	staff, err := typedStaff(r)
	if err != nil {
		return err
	}
	if staff.ID, err = uuid.NewV7(); err != nil {
		return err
	}
	again := func(err error) error { return s.retype(w, r, personPage{fresh: true, Staff: staff}, err) }
	var password users.Password
	if typed := r.PostFormValue("password"); typed != "" {
		if password, err = users.NewPassword(typed); err != nil {
			return again(err)
		}
	}
	var pin users.PIN
	if typed := r.PostFormValue("pin"); typed != "" {
		if pin, err = users.NewPIN(typed); err != nil {
			return again(err)
		}
	}
	err = s.change(r, func(tx *db.Tx) (c users.Change, err error) {
		now, err := putStaff(ctx, tx, staff, password, pin)
		return users.Change{Kind: users.DidAddStaff, Subject: staff.ID.String(), Title: now.Name, After: now}, err
	})
	if err != nil {
		return again(err)
	}
	flash(w, r, ui.ToneOK, ui.T(ctx, "people.added", "Name", staff.Name))
	http.Redirect(w, r, "/people/"+staff.ID.String(), http.StatusSeeOther)
	return nil
}

func (s *site) editPerson(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	staff, err := typedStaff(r)
	if err != nil {
		return err
	}
	if staff.ID, err = idOf(r.PathValue("person")); err != nil {
		return err
	}
	err = s.change(r, func(tx *db.Tx) (c users.Change, err error) {
		before, err := lockedStaff(ctx, tx, staff.ID)
		if err != nil {
			return c, err
		}
		staff.DisabledAt = before.DisabledAt
		after, err := putStaff(ctx, tx, staff, users.Password{}, users.PIN{})
		return users.Change{Kind: users.DidEditStaff, Subject: staff.ID.String(), Title: after.Name, Before: before, After: after}, err
	})
	if err != nil {
		return s.retype(w, r, personPage{Staff: staff}, err)
	}
	flash(w, r, ui.ToneOK, ui.T(ctx, "people.saved"))
	http.Redirect(w, r, "/people/"+staff.ID.String(), http.StatusSeeOther)
	return nil
}

// knownStores refuses a store that does not exist.
func knownStores(ctx context.Context, tx *db.Tx, ids []uuid.UUID) error {
	all, err := stock.Stores(ctx, tx)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if !slices.ContainsFunc(all, func(l retail.Location) bool { return l.ID == id }) {
			return &retail.Error{Code: retail.Invalid, Key: "location.unknown"}
		}
	}
	return nil
}

// setPassword gives somebody a new password, which they can use at once.
func (s *site) setPassword(w http.ResponseWriter, r *http.Request) error {
	password, err := users.NewPassword(r.PostFormValue("password"))
	if err != nil {
		return err
	}
	return s.changeStaff(w, r, users.DidSetPassword, ui.T(r.Context(), "people.password_done"), func(tx *db.Tx, id uuid.UUID) error {
		keep := "" // who changes their own stays here
		if id == personOf(r.Context()).ID {
			keep = tokenOf(r)
		}
		return users.SetPassword(r.Context(), tx, id, password, keep)
	})
}

func (s *site) setPIN(w http.ResponseWriter, r *http.Request) error {
	pin, err := users.NewPIN(r.PostFormValue("pin"))
	if err != nil {
		return err
	}
	return s.changeStaff(w, r, users.DidSetPIN, ui.T(r.Context(), "people.pin_done"), func(tx *db.Tx, id uuid.UUID) error {
		return users.SetPIN(r.Context(), tx, id, pin)
	})
}

func (s *site) block(w http.ResponseWriter, r *http.Request) error {
	return s.changeStaff(w, r, users.DidBlock, ui.T(r.Context(), "people.block_done"), func(tx *db.Tx, id uuid.UUID) error {
		return users.Disable(r.Context(), tx, id, s.Now())
	})
}

func (s *site) unblock(w http.ResponseWriter, r *http.Request) error {
	return s.changeStaff(w, r, users.DidUnblock, ui.T(r.Context(), "people.unblock_done"), func(tx *db.Tx, id uuid.UUID) error {
		return users.Enable(r.Context(), tx, id)
	})
}

// changeStaff does one thing about the person that the address names, and says so on their page.
func (s *site) changeStaff(w http.ResponseWriter, r *http.Request, kind users.ChangeKind, done string, do func(tx *db.Tx, id uuid.UUID) error) error {
	id, err := idOf(r.PathValue("person"))
	if err != nil {
		return err
	}
	err = s.change(r, func(tx *db.Tx) (c users.Change, err error) {
		staff, err := lockedStaff(r.Context(), tx, id)
		if err != nil {
			return c, err
		}
		return users.Change{Kind: kind, Subject: id.String(), Title: staff.Name}, do(tx, id)
	})
	if err != nil {
		return err
	}
	flash(w, r, ui.ToneOK, done)
	http.Redirect(w, r, "/people/"+id.String(), http.StatusSeeOther)
	return nil
}

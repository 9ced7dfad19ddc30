package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/retail"
)

const (
	categoriesPath = "/catalogue/categories"
	// mostOrder is the last place that a category may have; it is also that of the API.
	mostOrder = 100_000
)

var categoryNames = []string{"name_fr", "name_en", "order"}

// categoriesPage is all categories, and a form for one of them or a new one.
type categoriesPage struct {
	table   ui.Table
	id      uuid.UUID // of the one in the form; the zero id for a new one
	name    string
	form    entry
	version string
	wrong   string
	empty   bool // it may be removed
}

func (p categoriesPage) fresh() bool { return p.id == uuid.Nil }

func (p categoriesPage) action(what string) string {
	if p.fresh() {
		return categoriesPath
	}
	return categoriesPath + "/" + p.id.String() + what
}

func categoryValues(c retail.Category) url.Values {
	return url.Values{"name_fr": {c.Name.FR}, "name_en": {c.Name.EN}, "order": {strconv.Itoa(c.Order)}}
}

// readCategory reads what was typed; what cannot be read is said beside its field.
func readCategory(r *http.Request, e entry, id uuid.UUID) retail.Category {
	ctx := r.Context()
	e.short(ctx, "name_fr", mostName)
	e.short(ctx, "name_en", mostName)
	return retail.Category{
		ID: id, Name: retail.Text{FR: e.get("name_fr"), EN: e.get("name_en")}, Order: e.number(ctx, "order", 0, mostOrder),
	}
}

func (s *site) categories(w http.ResponseWriter, r *http.Request) error {
	var p categoriesPage
	if asked := r.FormValue("category"); asked != "" {
		var err error
		if p.id, err = idOf(asked); err != nil {
			return err
		}
	}
	return s.showCategories(w, r, p)
}

// showCategories fills the form with what is there, unless somebody has filled it in.
func (s *site) showCategories(w http.ResponseWriter, r *http.Request, p categoriesPage) error {
	ctx := r.Context()
	all, err := catalog.Categories(ctx, s.DB)
	if err != nil {
		return err
	}
	sizes, err := catalog.CategorySizes(ctx, s.DB)
	if err != nil {
		return err
	}
	now := retail.Category{Order: 1}
	for _, c := range all {
		now.Order = max(now.Order, c.Order+1) // a new one is the last
	}
	if !p.fresh() {
		at := slices.IndexFunc(all, func(c retail.Category) bool { return c.ID == p.id })
		if at < 0 {
			return &retail.Error{Code: retail.NotFound, Key: "category.unknown"}
		}
		now = all[at]
	}
	p.name, p.empty, p.version = language(ctx, now.Name), sizes[p.id] == catalog.CategorySize{}, versionOf(categoryValues(now))
	if p.form.values == nil {
		p.form = newEntry(categoryValues(now))
	}
	p.table = categoryTable(r, all, sizes, p.id)
	v := view{title: ui.T(ctx, "catalogue.categories"), tools: catalogueTabs(categoriesPath)}
	if p.wrong != "" || len(p.form.wrong) > 0 {
		v.status = http.StatusUnprocessableEntity
	}
	return s.show(w, r, v, categoriesContent(p))
}

func categoryTable(r *http.Request, all []retail.Category, sizes map[uuid.UUID]catalog.CategorySize, chosen uuid.UUID) ui.Table {
	ctx := r.Context()
	t := ui.Table{Caption: ui.T(ctx, "catalogue.categories"), Columns: []ui.Column{
		{Label: ui.T(ctx, "filter.category")},
		{Label: ui.T(ctx, "catalogue.products"), Figure: true},
		{Label: ui.T(ctx, "catalogue.retired"), Figure: true},
		{Label: ui.T(ctx, "category.order"), Figure: true},
	}}
	for _, c := range all {
		name := ui.Cell{Text: language(ctx, c.Name), Sub: c.Name.EN}
		if ui.Lang(ctx) == "en" {
			name.Sub = c.Name.FR
		}
		if may(ctx, users.EditCatalog) {
			name.Href = categoriesPath + "?" + query("category", c.ID.String()) + "#category"
		}
		products := "/catalogue?" + query("category", c.ID.String())
		size := func(n int, href string) ui.Cell {
			if n == 0 {
				return ui.Cell{Text: dash}
			}
			return ui.Cell{Text: ui.Number(ctx, int64(n)), Href: href}
		}
		t.Rows = append(t.Rows, ui.Row{Current: c.ID == chosen, Cells: []ui.Cell{
			name, size(sizes[c.ID].Sold, products), size(sizes[c.ID].Retired, products+"&"+query("retired", yes)),
			{Text: ui.Number(ctx, int64(c.Order))},
		}})
	}
	return t
}

// categoryState is a category as the audit log keeps it.
type categoryState struct {
	NameFR string `json:"name_fr,omitempty"`
	NameEN string `json:"name_en,omitempty"`
	Order  int    `json:"order"`
}

func categoryStateOf(c retail.Category) categoryState {
	return categoryState{strings.TrimSpace(c.Name.FR), strings.TrimSpace(c.Name.EN), c.Order}
}

func (s *site) addCategory(w http.ResponseWriter, r *http.Request) error {
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	p := categoriesPage{form: newEntry(r.PostForm)}
	c := readCategory(r, p.form, id)
	return s.putCategory(w, r, p, c, ui.T(r.Context(), "category.added", "Name", language(r.Context(), c.Name)), func(*db.Tx) (users.Change, error) {
		return users.Change{Kind: users.DidAddCategory}, nil
	})
}

func (s *site) editCategory(w http.ResponseWriter, r *http.Request) error {
	id, err := idOf(r.PathValue("category"))
	if err != nil {
		return err
	}
	p := categoriesPage{id: id, form: newEntry(r.PostForm)}
	return s.putCategory(w, r, p, readCategory(r, p.form, id), ui.T(r.Context(), "category.saved"), func(tx *db.Tx) (users.Change, error) {
		was, err := catalog.LockCategory(r.Context(), tx, id)
		if err == nil {
			err = p.form.same(categoryValues(was))
		}
		return users.Change{Kind: users.DidEditCategory, Before: categoryStateOf(was)}, err
	})
}

// putCategory writes a category after what comes before, and says so, or what is wrong.
func (s *site) putCategory(
	w http.ResponseWriter, r *http.Request, p categoriesPage, c retail.Category, done string, before func(tx *db.Tx) (users.Change, error),
) error {
	ctx := r.Context()
	if len(p.form.wrong) > 0 {
		return s.showCategories(w, r, p)
	}
	err := s.change(r, func(tx *db.Tx) (users.Change, error) {
		change, err := before(tx)
		if err != nil {
			return change, err
		}
		change.Subject, change.Title, change.After = c.ID.String(), language(ctx, c.Name), categoryStateOf(c)
		return change, catalog.PutCategories(ctx, tx, c)
	})
	switch {
	case errors.Is(err, errMeanwhile):
		all, err := catalog.Categories(ctx, s.DB)
		if err != nil {
			return err
		}
		if at := slices.IndexFunc(all, func(now retail.Category) bool { return now.ID == c.ID }); at >= 0 {
			p.form.compare(ctx, categoryValues(all[at]), categoryNames, plainly(ctx))
		}
		p.wrong = ui.Explain(ctx, errMeanwhile)
		return s.showCategories(w, r, p)
	case p.form.blame(ctx, err, map[string]string{"category.name": "name_fr"}):
		return s.showCategories(w, r, p)
	case err != nil:
		return err
	}
	flash(w, r, ui.ToneOK, done)
	http.Redirect(w, r, categoriesPath+"?"+query("category", c.ID.String()), http.StatusSeeOther)
	return nil
}

func (s *site) removeCategory(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id, err := idOf(r.PathValue("category"))
	if err != nil {
		return err
	}
	var was retail.Category
	err = s.change(r, func(tx *db.Tx) (c users.Change, err error) {
		if was, err = catalog.LockCategory(ctx, tx, id); err != nil {
			return c, err
		}
		return users.Change{
			Kind: users.DidRemoveCategory, Subject: id.String(), Title: language(ctx, was.Name), Before: categoryStateOf(was),
		}, catalog.RemoveCategory(ctx, tx, id)
	})
	if err != nil {
		return err
	}
	flash(w, r, ui.ToneOK, ui.T(ctx, "category.removed", "Name", language(ctx, was.Name)))
	http.Redirect(w, r, categoriesPath, http.StatusSeeOther)
	return nil
}

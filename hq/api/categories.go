package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/users"
	"comptant/shared/retail"
)

// CategoryBody is what one writes of a category.
type CategoryBody struct {
	Name  Text `json:"name" doc:"In one language at least"`
	Order int  `json:"order,omitempty" minimum:"0" maximum:"100000" doc:"Its place among the others"`
}

// Category groups products.
type Category struct {
	ID uuid.UUID `json:"id"`
	CategoryBody
}

func categoryOf(c retail.Category) Category {
	return Category{c.ID, CategoryBody{Text(c.Name), c.Order}}
}

func (s *site) categoryOperations() {
	op := func(method, path, id, summary string) huma.Operation {
		return huma.Operation{Method: method, Path: path, OperationID: id, Summary: summary, Tags: []string{tagCategories}}
	}
	add(s, users.ReadCatalog, op(http.MethodGet, "/categories", "list-categories", "The categories in their order"), s.listCategories)
	add(s, users.ReadCatalog, op(http.MethodGet, "/categories/{category}", "get-category", "One category"), s.getCategory)
	add(s, users.WriteCatalog, made(op(http.MethodPost, "/categories", "create-category", "A new category")), s.createCategory)
	add(s, users.WriteCatalog, op(http.MethodPut, "/categories/{category}", "put-category", "Write all of a category"), s.putCategory)
	add(s, users.WriteCatalog, op(http.MethodDelete, "/categories/{category}", "remove-category", "Take away a category that no product has, a retired one included"), s.removeCategory)
}

func (s *site) listCategories(ctx context.Context, in *struct{ Paging }) (*List[Category], error) {
	all, err := catalog.Categories(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	return cut(each(all, categoryOf), in.Paging, func(c Category) string { return c.ID.String() })
}

func (s *site) getCategory(ctx context.Context, in *struct {
	IfChanged
	Category uuid.UUID `path:"category"`
},
) (*One[Category], error) {
	all, err := catalog.Categories(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(all, func(c retail.Category) bool { return c.ID == in.Category })
	if at < 0 {
		return nil, &retail.Error{Code: retail.NotFound, Key: "category.unknown", Args: map[string]any{"id": in.Category}}
	}
	return ask(in.IfChanged, categoryOf(all[at]))
}

type createCategoryIn struct {
	Once
	Body CategoryBody
}

func (s *site) createCategory(ctx context.Context, in *createCategoryIn) (*Made[Category], error) {
	return once(ctx, s, in, func(tx *db.Tx) (*Made[Category], error) {
		id, err := uuid.NewV7()
		if err != nil {
			return nil, err
		}
		c, err := writeCategory(ctx, tx, id, in.Body)
		return &Made[Category]{Root + "/categories/" + id.String(), c}, err
	})
}

// writeCategory gives the category as it is then.
func writeCategory(ctx context.Context, tx *db.Tx, id uuid.UUID, body CategoryBody) (Category, error) {
	if err := catalog.PutCategories(ctx, tx, retail.Category{ID: id, Name: retail.Text(body.Name), Order: body.Order}); err != nil {
		return Category{}, err
	}
	c, err := catalog.LockCategory(ctx, tx, id)
	return categoryOf(c), err
}

func (s *site) putCategory(ctx context.Context, in *struct {
	IfSame
	Category uuid.UUID `path:"category"`
	Body     CategoryBody
},
) (out *One[Category], err error) {
	err = s.deed(ctx, in, func(tx *db.Tx) error {
		was, err := catalog.LockCategory(ctx, tx, in.Category)
		if err != nil {
			return err
		}
		if err := in.same(ctx, tag(categoryOf(was))); err != nil {
			return err
		}
		c, err := writeCategory(ctx, tx, in.Category, in.Body)
		out = one(c)
		return err
	})
	return out, err
}

func (s *site) removeCategory(ctx context.Context, in *struct {
	IfSame
	Category uuid.UUID `path:"category"`
},
) (*struct{}, error) {
	return nil, s.deed(ctx, in, func(tx *db.Tx) error {
		was, err := catalog.LockCategory(ctx, tx, in.Category)
		if err != nil {
			return err
		}
		if err := in.same(ctx, tag(categoryOf(was))); err != nil {
			return err
		}
		return catalog.RemoveCategory(ctx, tx, in.Category)
	})
}

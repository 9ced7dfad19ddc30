package api

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"comptant/hq/db"
	"comptant/hq/stock"
)

// Automatic says whether headquarters asks the warehouse by itself when something of a store falls below its threshold.
type Automatic struct {
	On bool `json:"on"`
}

// AutomaticPath names a store.
type AutomaticPath struct {
	Store uuid.UUID `path:"store"`
}

func automatic(ctx context.Context, q stock.Querier, store uuid.UUID) (Automatic, error) {
	if _, err := isStore(stock.Location(ctx, q, store)); err != nil {
		return Automatic{}, err
	}
	on, err := stock.Automatic(ctx, q)
	return Automatic{slices.Contains(on, store)}, err
}

func (s *site) getAutomatic(ctx context.Context, in *struct {
	IfChanged
	AutomaticPath
},
) (*One[Automatic], error) {
	a, err := automatic(ctx, s.DB, in.Store)
	if err != nil {
		return nil, err
	}
	return ask(in.IfChanged, a)
}

type putAutomaticIn struct {
	IfSame
	AutomaticPath
	Body Automatic
}

func (s *site) putAutomatic(ctx context.Context, in *putAutomaticIn) (*One[Automatic], error) {
	err := s.deed(ctx, in, func(tx *db.Tx) error {
		was, err := automatic(ctx, tx, in.Store)
		if err != nil {
			return err
		}
		if err := in.same(ctx, tag(was)); err != nil {
			return err
		}
		return stock.SetAutomatic(ctx, tx, in.Store, in.Body.On, s.Now())
	})
	if err != nil {
		return nil, err
	}
	return one(in.Body), nil
}

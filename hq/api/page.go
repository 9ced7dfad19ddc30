package api

import (
	"encoding/base64"
	"slices"

	"comptant/shared/retail"
)

// Page is a part of a list.
type Page[T any] struct {
	Items []T `json:"items"`
	// Next is the cursor of the following page.
	Next string `json:"next,omitempty" doc:"Cursor of the following page; absent on the last"`
}

// List answers with one.
type List[T any] struct {
	Body Page[T]
}

func list[T any](items []T, next string) *List[T] {
	if items == nil {
		items = []T{}
	}
	return &List[T]{Page[T]{items, next}}
}

// Paging chooses a page.
type Paging struct {
	Cursor string `query:"cursor" maxLength:"1000" doc:"Next of the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many at most"`
}

// cut is a page of a list that is short enough to be read whole; key names an item within it.
func cut[T any](all []T, p Paging, key func(T) string) (*List[T], error) {
	if p.Cursor != "" {
		last, err := base64.RawURLEncoding.DecodeString(p.Cursor)
		at := slices.IndexFunc(all, func(item T) bool { return key(item) == string(last) })
		if err != nil || at < 0 {
			return nil, &retail.Error{Code: retail.Invalid, Key: "page.unknown", Err: err}
		}
		all = all[at+1:]
	}
	if len(all) <= p.Limit {
		return list(all, ""), nil
	}
	return list(all[:p.Limit], base64.RawURLEncoding.EncodeToString([]byte(key(all[p.Limit-1])))), nil
}

// each makes one list of another.
func each[A, B any](all []A, of func(A) B) []B {
	made := make([]B, len(all))
	for i, a := range all {
		made[i] = of(a)
	}
	return made
}

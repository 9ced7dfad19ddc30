package api

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/google/uuid"

	"comptant/hq/users"
	"comptant/shared/retail"
)

// Change is what somebody changed at headquarters.
type Change struct {
	ID      int64            `json:"id"`
	At      time.Time        `json:"at"`
	User    *uuid.UUID       `json:"user,omitempty" doc:"The person; absent for a program and for the hq command"`
	Actor   string           `json:"actor" doc:"Their name then"`
	Origin  string           `json:"origin" doc:"The address of the browser, API, or the user and machine of the command"`
	Kind    users.ChangeKind `json:"kind" example:"till.revoke"`
	Subject string           `json:"subject" doc:"Id of what was changed; of what a program did its own"`
	Title   string           `json:"title" doc:"What people call it; of what a program did the operation"`
	Before  any              `json:"before,omitempty" doc:"Absent for what was not there"`
	After   any              `json:"after,omitempty" doc:"Absent for what is not there any more"`
}

func changeOf(r users.Recorded) Change {
	return Change{r.ID, r.At.UTC(), r.Staff, r.Actor, r.Origin, r.Kind, r.Subject, r.Title, orAbsent(r.Before), orAbsent(r.After)}
}

// orAbsent is nil for no JSON, which is left out.
func orAbsent(raw json.RawMessage) any {
	if raw == nil {
		return nil
	}
	return raw
}

func (s *site) listChanges(ctx context.Context, in *struct {
	Paging
	User uuid.UUID        `query:"user" doc:"Only what this person changed"`
	Kind users.ChangeKind `query:"kind" maxLength:"60" doc:"Only changes of this kind"`
	From time.Time        `query:"from" doc:"Only changes from a moment on"`
	To   time.Time        `query:"to" doc:"Only changes before a moment"`
},
) (*List[Change], error) {
	f := users.AuditFilter{Staff: in.User, Kind: in.Kind, From: in.From, To: in.To, Limit: in.Limit + 1}
	if in.Cursor != "" {
		var err error
		if f.Before, err = strconv.ParseInt(in.Cursor, 10, 64); err != nil || f.Before < 1 {
			return nil, &retail.Error{Code: retail.Invalid, Key: "page.unknown", Err: err}
		}
	}
	found, err := users.Audit(ctx, s.DB, f)
	if err != nil {
		return nil, err
	}
	next := ""
	if len(found) > in.Limit {
		found = found[:in.Limit]
		next = strconv.FormatInt(found[in.Limit-1].ID, 10)
	}
	return list(each(found, changeOf), next), nil
}

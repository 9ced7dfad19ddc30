package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"comptant/hq/db"
	"comptant/hq/intake"
	"comptant/hq/stock"
	"comptant/hq/users"
	"comptant/shared/retail"
)

// Till is one checkout lane of a store, and how much of its journal headquarters has.
type Till struct {
	ID          uuid.UUID  `json:"id"`
	Store       uuid.UUID  `json:"store"`
	Number      int        `json:"number"`
	State       string     `json:"state" enum:"online,offline,revoked,new" doc:"new was never enrolled"`
	Since       *time.Time `json:"since,omitempty" doc:"When it last came or went"`
	SeenAt      *time.Time `json:"seen_at,omitempty" doc:"Last sign of life"`
	EnrolledAt  *time.Time `json:"enrolled_at,omitempty"`
	RevokedAt   *time.Time `json:"revoked_at,omitempty"`
	App         string     `json:"app,omitempty" doc:"Version of its program"`
	Host        string     `json:"host,omitempty"`
	Entries     int64      `json:"entries" doc:"Of its journal, at headquarters"`
	NewestAt    *time.Time `json:"newest_at,omitempty" doc:"When the last entry came"`
	Queue       int64      `json:"queue" doc:"Entries it had at its last hello that headquarters does not have yet"`
	OldestAt    *time.Time `json:"oldest_unsent_at,omitempty" doc:"When it wrote the oldest entry that it last said it holds and headquarters does not have; absent when there is none older than a minute"`
	Deferred    int64      `json:"deferred" doc:"Entries that wait to be applied"`
	Flagged     int64      `json:"flagged" doc:"Entries that a person must look at"`
	Prices      int64      `json:"prices,omitempty" doc:"Version of prices it sells at"`
	PricesSince *time.Time `json:"prices_since,omitempty"`
	Lock        *Lock      `json:"lock,omitempty" doc:"Absent when it is not locked. A till that is locked comes and goes as any other"`
	ClockOffset *int64     `json:"clock_offset,omitempty" doc:"Its clock minus that of headquarters at its last hello, in milliseconds"`
}

func tillOf(t intake.TillState) Till {
	state := "offline"
	switch {
	case t.RevokedAt != nil:
		state = "revoked"
	case t.EnrolledAt == nil:
		state = "new"
	case t.Online:
		state = "online"
	}
	return Till{
		t.ID, t.Store, t.Number, state, utc(t.Since), utc(t.SeenAt), utc(t.EnrolledAt), utc(t.RevokedAt), t.App, t.Host, t.Entries, utc(t.Newest),
		t.Waiting, utc(t.OldestUnsent), t.Deferred, t.Flagged, t.Prices, utc(t.PricesSince), lockOf(t), t.ClockOffset,
	}
}

// Lock keeps everybody out of a till.
type Lock struct {
	At     time.Time `json:"at"`
	Reason string    `json:"reason" doc:"As the till shows it"`
	Call   string    `json:"call,omitempty" doc:"Whom the till says to call"`
	Heard  bool      `json:"heard" doc:"The till has said that it knows"`
}

func lockOf(t intake.TillState) *Lock {
	if t.LockedAt == nil {
		return nil
	}
	return &Lock{t.LockedAt.UTC(), t.LockReason, t.LockedBy, t.LockHeard}
}

// Code enrols a till.
type Code struct {
	Code      string    `json:"code" doc:"To be typed at the till. It works once" example:"7K3QF-0ZR9M"`
	Store     uuid.UUID `json:"store"`
	Number    int       `json:"number"`
	ExpiresAt time.Time `json:"expires_at"`
}

func (s *site) tillOperations() {
	op := func(method, path, id, summary string) huma.Operation {
		return huma.Operation{Method: method, Path: path, OperationID: id, Summary: summary, Tags: []string{tagTills}}
	}
	add(s, users.ReadTills, op(http.MethodGet, "/tills", "list-tills", "The tills by store and number"), s.listTills)
	add(s, users.ReadTills, op(http.MethodGet, "/tills/{till}", "get-till", "One till"), s.getTill)
	add(s, users.WriteTills, made(op(http.MethodPost, "/tills/codes", "create-enrolment-code", "A code that enrols a till, for 15 minutes")), s.createCode)
	add(s, users.WriteLocks, op(http.MethodPost, "/tills/{till}/lock", "lock-till", "Keep everybody out of a till until it is unlocked"), s.lockTill)
	add(s, users.WriteLocks, op(http.MethodPost, "/tills/{till}/unlock", "unlock-till", "Let people sign in at a till again"), s.unlockTill)
	add(s, users.WriteTills, op(http.MethodPost, "/tills/{till}/revoke", "revoke-till", "Close a till's key for good"), s.revokeTill)
	add(s, users.WriteTills, op(http.MethodPost, "/tills/{till}/log", "ask-till-log", "Have a till send its log"), s.askTillLog)
	add(s, users.ReadTills, file(op(http.MethodGet, "/tills/{till}/log", "get-till-log", "The newest log that a till sent"), "text/plain"), s.getTillLog)
}

func (s *site) listTills(ctx context.Context, in *struct {
	Paging
	Store uuid.UUID `query:"store"`
},
) (*List[Till], error) {
	all, err := s.Journal.Tills(ctx)
	if err != nil {
		return nil, err
	}
	if in.Store != uuid.Nil {
		all = slices.DeleteFunc(all, func(t intake.TillState) bool { return t.Store != in.Store })
	}
	return cut(each(all, tillOf), in.Paging, func(t Till) string { return t.ID.String() })
}

func (s *site) till(ctx context.Context, id uuid.UUID) (Till, error) {
	all, err := s.Journal.Tills(ctx)
	if err != nil {
		return Till{}, err
	}
	at := slices.IndexFunc(all, func(t intake.TillState) bool { return t.ID == id })
	if at < 0 {
		return Till{}, &retail.Error{Code: retail.NotFound, Key: "tills.unknown", Args: map[string]any{"id": id}}
	}
	return tillOf(all[at]), nil
}

func (s *site) getTill(ctx context.Context, in *struct {
	IfChanged
	Till uuid.UUID `path:"till"`
},
) (*One[Till], error) {
	t, err := s.till(ctx, in.Till)
	if err != nil {
		return nil, err
	}
	return ask(in.IfChanged, t)
}

type createCodeIn struct {
	Once
	Body struct {
		Store  uuid.UUID `json:"store"`
		Number int       `json:"number" minimum:"1" maximum:"99" doc:"Of the till in its store"`
	}
}

func (s *site) createCode(ctx context.Context, in *createCodeIn) (*Made[Code], error) {
	return once(ctx, s, in, func(tx *db.Tx) (*Made[Code], error) {
		store, err := isStore(stock.Location(ctx, tx, in.Body.Store))
		if err != nil {
			return nil, err
		}
		code, ends, err := s.Journal.NewCodeIn(ctx, tx, store.ID, in.Body.Number)
		if err != nil {
			return nil, err
		}
		return &Made[Code]{Root + "/tills", Code{code, store.ID, in.Body.Number, ends.UTC()}}, nil
	})
}

type lockTillIn struct {
	Till uuid.UUID `path:"till"`
	Body struct {
		Reason string `json:"reason" minLength:"1" maxLength:"200" doc:"Shown at the till"`
		Call   string `json:"call,omitempty" maxLength:"100" doc:"Whom the till says to call"`
	}
}

func (s *site) lockTill(ctx context.Context, in *lockTillIn) (*One[Till], error) {
	return s.actOnTill(ctx, in, in.Till, func(tx *db.Tx) error { return s.Journal.LockOut(ctx, tx, in.Till, in.Body.Reason, in.Body.Call) })
}

func (s *site) unlockTill(ctx context.Context, in *struct {
	Till uuid.UUID `path:"till"`
},
) (*One[Till], error) {
	return s.actOnTill(ctx, in, in.Till, func(tx *db.Tx) error { return s.Journal.LetIn(ctx, tx, in.Till) })
}

func (s *site) revokeTill(ctx context.Context, in *struct {
	Till   uuid.UUID `path:"till"`
	Stolen bool      `query:"stolen" doc:"Also take away the PINs of everybody who works at its store: they need new ones"`
},
) (*One[Till], error) {
	t, err := s.till(ctx, in.Till)
	if err != nil {
		return nil, err
	}
	return s.actOnTill(ctx, in, in.Till, func(tx *db.Tx) error {
		if err := s.Journal.RevokeTx(ctx, tx, in.Till); err != nil || !in.Stolen {
			return err
		}
		_, err := users.ResetPINs(ctx, tx, t.Store)
		return err
	})
}

// actOnTill does something to a till, and answers with what it is then.
func (s *site) actOnTill(ctx context.Context, in any, id uuid.UUID, do func(tx *db.Tx) error) (*One[Till], error) {
	if err := s.deed(ctx, in, do); err != nil {
		return nil, err
	}
	t, err := s.till(ctx, id)
	return one(t), err
}

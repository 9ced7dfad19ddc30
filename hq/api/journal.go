package api

import (
	"compress/gzip"
	"context"
	"errors"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"comptant/hq/db"
	"comptant/hq/intake"
	"comptant/hq/stock"
	"comptant/shared/retail"
)

// Fault is an entry at which a chain breaks, or figures that are not the sum of the entries.
type Fault struct {
	Store uuid.UUID  `json:"store"`
	Till  *uuid.UUID `json:"till,omitempty" doc:"Absent where figures are wrong, and not an entry"`
	Epoch uint64     `json:"epoch,omitempty"`
	Seq   uint64     `json:"seq,omitempty" doc:"The first entry of its epoch at which the chain breaks"`
	Fault string     `json:"fault"`
}

// Verification is what reading every entry again found.
type Verification struct {
	Faults []Fault `json:"faults" doc:"None when every chain verifies"`
}

func (s *site) verifyJournal(ctx context.Context, in *struct {
	Till  uuid.UUID `query:"till" doc:"Only this till's chains"`
	Store uuid.UUID `query:"store" doc:"Only the chains and figures of this store, or warehouse. Figures are compared with the entries when no till is said"`
},
) (*One[Verification], error) {
	if err := s.knownTill(ctx, in.Till); err != nil {
		return nil, err
	}
	if in.Store != uuid.Nil {
		if _, err := s.location(ctx, in.Store); err != nil {
			return nil, invalid("location.unknown", "id", in.Store)
		}
	}
	faults, err := s.Journal.VerifyScope(ctx, intake.Scope{Store: in.Store, Till: in.Till}, func(int64) {})
	if err != nil {
		return nil, err
	}
	found := Verification{[]Fault{}}
	for _, f := range faults {
		shown := Fault{Store: f.Store, Epoch: f.Epoch, Seq: f.Seq, Fault: errors.Unwrap(f).Error()}
		if f.Till != uuid.Nil {
			shown.Till = &f.Till
		}
		found.Faults = append(found.Faults, shown)
	}
	return one(found), nil
}

// knownTill refuses a till that is asked for and does not exist.
func (s *site) knownTill(ctx context.Context, id uuid.UUID) error {
	if id == uuid.Nil {
		return nil
	}
	_, err := s.till(ctx, id)
	if known, ok := errors.AsType[*retail.Error](err); ok {
		return invalid(known.Key, "id", id)
	}
	return err
}

// file documents an answer that is no JSON.
func file(op huma.Operation, kind string) huma.Operation {
	op.Responses = map[string]*huma.Response{"200": {
		Description: "OK", Content: map[string]*huma.MediaType{kind: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
	}}
	return op
}

// exportJournal streams the file for an auditor. What fails on the way leaves it without its end, as its verifier says.
func (s *site) exportJournal(ctx context.Context, in *struct {
	From string    `query:"from" required:"true" format:"date" doc:"First day, where the stores are, by the clocks of the tills"`
	To   string    `query:"to" required:"true" format:"date" doc:"Last day"`
	Till uuid.UUID `query:"till" doc:"Only this till"`
},
) (*huma.StreamResponse, error) {
	if err := s.knownTill(ctx, in.Till); err != nil {
		return nil, err
	}
	from, err := day(in.From, nil)
	if err != nil {
		return nil, err
	}
	to, err := day(in.To, nil)
	if err == nil && to < from {
		err = invalid("report.period")
	}
	if err != nil {
		return nil, err
	}
	stores, err := stock.Stores(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	zone := zoneOf(stores)
	return &huma.StreamResponse{Body: func(out huma.Context) {
		out.SetHeader("Content-Type", "application/gzip")
		out.SetHeader("Content-Disposition", `attachment; filename="comptant-`+in.From+"-"+in.To+`.audit.gz"`)
		packed := gzip.NewWriter(out.BodyWriter())
		_, err := s.Journal.Audit(ctx, packed, intake.Scope{Till: in.Till}, from.Time(zone), to.Time(zone).AddDate(0, 0, 1), s.Now())
		if err := errors.Join(err, packed.Close()); err != nil {
			s.Log.Error("api", "operation", operationOf(ctx), "error", err)
		}
	}}, nil
}

// TillPath names a till.
type TillPath struct {
	Till uuid.UUID `path:"till"`
}

func (s *site) askTillLog(ctx context.Context, in *TillPath) (*One[Till], error) {
	return s.actOnTill(ctx, in, in.Till, func(tx *db.Tx) error { return s.Journal.AskLog(ctx, tx, in.Till) })
}

// Log is the text that a till sent.
type Log struct {
	ContentType string `header:"Content-Type" hidden:"true"`
	Body        []byte
}

func (s *site) getTillLog(ctx context.Context, in *TillPath) (*Log, error) {
	text, err := s.Journal.Log(ctx, in.Till)
	return &Log{"text/plain; charset=utf-8", text}, err
}

package api

import (
	"context"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"comptant/hq/db"
	"comptant/hq/intake"
	"comptant/hq/users"
	"comptant/shared/retail"
)

// Exception is something in a till's journal that a person must look at.
type Exception struct {
	ID     string    `json:"id"`
	Store  uuid.UUID `json:"store"`
	Till   uuid.UUID `json:"till"`
	Epoch  uint64    `json:"epoch,omitempty" doc:"Of the entry; absent for what is of the till itself"`
	Seq    uint64    `json:"seq,omitempty" doc:"Of the entry within its epoch"`
	Code   string    `json:"code" example:"over-refunded" doc:"What is wrong"`
	Detail string    `json:"detail,omitempty"`
	At     time.Time `json:"at" doc:"Since when"`
}

func exceptionOf(f intake.Flag) Exception {
	e := Exception{ID: exceptionID(f), Store: f.Store, Till: f.Till, Code: f.Code, Detail: f.Detail, At: f.At.UTC()}
	if f.Seq > 0 {
		e.Epoch, e.Seq = f.Epoch, f.Seq
	}
	return e
}

// exceptionID joins what an exception is known by.
func exceptionID(f intake.Flag) string {
	return strings.Join([]string{
		f.Store.String(), f.Till.String(), strconv.FormatUint(f.Epoch, 10) + "-" + strconv.FormatUint(f.Seq, 10), f.Code, hex.EncodeToString(f.Hash),
	}, "_")
}

func (s *site) journalOperations() {
	op := func(method, path, id, summary string) huma.Operation {
		return huma.Operation{Method: method, Path: path, OperationID: id, Summary: summary, Tags: []string{tagJournal}}
	}
	add(s, users.ReadJournal, op(http.MethodGet, "/journal/exceptions", "list-exceptions", "What in the journals a person must look at, the newest first"), s.listExceptions)
	add(s, users.WriteJournal, op(http.MethodPost, "/journal/exceptions/{exception}/settle", "settle-exception", "Say what was done about an exception"), s.settleException)
	add(s, users.ReadJournal, op(http.MethodGet, "/journal/faults", "list-faults", "Read every entry again, and say where a chain breaks or a figure is not the sum of its entries"), s.verifyJournal)
	add(s, users.ReadJournal, file(op(http.MethodGet, "/journal/export", "export-journal", "What tills wrote in a period, in a file for an auditor"), "application/gzip"), s.exportJournal)
	add(s, users.ReadAudit, op(http.MethodGet, "/audit", "list-changes", "What people, programs and commands changed, the newest first"), s.listChanges)
}

func (s *site) listExceptions(ctx context.Context, in *struct {
	Paging
	Store uuid.UUID `query:"store"`
},
) (*List[Exception], error) {
	all, err := s.Journal.Flags(ctx)
	if err != nil {
		return nil, err
	}
	if in.Store != uuid.Nil {
		all = slices.DeleteFunc(all, func(f intake.Flag) bool { return f.Store != in.Store })
	}
	return cut(each(all, exceptionOf), in.Paging, func(e Exception) string { return e.ID })
}

type settleExceptionIn struct {
	Exception string `path:"exception"`
	Body      struct {
		Note string `json:"note" minLength:"1" maxLength:"500" doc:"What was done about it"`
	}
}

func (s *site) settleException(ctx context.Context, in *settleExceptionIn) (*struct{}, error) {
	gone := &retail.Error{Code: retail.Conflict, Key: "flag.gone"}
	note := strings.TrimSpace(in.Body.Note)
	if note == "" {
		return nil, invalid("flag.note_missing")
	}
	all, err := s.Journal.Flags(ctx)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(all, func(f intake.Flag) bool { return exceptionID(f) == in.Exception })
	if at < 0 {
		return nil, gone
	}
	return nil, s.deed(ctx, in, func(tx *db.Tx) error {
		done, err := s.Journal.Resolve(ctx, tx, all[at], tokenOf(ctx).ID, note)
		if err == nil && !done {
			return gone
		}
		return err
	})
}

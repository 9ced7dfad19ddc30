package api

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"comptant/hq/db"
	"comptant/hq/importer"
	"comptant/hq/ui"
	"comptant/hq/users"
)

// uploadTime is how long a file may take to come in.
const uploadTime = 5 * time.Minute

// BadRow is a row that cannot be imported.
type BadRow struct {
	Line   int             `json:"line" doc:"In the file; the first is 1, the headings"`
	Column string          `json:"column,omitempty" doc:"Absent where it is the whole row"`
	Value  string          `json:"value,omitempty"`
	Reason string          `json:"reason" doc:"What is wrong and what to do about it, in the language that is asked for"`
	Detail string          `json:"detail" doc:"What is wrong exactly, in English"`
	Remedy importer.Remedy `json:"remedy" example:"missing" doc:"What to do about it, for programs"`
}

// Upload is a file that was brought, and what importing it does, or did.
type Upload struct {
	ID        uuid.UUID      `json:"id"`
	Kind      importer.Kind  `json:"kind" enum:"stores,charges,taxes,products,prices,barcodes,stock,customers,sales"`
	Name      string         `json:"name"`
	State     importer.State `json:"state" enum:"checking,checked,unreadable,importing,imported,failed" doc:"Ask again while it is checking or importing; failed is that nothing was imported"`
	At        time.Time      `json:"at"`
	By        uuid.UUID      `json:"by" doc:"A person, or the token of a program"`
	Rows      int64          `json:"rows" doc:"How many rows were worked on so far"`
	New       int            `json:"new"`
	Changed   int            `json:"changed"`
	Ended     int            `json:"ended"`
	Unchanged int            `json:"unchanged"`
	Bad       int            `json:"bad" doc:"A file with bad rows is not imported"`
	BadRows   []BadRow       `json:"bad_rows" doc:"The first 1,000 of them"`
	Ignored   []string       `json:"ignored" doc:"Headings that mean nothing for the kind"`
	Problem   string         `json:"problem,omitempty" doc:"Why the file cannot be read, in English"`
}

// shownBad is how many bad rows an answer has.
const shownBad = 1000

func uploadOf(ctx context.Context, u importer.Upload) Upload {
	return Upload{
		ID: u.ID, Kind: u.Kind, Name: u.Name, State: u.State, At: u.At.UTC(), By: u.By, Rows: u.Done,
		New: u.Plan.New, Changed: u.Plan.Changed, Ended: u.Plan.Ended, Unchanged: u.Plan.Unchanged, Bad: u.Plan.AllBad,
		BadRows: each(u.Plan.Bad[:min(len(u.Plan.Bad), shownBad)], func(b importer.Bad) BadRow {
			remedy := b.Remedy()
			words := "import.do_" + string(remedy) // the dashboard's
			return BadRow{b.Line, b.Column(), b.Value(), ui.T(ctx, words), b.Reason, remedy}
		}),
		Ignored: append([]string{}, u.Plan.Ignored...), Problem: u.Problem,
	}
}

func (s *site) importOperations() {
	op := func(method, path, id, summary string) huma.Operation {
		return huma.Operation{Method: method, Path: path, OperationID: id, Summary: summary, Tags: []string{tagImports}}
	}
	take := made(op(http.MethodPost, importPath, "upload-file", "Bring a file (CSV), which is checked: see what importing it would do, then apply it, within a day"))
	take.MaxBodyBytes, take.BodyReadTimeout = importer.MaxUpload, uploadTime
	add(s, users.WriteImports, take, s.uploadFile)
	add(s, users.WriteImports, op(http.MethodGet, importPath+"/{upload}", "get-upload", "What importing a file would do, does or did"), s.getUpload)
	add(s, users.WriteImports, op(http.MethodPost, importPath+"/{upload}/apply", "apply-upload", "Import all of a file that has no bad row"), s.applyUpload)
}

// importPath is where files are brought.
const importPath = "/imports"

// uploadDeed is a request as the audit log keeps it: not the file, but its name.
type uploadDeed struct {
	Upload uuid.UUID
	Kind   importer.Kind
	Name   string
}

func (s *site) uploadFile(ctx context.Context, in *struct {
	Kind    importer.Kind `query:"kind" required:"true" enum:"stores,charges,taxes,products,prices,barcodes,stock,customers,sales" doc:"What the file lists"`
	Name    string        `query:"name" default:"import.csv" minLength:"1" maxLength:"200" doc:"Of the file"`
	RawBody []byte        `contentType:"text/csv"`
},
) (*Made[Upload], error) {
	id, err := s.Imports.Take(ctx, in.Kind, in.Name, bytes.NewReader(in.RawBody), tokenOf(ctx).ID)
	if err != nil {
		return nil, err
	}
	if err := s.deed(ctx, uploadDeed{id, in.Kind, in.Name}, func(*db.Tx) error { return nil }); err != nil {
		return nil, err
	}
	u, err := s.Imports.Upload(ctx, id)
	return &Made[Upload]{Root + importPath + "/" + id.String(), uploadOf(ctx, u)}, err
}

// UploadPath names a file that was brought.
type UploadPath struct {
	Upload uuid.UUID `path:"upload"`
}

func (s *site) getUpload(ctx context.Context, in *UploadPath) (*One[Upload], error) {
	u, err := s.Imports.Upload(ctx, in.Upload)
	if err != nil {
		return nil, err
	}
	return one(uploadOf(ctx, u)), nil
}

// applyUpload begins to import. What was imported is recorded when it is.
func (s *site) applyUpload(ctx context.Context, in *UploadPath) (*One[Upload], error) {
	if _, err := s.Imports.Upload(ctx, in.Upload); err != nil {
		return nil, err
	}
	if err := s.Imports.Confirm(ctx, in.Upload, users.Actor{Name: tokenOf(ctx).Name, Origin: "API"}); err != nil {
		return nil, err
	}
	if err := s.deed(ctx, in, func(*db.Tx) error { return nil }); err != nil {
		return nil, err
	}
	return s.getUpload(ctx, in)
}

package web

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"comptant/hq/importer"
	"comptant/hq/sales"
	"comptant/hq/ui"
	"comptant/shared/retail"
)

const (
	// importPath is where files are brought; larger bodies than a form's are taken there alone.
	importPath = "/catalogue/import"
	// uploadLimit is the largest body: a file and what a form adds to it.
	uploadLimit = importer.MaxUpload + 1<<20
	// uploadTime is how long a file may take to come in.
	uploadTime = 5 * time.Minute
	// shownRows is how many bad rows a page shows; the file for download has more.
	shownRows = 200
)

func bodyLimitOf(r *http.Request) int64 {
	if r.URL.Path == importPath {
		return uploadLimit
	}
	if section(r.URL.Path) == "purchases" {
		return goodsLimit
	}
	if takesPicture(r) {
		return pictureLimit
	}
	return bodyLimit
}

func (s *site) importPage(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	kinds := make([]ui.Option, 0, len(importer.Kinds()))
	for _, k := range importer.Kinds() {
		kinds = append(kinds, ui.Option{Value: string(k), Label: kindName(ctx, k), Selected: k == importer.Products})
	}
	return s.show(w, r, view{title: ui.T(ctx, "import.title"), parent: "/catalogue"}, importContent(kinds))
}

func kindName(ctx context.Context, k importer.Kind) string {
	return ui.T(ctx, kindWords[k])
}

// takeFile keeps a file and leads to what importing it would do.
func (s *site) takeFile(w http.ResponseWriter, r *http.Request) error {
	err := http.NewResponseController(w).SetReadDeadline(time.Now().Add(uploadTime))
	if err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	tooLarge := &retail.Error{Code: retail.Invalid, Key: "import.too_large"}
	if r.ContentLength > uploadLimit {
		return tooLarge
	}
	file, head, err := r.FormFile("file")
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return tooLarge
	case err != nil:
		return &retail.Error{Code: retail.Invalid, Key: "import.no_file", Err: err}
	}
	defer file.Close()
	id, err := s.Imports.Take(r.Context(), importer.Kind(r.PostFormValue("kind")), head.Filename, file, personOf(r.Context()).ID)
	if err != nil {
		return err
	}
	http.Redirect(w, r, importPath+"/"+id.String(), http.StatusSeeOther)
	return nil
}

func (s *site) uploadOf(r *http.Request) (importer.Upload, error) {
	id, err := uuid.Parse(r.PathValue("upload"))
	if err != nil {
		return importer.Upload{}, &retail.Error{Code: retail.NotFound, Key: "import.gone", Err: err}
	}
	return s.Imports.Upload(r.Context(), id)
}

func (s *site) uploadPage(w http.ResponseWriter, r *http.Request) error {
	u, err := s.uploadOf(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	return s.show(w, r, view{title: kindName(ctx, u.Kind), subtitle: u.Name, parent: "/catalogue/import"}, uploadContent(u, uploadCounts(ctx, u), badTable(ctx, u)))
}

// uploadCounts is what the file does, or did.
func uploadCounts(ctx context.Context, u importer.Upload) []fact {
	number := func(n int) string { return ui.Number(ctx, int64(n)) }
	facts := []fact{
		{name: ui.T(ctx, "import.new"), value: number(u.Plan.New)},
		{name: ui.T(ctx, "import.changed"), value: number(u.Plan.Changed)},
	}
	if u.Plan.Ended > 0 {
		facts = append(facts, fact{name: ui.T(ctx, "import.ended"), value: number(u.Plan.Ended)})
	}
	return append(facts, []fact{
		{name: ui.T(ctx, "import.unchanged"), value: number(u.Plan.Unchanged)},
		{name: ui.T(ctx, "import.bad"), value: number(u.Plan.AllBad), sum: true},
	}...)
}

// badTable has two columns, which a phone shows whole.
func badTable(ctx context.Context, u importer.Upload) ui.Table {
	t := ui.Table{Caption: ui.T(ctx, "import.bad"), Columns: []ui.Column{{Label: ui.T(ctx, "import.line")}, {Label: ui.T(ctx, "import.what")}}}
	for _, b := range u.Plan.Bad[:min(len(u.Plan.Bad), shownRows)] {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: ui.Number(ctx, int64(b.Line)), Sub: columnName(ctx, b.Column())}, {Text: ui.T(ctx, remedyWords[b.Remedy()]), Sub: b.Value()},
		}})
	}
	if u.Plan.AllBad > len(t.Rows) {
		t.Foot = ui.Pagination(ui.Pages{Note: ui.T(ctx, "import.shown", "Shown", len(t.Rows), "Of", ui.Number(ctx, int64(u.Plan.AllBad)))})
	}
	return t
}

func joined(names []string) string { return strings.Join(names, ", ") }

func columnName(ctx context.Context, c string) string {
	if c == "" {
		return dash
	}
	return ui.T(ctx, columnWords[c])
}

// badRows is every bad row that is kept, to work on beside the file.
func (s *site) badRows(w http.ResponseWriter, r *http.Request) error {
	u, err := s.uploadOf(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	sheet := sales.Sheet{
		Name: u.Name, Head: []string{ui.T(ctx, "import.line"), ui.T(ctx, "import.column"), ui.T(ctx, "import.value"), ui.T(ctx, "import.what")},
	}
	for _, b := range u.Plan.Bad {
		sheet.Rows = append(sheet.Rows, []any{int64(b.Line), columnName(ctx, b.Column()), b.Value(), ui.T(ctx, remedyWords[b.Remedy()])})
	}
	var body bytes.Buffer
	if err := (sales.File{Sheets: []sales.Sheet{sheet}, Lang: ui.Lang(ctx)}).WriteCSV(&body); err != nil {
		return err
	}
	download(w, "import.csv", "text/csv; charset=utf-8", &body)
	return nil
}

// confirmUpload begins to import what was previewed; the page of the upload follows it.
func (s *site) confirmUpload(w http.ResponseWriter, r *http.Request) error {
	u, err := s.uploadOf(r)
	if err != nil {
		return err
	}
	if err := s.Imports.Confirm(r.Context(), u.ID, actor(r, personOf(r.Context()))); err != nil {
		return err
	}
	s.Log.Info("import confirmed", "kind", u.Kind, "file", u.Name, "by", personOf(r.Context()).ID)
	http.Redirect(w, r, importPath+"/"+u.ID.String(), http.StatusSeeOther)
	return nil
}

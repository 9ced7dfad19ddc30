package api

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"comptant/shared/retail"
)

// mergePatch is a JSON Merge Patch (RFC 7396).
const mergePatch = "application/merge-patch+json"

// patchOperations lets a part be written of everything that can be read and written whole: it is read, changed and written, if it is
// still the same by then.
func (s *site) patchOperations(mux http.Handler) {
	schemas := s.api.OpenAPI().Components.Schemas
	for _, item := range s.api.OpenAPI().Paths {
		get, put := item.Get, item.Put
		if get == nil || put == nil {
			continue
		}
		content, ok := put.RequestBody.Content["application/json"]
		if !ok {
			continue
		}
		written := content.Schema
		if written.Ref != "" {
			written = schemas.SchemaFromRef(written.Ref)
		}
		op := &huma.Operation{
			Method: http.MethodPatch, Path: put.Path, OperationID: "patch-" + strings.TrimPrefix(put.OperationID, "put-"),
			Summary: "Write a part of it (JSON Merge Patch, RFC 7396)", Tags: put.Tags, Security: put.Security, Parameters: put.Parameters,
			RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{mergePatch: {
				// What of it changes; null takes away what may be absent.
				Schema: &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true},
			}}},
			Responses: maps.Clone(put.Responses),
		}
		s.api.OpenAPI().AddOperation(op)
		fields := slices.Collect(maps.Keys(written.Properties))
		s.api.Adapter().Handle(op, s.api.Middlewares().Handler(func(ctx huma.Context) {
			r, w := humago.Unwrap(ctx)
			// The steps are admitted with the whole, which is one request.
			s.patch(mux, w, r.WithContext(ctx.Context()), fields)
		}))
	}
}

func (s *site) patch(mux http.Handler, w http.ResponseWriter, r *http.Request, fields []string) {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != mergePatch && kind != "application/json" {
		p := s.problem(r.Context(), &retail.Error{Code: retail.Invalid, Key: "error.patch_type"})
		p.Status, p.Title = http.StatusUnsupportedMediaType, http.StatusText(http.StatusUnsupportedMediaType)
		s.write(w, p)
		return
	}
	var changes map[string]any
	if err := readJSON(io.LimitReader(r.Body, bodyLimit+1), &changes); err != nil || changes == nil {
		s.write(w, s.problem(r.Context(), &retail.Error{Code: retail.Invalid, Key: "error.invalid", Err: err}))
		return
	}
	was := step(mux, r, http.MethodGet, nil, "")
	if was.Code != http.StatusOK {
		answerAs(w, was)
		return
	}
	var whole map[string]any
	if err := readJSON(was.Body, &whole); err != nil {
		s.write(w, s.problem(r.Context(), err))
		return
	}
	maps.DeleteFunc(whole, func(name string, _ any) bool { return !slices.Contains(fields, name) })
	body, err := json.Marshal(merge(whole, changes))
	if err != nil {
		s.write(w, s.problem(r.Context(), err))
		return
	}
	known := r.Header.Get("If-Match")
	if known == "" {
		known = was.Header().Get("ETag")
	}
	answerAs(w, step(mux, r, http.MethodPut, body, known))
}

// admittedKey marks the steps of a request that was let in.
type admittedKey struct{}

// step does one step of a request.
func step(mux http.Handler, r *http.Request, method string, body []byte, known string) *httptest.ResponseRecorder {
	p := r.Clone(context.WithValue(r.Context(), admittedKey{}, true))
	p.Method, p.Body, p.ContentLength = method, io.NopCloser(bytes.NewReader(body)), int64(len(body))
	p.Header.Del("If-None-Match")
	p.Header.Del("If-Match")
	p.Header.Set("Content-Type", "application/json")
	if known != "" {
		p.Header.Set("If-Match", known)
	}
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, p)
	return w
}

func answerAs(w http.ResponseWriter, from *httptest.ResponseRecorder) {
	maps.Copy(w.Header(), from.Header())
	w.WriteHeader(from.Code)
	_, _ = from.Body.WriteTo(w) // the client has gone
}

// readJSON reads numbers as they are written.
func readJSON(from io.Reader, to any) error {
	d := json.NewDecoder(from)
	d.UseNumber()
	return d.Decode(to)
}

// merge applies a merge patch, as RFC 7396 says it in section 2.
func merge(target, patch any) any {
	changes, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	into, ok := target.(map[string]any)
	if !ok {
		into = map[string]any{}
	}
	for name, value := range changes {
		if value == nil {
			delete(into, name)
		} else {
			into[name] = merge(into[name], value)
		}
	}
	return into
}

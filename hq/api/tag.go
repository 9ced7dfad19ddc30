package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"comptant/hq/ui"
)

// One is a single thing with its tag.
type One[T any] struct {
	ETag string `header:"ETag" doc:"Changes when the thing does"`
	// Length is said so that a long answer does not go out in chunks.
	Length int `header:"Content-Length" hidden:"true"`
	Body   encoded[T]
}

// encoded is a T as it is answered: the bytes that its tag is of.
type encoded[T any] []byte

// Schema is what huma asks for.
func (encoded[T]) Schema(r huma.Registry) *huma.Schema {
	return r.Schema(reflect.TypeFor[T](), true, "")
}

func (e encoded[T]) bytes() []byte { return e }

// format writes what is encoded as it is.
var format = huma.Format{
	Marshal: func(w io.Writer, v any) error {
		if e, ok := v.(interface{ bytes() []byte }); ok {
			_, err := w.Write(e.bytes())
			return err
		}
		return huma.DefaultJSONFormat.Marshal(w, v)
	},
	Unmarshal: huma.DefaultJSONFormat.Unmarshal,
}

func one[T any](body T) *One[T] {
	var b bytes.Buffer
	if err := huma.DefaultJSONFormat.Marshal(&b, body); err != nil {
		panic(err) // our own types
	}
	sum := sha256.Sum256(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
	return &One[T]{`"` + hex.EncodeToString(sum[:12]) + `"`, b.Len(), b.Bytes()}
}

// tag is the entity tag of what is answered.
func tag[T any](body T) string { return one(body).ETag }

// IfChanged asks for a thing only if it is another than one that is known.
type IfChanged struct {
	IfNoneMatch string `header:"If-None-Match" doc:"ETag of the one that is known: the answer is 304 when it is still the same"`
}

func (i IfChanged) unchanged(tag string) error {
	if !names(i.IfNoneMatch, tag) {
		return nil
	}
	return huma.ErrorWithHeaders(huma.Status304NotModified(), http.Header{"Etag": {tag}})
}

// IfSame changes a thing only if it is still the one that is known.
type IfSame struct {
	IfMatch string `header:"If-Match" doc:"ETag of the one that is known: nothing changes, and the answer is 412, when it is another by now"`
}

func (i IfSame) same(ctx context.Context, tag string) error {
	if i.IfMatch == "" || names(i.IfMatch, tag) {
		return nil
	}
	status := http.StatusPreconditionFailed
	return &huma.ErrorModel{
		Type: problemType("error.changed"), Title: http.StatusText(status), Status: status, Detail: ui.T(ctx, "error.conflict"),
	}
}

// names tells whether a header has a tag, or any.
func names(header, tag string) bool {
	for part := range strings.SplitSeq(header, ",") {
		if part = strings.TrimPrefix(strings.TrimSpace(part), "W/"); part == tag || part == "*" {
			return true
		}
	}
	return false
}

// ask answers with a thing, or that it is the one that is known.
func ask[T any](i IfChanged, body T) (*One[T], error) {
	out := one(body)
	if err := i.unchanged(out.ETag); err != nil {
		return nil, err
	}
	return out, nil
}

package api

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/danielgtaylor/huma/v2"

	"comptant/hq/ui"
)

// reference serves the document, for programs and for people.
func (s *site) reference(mux *http.ServeMux) error {
	asJSON, err := json.MarshalIndent(s.api.OpenAPI(), "", "  ")
	if err != nil {
		return fmt.Errorf("write the document of the API: %w", err)
	}
	asYAML, err := s.api.OpenAPI().YAML()
	if err != nil {
		return fmt.Errorf("write the document of the API: %w", err)
	}
	for path, file := range map[string]struct {
		kind    string
		content []byte
	}{
		Root + "/openapi.json": {"application/openapi+json", append(asJSON, '\n')}, Root + "/openapi.yaml": {"application/openapi+yaml", asYAML},
	} {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", file.kind)
			_, _ = w.Write(file.content) // the client has gone
		})
	}
	parts, shapes := readable(s.api.OpenAPI())
	mux.HandleFunc("GET "+Docs, func(w http.ResponseWriter, r *http.Request) {
		var page bytes.Buffer
		ctx := templ.WithChildren(r.Context(), referenceContent(parts, shapes))
		if err := ui.OpenPage(ui.T(r.Context(), "reference.title")).Render(ctx, &page); err != nil {
			s.Log.Error("page", "path", r.URL.Path, "error", err)
			http.Error(w, ui.T(r.Context(), "error.failed"), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Security-Policy", ui.ContentSecurityPolicy)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Vary", "Cookie, Accept-Language")
		_, _ = page.WriteTo(w) // the browser has gone
	})
	return nil
}

// part is the operations of one tag.
type part struct {
	name       string
	operations []described
}

// described is an operation as people read it.
type described struct {
	id, method, path, summary, scope string
	fields                           []field // parameters
	body, answer                     shapeName
	answers                          []reply
	example                          string
}

// field is a parameter, or a property of a shape.
type field struct {
	name, in, text string
	required       bool
	kind           shapeName
	rules          []string
}

// shapeName is a type; its link is empty for a plain one.
type shapeName struct{ name, link string }

type reply struct{ status, text string }

// shape is a type with properties.
type shape struct {
	name   string
	fields []field
}

// samples are how bodies that are no JSON of a shape are sent.
var samples = map[string]string{
	mergePatch: " -H 'Content-Type: " + mergePatch + "' \\\n  -d '{\"…\": …}'",
	"image/*":  " -H 'Content-Type: image/jpeg' \\\n  --data-binary @picture.jpg",
	"text/csv": " -H 'Content-Type: text/csv' \\\n  --data-binary @file.csv",
}

// partName is what a tag is called on the page.
func partName(ctx context.Context, tag string) string {
	return map[string]string{
		tagProducts: ui.T(ctx, "reference.products"), tagPrices: ui.T(ctx, "reference.prices"), tagCategories: ui.T(ctx, "reference.categories"),
		tagStores: ui.T(ctx, "reference.stores"), tagStock: ui.T(ctx, "reference.stock"), tagRestocks: ui.T(ctx, "reference.restocks"),
		tagPurchases: ui.T(ctx, "reference.purchases"),
		tagSales:     ui.T(ctx, "reference.sales"), tagTills: ui.T(ctx, "reference.tills"), tagUsers: ui.T(ctx, "reference.users"),
		tagCustomers: ui.T(ctx, "reference.customers"), tagOrders: ui.T(ctx, "reference.orders"),
		tagJournal: ui.T(ctx, "reference.journal"), tagTokens: ui.T(ctx, "reference.token"), tagImports: ui.T(ctx, "reference.imports"),
	}[tag]
}

func readable(doc *huma.OpenAPI) (parts []part, shapes []shape) {
	for _, tag := range doc.Tags {
		p := part{name: tag.Name}
		for _, path := range sorted(doc.Paths) {
			item := doc.Paths[path]
			for _, of := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
				if of != nil && of.Tags[0] == tag.Name {
					p.operations = append(p.operations, describe(doc, of))
				}
			}
		}
		parts = append(parts, p)
	}
	all := doc.Components.Schemas.Map()
	for _, name := range sorted(all) {
		shapes = append(shapes, shape{name, properties(all[name])})
	}
	return parts, shapes
}

func describe(doc *huma.OpenAPI, of *huma.Operation) described {
	d := described{id: of.OperationID, method: of.Method, path: Root + of.Path, summary: of.Summary, scope: string(scopeOf(of))}
	for _, p := range of.Parameters {
		d.fields = append(d.fields, field{p.Name, p.In, p.Description, p.Required, kindOf(p.Schema), rulesOf(p.Schema)})
	}
	sample := ""
	if of.RequestBody != nil {
		if media := of.RequestBody.Content["application/json"]; media != nil {
			d.body = kindOf(media.Schema)
			if written, err := json.Marshal(sampleOf(doc, media.Schema)); err == nil {
				sample = " -H 'Content-Type: application/json' \\\n  -d '" + string(written) + "'"
			}
		} else {
			d.body = shapeName{name: sorted(of.RequestBody.Content)[0]}
			sample = samples[d.body.name]
		}
	}
	for _, status := range sorted(of.Responses) {
		answer := of.Responses[status]
		if media := answer.Content["application/json"]; media != nil {
			d.answer = kindOf(media.Schema)
		}
		d.answers = append(d.answers, reply{status, answer.Description})
	}
	d.example = `curl -H "Authorization: Bearer $TOKEN"`
	if of.Method != http.MethodGet {
		d.example += " -X " + of.Method
	}
	d.example += sample + " \\\n  '$HQ" + d.path + "'"
	d.example = strings.ReplaceAll(d.example, "'$HQ"+d.path+"'", `"$HQ`+d.path+`"`)
	return d
}

func properties(s *huma.Schema) []field {
	var fields []field
	for _, name := range sorted(s.Properties) {
		p := s.Properties[name]
		fields = append(fields, field{name, "", p.Description, slices.Contains(s.Required, name), kindOf(p), rulesOf(p)})
	}
	// What must be there stands first.
	slices.SortStableFunc(fields, func(a, b field) int { return cmp.Compare(rank(a.required), rank(b.required)) })
	return fields
}

func rank(required bool) int {
	if required {
		return 0
	}
	return 1
}

// kindOf names a type: that of a list's items for a list.
func kindOf(s *huma.Schema) shapeName {
	switch {
	case s.Ref != "":
		name := s.Ref[strings.LastIndex(s.Ref, "/")+1:]
		return shapeName{name, "#" + name}
	case s.Type == huma.TypeArray:
		of := kindOf(s.Items)
		return shapeName{"[" + of.name + "]", of.link}
	case s.Format != "" && s.Type == huma.TypeString:
		return shapeName{name: s.Format}
	default:
		return shapeName{name: cmp.Or(s.Type, "any")}
	}
}

// rulesOf are the bounds of a type.
func rulesOf(s *huma.Schema) (rules []string) {
	number := func(name string, n *float64) {
		if n != nil {
			rules = append(rules, fmt.Sprintf("%s %.0f", name, *n))
		}
	}
	count := func(name string, n *int) {
		if n != nil {
			rules = append(rules, fmt.Sprintf("%s %d", name, *n))
		}
	}
	number("≥", s.Minimum)
	number("≤", s.Maximum)
	count("length ≥", s.MinLength)
	count("length ≤", s.MaxLength)
	count("items ≥", s.MinItems)
	count("items ≤", s.MaxItems)
	if s.Default != nil {
		rules = append(rules, fmt.Sprintf("default %v", s.Default))
	}
	for _, e := range s.Enum {
		rules = append(rules, fmt.Sprint(e))
	}
	return rules
}

// sampleOf is a value of a type: its required properties, with the examples there are.
func sampleOf(doc *huma.OpenAPI, s *huma.Schema) any {
	if s.Ref != "" {
		s = doc.Components.Schemas.SchemaFromRef(s.Ref)
	}
	switch {
	case len(s.Examples) > 0:
		return s.Examples[0]
	case len(s.Enum) > 0:
		return s.Enum[0]
	}
	switch s.Type {
	case huma.TypeObject:
		value := map[string]any{}
		names := s.Required
		if len(names) == 0 {
			names = sorted(s.Properties)
		}
		for _, name := range names {
			value[name] = sampleOf(doc, s.Properties[name])
		}
		return value
	case huma.TypeArray:
		return []any{sampleOf(doc, s.Items)}
	case huma.TypeInteger:
		if s.Minimum != nil && *s.Minimum > 0 {
			return int64(*s.Minimum)
		}
		return 1000
	case huma.TypeBoolean:
		return true
	case huma.TypeString:
		if s.Format == "uuid" {
			return "019ad0c5-7c1e-7a53-9d0e-6f0e3b0c2a11"
		}
		return "…"
	default:
		return nil
	}
}

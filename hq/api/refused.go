package api

import (
	"context"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"comptant/hq/ui"
)

// saying is what huma says of a request that it refuses before an operation sees it, as a format of fmt, and our words for it. What
// the format names is A.
type saying struct{ english, key string }

// details are about the whole request; its problem has the key in its type.
var details = []saying{
	{"validation failed", "request.refused"},
	{"request body is required", "request.no_body"},
	{"request body is too large limit=%d bytes", "request.too_large"},
	{"request body read timeout", "request.slow"},
	{"cannot read request body", "request.unreadable"},
}

// sayings are about a part of the request.
var sayings = []saying{
	{"unknown query parameter", "request.parameter"},
	{"required %s parameter is missing", "request.missing"},
	{"expected at most one value, but received multiple values", "request.once"},
	{"invalid integer", "request.integer"},
	{"invalid boolean", "request.boolean"},
	{"invalid date/time for format %s", "request.moment"},
	{"invalid value: %s", "request.value"},
	{"unknown content type: %s", "request.media"},
	{validation.MsgUnexpectedProperty, "request.property"},
	{validation.MsgExpectedRequiredProperty, "request.required"},
	{validation.MsgExpectedRFC3339DateTime, "request.moment"},
	{validation.MsgExpectedRFC3339Date, "request.day"},
	{validation.MsgExpectedRFC5322Email, "request.email"},
	{validation.MsgExpectedRFC4122UUID, "request.uuid"},
	{validation.MsgExpectedBoolean, "request.boolean"},
	{validation.MsgExpectedNumber, "request.number"},
	{validation.MsgExpectedInteger, "request.integer"},
	{validation.MsgExpectedString, "request.string"},
	{validation.MsgExpectedArray, "request.array"},
	{validation.MsgExpectedObject, "request.object"},
	{validation.MsgExpectedOneOf, "request.one_of"},
	{validation.MsgExpectedMinimumNumber, "request.least"},
	{validation.MsgExpectedMaximumNumber, "request.most"},
	{validation.MsgExpectedMinLength, "request.short"},
	{validation.MsgExpectedMaxLength, "request.long"},
	{validation.MsgExpectedMatchPattern, "request.pattern"},
	{validation.MsgExpectedMinItems, "request.few"},
	{validation.MsgExpectedMaxItems, "request.many"},
}

// heard is a saying as it is recognised.
type heard struct {
	said *regexp.Regexp
	key  string
}

var (
	verb                       = regexp.MustCompile(`%[dsv]`)
	heardDetails, heardSayings = hear(details), hear(sayings)
)

func hear(all []saying) []heard {
	return each(all, func(s saying) heard {
		literal := verb.Split(s.english, -1)
		for i, text := range literal {
			literal[i] = regexp.QuoteMeta(text)
		}
		return heard{regexp.MustCompile(`(?s)^` + strings.Join(literal, `(.*)`) + `$`), s.key}
	})
}

// inWords is our words for what huma said, and their key; what was said when there are none.
func inWords(ctx context.Context, all []heard, said string) (text, key string) {
	for _, h := range all {
		if found := h.said.FindStringSubmatch(said); found != nil {
			if len(found) > 1 {
				return ui.T(ctx, h.key, "A", found[1]), h.key
			}
			return ui.T(ctx, h.key), h.key
		}
	}
	return said, ""
}

func init() {
	huma.NewErrorWithContext = func(ctx huma.Context, status int, said string, errs ...error) huma.StatusError {
		made := huma.NewError(status, said, errs...)
		p, ok := made.(*huma.ErrorModel)
		if !ok || ctx == nil {
			return made
		}
		words := ctx.Context()
		var key string
		if p.Detail, key = inWords(words, heardDetails, said); key != "" {
			p.Type = problemType(key)
		}
		for _, e := range p.Errors {
			if e.Message, key = inWords(words, heardSayings, e.Message); key == "" && e.Location == "body" {
				e.Message = ui.T(words, "request.json") // the decoder found what is wrong
			}
		}
		return p
	}
}

package api

import (
	"context"
	"net/url"

	"github.com/google/uuid"

	"comptant/hq/ui"
)

// LabelPage is shelf labels as a browser prints them.
type LabelPage struct {
	ContentType string `header:"Content-Type" hidden:"true"`
	Policy      string `header:"Content-Security-Policy" hidden:"true"`
	Body        []byte
}

func (s *site) getLabels(ctx context.Context, in *struct {
	Store    uuid.UUID `query:"store" doc:"Prices of this store; of every store when it is not said"`
	Q        string    `query:"q" maxLength:"200" doc:"Words that the SKU and the names have"`
	Category uuid.UUID `query:"category"`
	Since    string    `query:"since" format:"date" doc:"Only products whose price changed since this day"`
	Codes    string    `query:"codes" maxLength:"10000" doc:"SKUs or barcodes, with spaces between them"`
},
) (*LabelPage, error) {
	asked := url.Values{}
	for name, value := range map[string]string{"q": in.Q, "since": in.Since, "codes": in.Codes} {
		asked.Set(name, value)
	}
	for name, id := range map[string]uuid.UUID{"store": in.Store, "category": in.Category} {
		if id != uuid.Nil {
			asked.Set(name, id.String())
		}
	}
	if in.Store != uuid.Nil {
		if _, err := s.location(ctx, in.Store); err != nil {
			return nil, invalid("location.unknown", "id", in.Store)
		}
	}
	page, err := s.Labels(ctx, asked)
	return &LabelPage{"text/html; charset=utf-8", ui.ContentSecurityPolicy, page}, err
}

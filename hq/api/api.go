package api

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/importer"
	"comptant/hq/intake"
	"comptant/hq/order"
	"comptant/hq/shop"
	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/retail"
)

const (
	// Root is where the operations are, Docs where people read about them.
	Root = "/api/v1"
	Docs = "/api/docs"

	bodyLimit = 256 << 10        // bytes
	patience  = 30 * time.Second // for an answer
)

// Config is what the API works with.
type Config struct {
	DB     *db.DB
	Tokens *users.TokenDesk
	// Places and Products are remembered.
	Places   *stock.Places
	Products *catalog.Products
	Journal  *intake.Desk
	Orders   *order.Desk
	Shop     *shop.Shop
	Imports  *importer.Desk
	// Mail hands a message over to be sent; nil where no mail is set up.
	Mail func(ctx context.Context, to, subject, text string) error
	// URL is where people find the dashboard, without a slash at the end, for links in messages.
	URL string
	// Watch answers at Metrics whoever may read them.
	Watch http.Handler
	// Labels is a page of shelf labels for what is asked, as the dashboard prints them.
	Labels func(ctx context.Context, asked url.Values) (page []byte, err error)
	// Origins are those of other sites whose scripts may use the API, such as https://tools.example.com.
	Origins []string
	// Version is that of the program.
	Version string
	Now     func() time.Time
	Log     *slog.Logger
}

type site struct {
	Config
	api      huma.API
	limits   limits
	levels   *stock.Window
	sessions *users.Sessions
}

// New answers everything below /api/, and Metrics.
func New(c Config) (http.Handler, error) {
	s := &site{Config: c, levels: stock.NewWindow(c.DB), sessions: users.NewSessions(c.DB, c.Now)}
	mux := http.NewServeMux()
	s.api = humago.NewWithPrefix(mux, Root, config(c.Version))
	s.api.UseMiddleware(s.signedIn)
	s.operations()
	s.patchOperations(mux)
	if err := s.reference(mux); err != nil {
		return nil, err
	}
	mux.Handle("GET "+Metrics, s.watched(s.Watch))
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) { s.stray(mux, w, r) })
	return shared(c.Origins, guarded(ui.Legible(s.legible(mux), s.illegible))), nil
}

// operations is every operation of the API.
func (s *site) operations() {
	s.productOperations()
	s.priceOperations()
	s.categoryOperations()
	s.storeOperations()
	s.stockOperations()
	s.worthOperations()
	s.restockOperations()
	s.purchaseOperations()
	s.receiptOperations()
	s.reportOperations()
	s.tillOperations()
	s.userOperations()
	s.customerOperations()
	s.orderOperations()
	s.journalOperations()
	s.tokenOperations()
	s.importOperations()
}

func init() {
	// A list that is empty is written as one, and never as null.
	huma.DefaultArrayNullable = false
}

func config(version string) huma.Config {
	schemas := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	schemas.RegisterTypeAlias(reflect.TypeFor[uuid.UUID](), reflect.TypeFor[id]())
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info:    &huma.Info{Title: "Comptant", Version: version, Description: description},
			Components: &huma.Components{
				Schemas: schemas,
				SecuritySchemes: map[string]*huma.SecurityScheme{
					tokenScheme: {Type: "http", Scheme: "bearer", Description: "A token of `hq token add`. What follows its name at an operation is the scope it needs."},
				},
			},
			Tags: []*huma.Tag{
				{Name: tagProducts},
				{Name: tagPrices},
				{Name: tagCategories},
				{Name: tagStores},
				{Name: tagStock},
				{Name: tagRestocks},
				{Name: tagPurchases},
				{Name: tagSales},
				{Name: tagTills},
				{Name: tagUsers},
				{Name: tagCustomers},
				{Name: tagOrders},
				{Name: tagJournal},
				{Name: tagTokens},
				{Name: tagImports},
			},
		},
		Formats: map[string]huma.Format{"application/json": format, "json": format}, DefaultFormat: "application/json", RejectUnknownQueryParameters: true,
	}
}

// The parts of the document.
const (
	tagProducts   = "products"
	tagPrices     = "prices"
	tagCategories = "categories"
	tagStores     = "stores"
	tagStock      = "stock"
	tagRestocks   = "restocks"
	tagPurchases  = "purchases"
	tagSales      = "sales"
	tagTills      = "tills"
	tagUsers      = "users"
	tagCustomers  = "customers"
	tagOrders     = "orders"
	tagJournal    = "journal"
	tagTokens     = "tokens"
	tagImports    = "imports"
)

const description = `What the dashboard of headquarters does, for programs.

Money is whole minor units with a currency: 1149 CAD is 11.49 $. Quantities are thousandths: 2 pieces are 2000, 1.240 kg is 1240.
Times are UTC (RFC 3339); a business date is the day a till's shift opened where the store is.`

// id is how the document describes a UUID.
type id struct{}

// Schema is what huma asks for.
func (id) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "uuid"}
}

// guarded is around every answer: its limits, its language, and what tells browsers to be careful with it.
func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		ctx, cancel := context.WithTimeout(r.Context(), patienceWith(r.URL.Path))
		defer cancel()
		var inner *http.Request
		ui.Preferences(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			inner = r
			next.ServeHTTP(w, r)
		})).ServeHTTP(w, r.WithContext(ctx))
		r.Pattern = inner.Pattern // for who measures
	})
}

// patienceWith is how long an answer may take. Files come in slowly, and every entry there is takes its time.
func patienceWith(path string) time.Duration {
	switch path {
	case Root + importPath, Root + "/journal/faults", Root + "/journal/export":
		return uploadTime
	}
	return patience
}

// legible refuses a body with NUL in a text, which Postgres keeps in no column, before anything is done with it. What is not UTF-8 is no
// JSON; the codec says so.
func (s *site) legible(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); r.Body == http.NoBody || strings.HasPrefix(kind, "image/") || kind == "text/csv" {
			next.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(io.LimitReader(r.Body, bodyLimit+1)) // what is longer is refused by its operation
		if err == nil && bytes.Contains(body, []byte(`\u0000`)) {
			s.illegible(w, r)
			return
		}
		r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), r.Body))
		next.ServeHTTP(w, r)
	})
}

func (s *site) illegible(w http.ResponseWriter, r *http.Request) {
	s.write(w, s.problem(r.Context(), &retail.Error{Code: retail.Invalid, Key: "error.invalid"}))
}

func (s *site) write(w http.ResponseWriter, p *huma.ErrorModel) {
	w.Header().Set("Content-Type", problemJSON)
	w.WriteHeader(p.Status)
	if err := huma.DefaultJSONFormat.Marshal(w, p); err != nil {
		s.Log.Debug("answer", "error", fmt.Errorf("write: %w", err)) // the client has gone
	}
}

// stray answers what no operation is for: an address that is none, or a method that it has not.
func (s *site) stray(mux *http.ServeMux, w http.ResponseWriter, r *http.Request) {
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		other := r.Clone(r.Context())
		other.Method = method
		if _, pattern := mux.Handler(other); strings.HasPrefix(pattern, method+" ") {
			allowed = append(allowed, method)
		}
	}
	p := s.problem(r.Context(), &retail.Error{Code: retail.NotFound, Key: "error.address"})
	if len(allowed) > 0 {
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		p.Status, p.Title = http.StatusMethodNotAllowed, http.StatusText(http.StatusMethodNotAllowed)
		p.Type, p.Detail = problemType("error.method"), ui.T(r.Context(), "error.method")
	}
	s.write(w, p)
}

package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/server"
	"comptant/hq/stock"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
)

type pricesCmd struct {
	List   pricesListCmd   `cmd:"" help:"List the versions of prices, those to come first."`
	Add    pricesAddCmd    `cmd:"" help:"Change prices together, at once or from a moment on. Prints the version."`
	Cancel pricesCancelCmd `cmd:"" help:"Take back a version that is still to come."`
}

type pricesListCmd struct {
	Limit int  `default:"20" help:"At most so many."`
	JSON  bool `name:"json" help:"Print JSON."`
}

// bookRow is a price book as the list shows it.
type bookRow struct {
	Version int64             `json:"version"`
	From    time.Time         `json:"from"`
	State   catalog.BookState `json:"state"`
	Store   string            `json:"store,omitempty"` // its code; every store when it is empty
	Lines   int               `json:"lines"`
}

func (p pricesListCmd) Run(ctx context.Context, c *cli) error {
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	zone, err := storeZone(ctx, s)
	if err != nil {
		return err
	}
	books, err := catalog.Books(ctx, s, time.Now(), p.Limit)
	if err != nil {
		return err
	}
	stores, err := stock.Stores(ctx, s)
	if err != nil {
		return err
	}
	codes := map[uuid.UUID]string{}
	for _, l := range stores {
		codes[l.ID] = l.Code
	}
	rows := make([]bookRow, len(books))
	for i, b := range books {
		rows[i] = bookRow{Version: b.Version, From: b.From.In(zone), State: b.State, Store: codes[b.Store], Lines: b.Lines}
	}
	if p.JSON {
		return json.NewEncoder(os.Stdout).Encode(rows)
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "VERSION\tFROM\tSTATE\tSTORE\tPRICES")
	for _, r := range rows {
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%d\n", r.Version, r.From.Format(time.DateTime), r.State, cmp.Or(r.Store, "all"), r.Lines)
	}
	return w.Flush()
}

// storeZone is the time zone of the first store: that in which moments are typed and shown.
func storeZone(ctx context.Context, s *server.Store) (*time.Location, error) {
	stores, err := stock.Stores(ctx, s)
	if err != nil || len(stores) == 0 {
		return time.Local, err
	}
	return time.LoadLocation(stores[0].Zone)
}

type pricesAddCmd struct {
	Prices []string `arg:"" name:"sku=price" help:"Products and their new prices, for example 204310=9.99. In a store 204310=everywhere ends its own price."`
	Store  string   `placeholder:"CODE" help:"The store that alone has these prices. Without it: every store that has none of its own."`
	From   string   `placeholder:"\"YYYY-MM-DD HH:MM:SS\"" help:"When they take effect, in the first store's time zone. Without it: at once."`
	output
}

func (p pricesAddCmd) Run(ctx context.Context, c *cli) error {
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	from := time.Now()
	if p.From != "" {
		zone, err := storeZone(ctx, s)
		if err != nil {
			return err
		}
		if from, err = time.ParseInLocation(time.DateTime, p.From, zone); err != nil {
			return fmt.Errorf("read --from: %w", err)
		}
	}
	store, err := storeCoded(ctx, s, p.Store)
	if err != nil {
		return err
	}
	lines := make([]retail.PriceLine, len(p.Prices))
	for i, text := range p.Prices {
		if lines[i], err = priceLine(ctx, s, text); err != nil {
			return err
		}
	}
	var version int64
	err = change(ctx, s, func(tx *db.Tx) (c users.Change, err error) {
		version, err = catalog.AddBook(ctx, tx, time.Now(), from, store, lines)
		return users.Change{
			Kind: users.DidPlanPrices, Subject: strconv.FormatInt(version, 10), Title: strings.Join(p.Prices, ", "),
			After: map[string]any{"from": from, "store": p.Store},
		}, err
	})
	if err != nil {
		return err
	}
	return p.say(map[string]any{"version": version, "from": from}, "%d", version)
}

// storeCoded is the store with a code; the zero id for none.
func storeCoded(ctx context.Context, s *server.Store, code string) (uuid.UUID, error) {
	if code == "" {
		return uuid.Nil, nil
	}
	stores, err := stock.Stores(ctx, s)
	if err != nil {
		return uuid.Nil, err
	}
	for _, l := range stores {
		if l.Code == code {
			return l.ID, nil
		}
	}
	return uuid.Nil, fmt.Errorf("no store has the code %s", code)
}

// priceLine reads SKU=PRICE, or SKU=everywhere; a barcode does as well.
func priceLine(ctx context.Context, s *server.Store, text string) (retail.PriceLine, error) {
	code, amount, ok := strings.Cut(text, "=")
	if !ok {
		return retail.PriceLine{}, fmt.Errorf("%q is not SKU=PRICE", text)
	}
	line := retail.PriceLine{Everywhere: amount == "everywhere"}
	var err error
	if !line.Everywhere {
		if line.Price, err = money.Parse(amount); err != nil {
			return line, fmt.Errorf("price of %s: %w", code, err)
		}
	}
	product, err := catalog.ByCode(ctx, s, code)
	if err != nil {
		return retail.PriceLine{}, fmt.Errorf("price of %s: %w", code, err)
	}
	line.Product = product.ID
	return line, nil
}

type pricesCancelCmd struct {
	Version int64 `arg:"" help:"The version, from hq prices list."`
}

func (p pricesCancelCmd) Run(ctx context.Context, c *cli) error {
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	err = change(ctx, s, func(tx *db.Tx) (users.Change, error) {
		version := strconv.FormatInt(p.Version, 10)
		return users.Change{Kind: users.DidCancelPrices, Subject: version, Title: version}, catalog.CancelBook(ctx, tx, time.Now(), p.Version)
	})
	if err != nil {
		return err
	}
	fmt.Println("Canceled. A till that is offline and already has it will turn to it all the same.")
	return nil
}

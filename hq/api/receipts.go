package api

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/sales"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// Receipt is a sale, a refund or a void. Amounts and quantities of the last two are negative.
type Receipt struct {
	ID           string         `json:"id" doc:"Its name in the address of one receipt"`
	Number       string         `json:"number" doc:"As it is printed" example:"CV-01-1-000042"`
	Kind         string         `json:"kind" enum:"sale,refund,void"`
	Store        uuid.UUID      `json:"store"`
	Till         uuid.UUID      `json:"till"`
	BusinessDate string         `json:"business_date" format:"date"`
	At           time.Time      `json:"at"`
	Cashier      uuid.UUID      `json:"cashier"`
	Customer     *uuid.UUID     `json:"customer,omitempty"`
	Units        money.Quantity `json:"units" doc:"Thousandths"`
	Revenue      Money          `json:"revenue" doc:"Lines after discounts, before taxes and charges"`
	Discount     Money          `json:"discount"`
	Cost         Money          `json:"cost"`
	Charges      Money          `json:"charges" doc:"Deposits and fees, before taxes"`
	Taxes        []Tax          `json:"taxes"`
	Total        Money          `json:"total" doc:"With charges and taxes, before cash rounding"`
	Rounding     Money          `json:"rounding" doc:"What cash rounding added"`
	Cash         Money          `json:"cash"`
	Card         Money          `json:"card"`
	Online       Money          `json:"online" doc:"Paid to the shop"`
}

// Tax is what a tax comes to.
type Tax struct {
	Code   string     `json:"code" example:"TVQ"`
	Rate   money.Rate `json:"rate" doc:"Per 100,000" example:"9975"`
	Base   Money      `json:"base"`
	Amount Money      `json:"amount"`
}

// ReceiptInFull is a receipt with its lines.
type ReceiptInFull struct {
	Receipt
	Lines []ReceiptLine `json:"lines"`
}

// ReceiptLine is one product of a receipt.
type ReceiptLine struct {
	Product  uuid.UUID      `json:"product"`
	SKU      string         `json:"sku,omitempty"`
	Name     Text           `json:"name"`
	Quantity money.Quantity `json:"quantity" doc:"Thousandths"`
	Revenue  Money          `json:"revenue"`
	Discount Money          `json:"discount"`
	Cost     Money          `json:"cost"`
}

// counter is what receipts name: stores, and the numbers of tills.
type counter struct {
	stores  map[uuid.UUID]retail.Location
	numbers map[uuid.UUID]int
}

func (s *site) counter(ctx context.Context) (counter, []retail.Location, error) {
	c := counter{map[uuid.UUID]retail.Location{}, map[uuid.UUID]int{}}
	stores, err := sales.Sellers(ctx, s.DB)
	if err != nil {
		return c, nil, err
	}
	for _, l := range stores {
		c.stores[l.ID] = l
	}
	tills, err := s.Journal.List(ctx)
	for _, t := range tills {
		c.numbers[t.ID] = t.Number
	}
	return c, stores, err
}

func (c counter) receipt(r sales.Receipt) Receipt {
	store := c.stores[r.Store]
	in := func(a money.Amount) Money { return Money{a, store.PaysIn()} }
	kind := "sale"
	switch {
	case r.Void:
		kind = "void"
	case r.Refund:
		kind = "refund"
	}
	return Receipt{
		ID:     fmt.Sprintf("%s_%s_%s_%d-%d-%d", r.Store, r.BusinessDate, r.Till, r.Epoch, r.Seq, r.Branch),
		Number: retail.ReceiptCode(store.Code, c.numbers[r.Till], r.Epoch, r.Number), Kind: kind, Store: r.Store, Till: r.Till,
		BusinessDate: r.BusinessDate.String(), At: r.At.UTC(), Cashier: r.User, Customer: r.Customer, Units: r.Units,
		Revenue: in(r.Revenue), Discount: in(r.Discount), Cost: in(r.Cost), Charges: in(r.Charges), Taxes: taxes(r.Taxes, in),
		Total: in(r.Total), Rounding: in(r.Rounding), Cash: in(r.Cash), Card: in(r.Card), Online: in(r.Online),
	}
}

func taxes(all []sales.Tax, in func(money.Amount) Money) []Tax {
	return each(all, func(t sales.Tax) Tax { return Tax{t.Code, t.Rate, in(t.Base), in(t.Amount)} })
}

func (s *site) receiptOperations() {
	op := func(path, id, summary string) huma.Operation {
		return huma.Operation{Method: http.MethodGet, Path: path, OperationID: id, Summary: summary, Tags: []string{tagSales}}
	}
	add(s, users.ReadSales, op("/sales/receipts", "list-receipts", "Sales and refunds, the newest first"), s.listReceipts)
	add(s, users.ReadSales, op("/sales/receipts/{receipt}", "get-receipt", "One receipt with its lines"), s.getReceipt)
	add(s, users.ReadSales, op("/sales/shifts", "list-shifts", "The shifts of a store's tills, the newest first"), s.listShifts)
}

// Days chooses a span of business dates and the stores.
type Days struct {
	From  string    `query:"from" format:"date" doc:"First business date; today where the stores are when it is not said"`
	To    string    `query:"to" format:"date" doc:"Last business date; that of from, or today, when it is not said"`
	Store uuid.UUID `query:"store" doc:"One store; all when it is not said"`
}

// filter is what the days say.
func (s *site) filter(d Days, stores []retail.Location) (f sales.Filter, err error) {
	f.Stores = stores
	if d.Store != uuid.Nil {
		f.Stores = nil
		for _, l := range stores {
			if l.ID == d.Store {
				f.Stores = []retail.Location{l}
			}
		}
		if f.Stores == nil {
			return f, invalid("location.unknown", "id", d.Store)
		}
	}
	today := func() retail.Date { return s.today(f.Stores) }
	if f.From, err = day(d.From, today); err == nil {
		f.To, err = day(d.To, func() retail.Date { return max(f.From, today()) })
	}
	return f, err
}

func (s *site) listReceipts(ctx context.Context, in *struct {
	Paging
	Days
},
) (*List[Receipt], error) {
	c, stores, err := s.counter(ctx)
	if err != nil {
		return nil, err
	}
	f, err := s.filter(in.Days, stores)
	if err != nil {
		return nil, err
	}
	page, err := sales.Receipts(ctx, s.DB, sales.ReceiptFilter{
		Stores: each(f.Stores, func(l retail.Location) uuid.UUID { return l.ID }), Period: f.Period, Before: in.Cursor, Limit: in.Limit,
	})
	if err != nil {
		return nil, err
	}
	return list(each(page.Receipts, c.receipt), page.Next), nil
}

// receiptKey reads the id of a receipt.
func receiptKey(id string) (key sales.Key, err error) {
	unknown := &retail.Error{Code: retail.NotFound, Key: "receipt.unknown", Args: map[string]any{"id": id}}
	parts := strings.Split(id, "_")
	if len(parts) != 4 {
		return key, unknown
	}
	place := strings.Split(parts[3], "-")
	if len(place) != 3 {
		return key, unknown
	}
	var numbers [3]uint64
	for i, text := range place {
		if numbers[i], err = strconv.ParseUint(text, 10, 31); err != nil {
			return key, unknown
		}
	}
	key.Epoch, key.Seq, key.Branch = numbers[0], numbers[1], int(numbers[2])
	if key.Store, err = uuid.Parse(parts[0]); err == nil {
		if key.BusinessDate, err = retail.ParseDate(parts[1]); err == nil {
			key.Till, err = uuid.Parse(parts[2])
		}
	}
	if err != nil {
		return key, unknown
	}
	return key, nil
}

func (s *site) getReceipt(ctx context.Context, in *struct {
	IfChanged
	Receipt string `path:"receipt" maxLength:"200"`
},
) (*One[ReceiptInFull], error) {
	key, err := receiptKey(in.Receipt)
	if err != nil {
		return nil, err
	}
	c, _, err := s.counter(ctx)
	if err != nil {
		return nil, err
	}
	found, lines, err := sales.OneReceipt(ctx, s.DB, key)
	if err != nil {
		return nil, err
	}
	products, err := catalog.ByID(ctx, s.DB, each(lines, func(l sales.Line) uuid.UUID { return l.Product }))
	if err != nil {
		return nil, err
	}
	full := ReceiptInFull{Receipt: c.receipt(found)}
	currency := full.Revenue.Currency
	full.Lines = each(lines, func(l sales.Line) ReceiptLine {
		p := products[l.Product]
		return ReceiptLine{l.Product, p.SKU, Text(p.Name), l.Quantity, Money{l.Revenue, currency}, Money{l.Discount, currency}, Money{l.Cost, currency}}
	})
	return ask(in.IfChanged, full)
}

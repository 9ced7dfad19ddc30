package web

import (
	"bytes"
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/sales"
	"comptant/hq/ui"
	"comptant/shared/retail"
)

// everything is more products than anybody sells.
const everything = 1_000_000

func (s *site) reportCSV(w http.ResponseWriter, r *http.Request) error {
	return s.exportReport(w, r, "csv")
}

func (s *site) reportXLSX(w http.ResponseWriter, r *http.Request) error {
	return s.exportReport(w, r, "xlsx")
}

func (s *site) exportReport(w http.ResponseWriter, r *http.Request, kind string) error {
	ctx := r.Context()
	f, report, err := s.readReport(r)
	if err != nil {
		return err
	}
	ids := make([]uuid.UUID, len(report.Best))
	for i, b := range report.Best {
		ids[i] = b.Product
	}
	products, err := catalog.ByID(ctx, s.DB, ids)
	if err != nil {
		return err
	}
	export := sales.Export{Report: report, Lang: ui.Lang(ctx), Product: func(id uuid.UUID) (sku, name string) {
		return products[id].SKU, language(ctx, products[id].Name)
	}}
	return sendFile(w, export.File(), fmt.Sprintf("comptant-%s-%s", f.From, f.To), f, kind)
}

// sendFile sends tables as "csv" or "xlsx". Where stores pay in several currencies the file's name says which one it is about.
func sendFile(w http.ResponseWriter, file sales.File, name string, f reportFilter, kind string) error {
	if len(retail.PaidIn(f.all)) > 1 {
		name += "-" + f.Stores[0].PaysIn()
	}
	write, media := file.WriteCSV, "text/csv; charset=utf-8"
	if kind == "xlsx" {
		write, media = file.WriteXLSX, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	var body bytes.Buffer
	if err := write(&body); err != nil {
		return err
	}
	download(w, name+"."+kind, media, &body)
	return nil
}

// stockCSV is the matrix with all its products, as the page is filtered.
func (s *site) stockCSV(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	list, err := s.stockList(r, everything)
	if err != nil {
		return err
	}
	t := sales.Sheet{Head: []string{"SKU", ui.T(ctx, "stock.product")}}
	for _, l := range list.locations {
		t.Head = append(t.Head, list.names.of(l.ID))
	}
	t.Head = append(t.Head, ui.T(ctx, "stock.transit"), ui.T(ctx, "stock.promised"), ui.T(ctx, "stock.available"), ui.T(ctx, "stock.suggest"), ui.T(ctx, "stock.state"))
	for i, p := range list.Products {
		line := []any{p.SKU, language(ctx, p.Name)}
		for _, l := range list.locations {
			line = append(line, list.rows[i].At[l.ID].OnHand)
		}
		state := ""
		if p.RetiredAt != nil {
			state = ui.T(ctx, "stock.retired")
		}
		sum := list.rows[i].Sum(list.locations)
		t.Rows = append(t.Rows, append(line, sum.InTransit, sum.Reserved, sum.Available(), list.suggested(i), state))
	}
	var body bytes.Buffer
	if err := (sales.File{Sheets: []sales.Sheet{t}, Lang: ui.Lang(ctx)}).WriteCSV(&body); err != nil {
		return err
	}
	download(w, "comptant-stock-"+retail.DateOf(s.Now()).String()+".csv", "text/csv; charset=utf-8", &body)
	return nil
}

func download(w http.ResponseWriter, name, media string, body *bytes.Buffer) {
	w.Header().Set("Content-Type", media)
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
	_, _ = body.WriteTo(w) // the browser has gone
}

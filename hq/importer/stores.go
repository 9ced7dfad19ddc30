package importer

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/stock"
	"comptant/shared/retail"
)

// defaultZone is that of a new location of which the file does not say one.
const defaultZone = "America/Toronto"

// storeRow is a row of a stores file. What is empty, or 0, leaves what is known as it is.
type storeRow struct {
	line                int
	code, name, address string
	zone, currency      string
	kind                retail.LocationKind
}

func (p *parser) store(r row) (err error) {
	v := storeRow{line: r.line}
	id, _ := r.get(colStore)
	if v.code, err = storeCode(id); err != nil {
		return err
	}
	if v.name, err = r.text(colName, maxName, true); err != nil {
		return err
	}
	if v.address, err = r.text(colAddress, maxName, false); err != nil {
		return err
	}
	if city, _ := r.get(colCity); city != "" {
		v.address = strings.TrimPrefix(v.address+", "+city, ", ")
	}
	if v.zone, _ = r.get(colZone); v.zone != "" {
		if _, err := time.LoadLocation(v.zone); err != nil || v.zone == "Local" {
			return fmt.Errorf("time zone: %q is not one, such as America/Toronto", v.zone)
		}
	}
	currency, _ := r.get(colCurrency)
	v.currency = strings.ToUpper(currency)
	if v.kind, err = r.locationKind(); err != nil {
		return err
	}
	if err := p.first("store", v.code, r.line); err != nil {
		return err
	}
	if err := p.first("name", v.name, r.line); err != nil {
		return err
	}
	p.file.stores = append(p.file.stores, v)
	return nil
}

var codeForm = regexp.MustCompile(`^[A-Z0-9]{2,4}$`)

// storeCode makes the code that is printed in receipt numbers out of what a file calls a store: "cv" is CV, 1 is 01.
func storeCode(id string) (string, error) {
	if id == "" {
		return "", errors.New("no store")
	}
	code := strings.ToUpper(id)
	if len(code) == 1 {
		code = "0" + code
	}
	if !codeForm.MatchString(code) {
		return "", fmt.Errorf("store: %q is not a code of 2 to 4 letters or digits", id)
	}
	return code, nil
}

var locationKinds = map[string]retail.LocationKind{
	"store": retail.LocationStore, "retail": retail.LocationStore, "magasin": retail.LocationStore, "1": retail.LocationStore,
	"warehouse": retail.LocationWarehouse, "entrepot": retail.LocationWarehouse, "depot": retail.LocationWarehouse,
	"2": retail.LocationWarehouse,
}

func (r row) locationKind() (retail.LocationKind, error) {
	s, _ := r.get(colType)
	if s == "" {
		return 0, nil
	}
	kind, known := locationKinds[fold(s)]
	if !known {
		return 0, fmt.Errorf("type: %q is neither store nor warehouse", s)
	}
	return kind, nil
}

func (f *File) compareStores(ctx context.Context, tx *db.Tx, plan *Plan) error {
	all, err := stock.Locations(ctx, tx)
	if err != nil {
		return err
	}
	byCode, byName := map[string]retail.Location{}, map[string]string{}
	for _, l := range all {
		byCode[l.Code], byName[l.Name] = l, l.Code
	}
	for _, r := range f.stores {
		if l, known := byCode[r.code]; known {
			delete(byName, l.Name) // it may get another one
		}
	}
	currencies, err := catalog.Currencies(ctx, tx)
	if err != nil {
		return err
	}
	var locations []retail.Location
	for _, r := range f.stores {
		before, exists := byCode[r.code]
		l := before
		if !exists {
			l = retail.Location{ID: newID("location", r.code), Kind: retail.LocationStore, Code: r.code, Zone: defaultZone}
		}
		r.change(&l)
		if r.currency != "" && !slices.ContainsFunc(currencies, func(c retail.Currency) bool { return c.Code == r.currency }) {
			plan.bad(r.line, "currency: nothing is known of %q", r.currency)
		}
		if other, taken := byName[l.Name]; taken {
			plan.bad(r.line, "name: %q is that of %s", l.Name, other)
		}
		plan.count(exists, l == before)
		if l != before {
			locations = append(locations, l)
		}
	}
	plan.write = func(ctx context.Context, tx *db.Tx, _ time.Time) error {
		return stock.PutLocations(ctx, tx, locations...)
	}
	return nil
}

func (r storeRow) change(l *retail.Location) {
	l.Name = r.name
	if r.address != "" {
		l.Address = r.address
	}
	if r.zone != "" {
		l.Zone = r.zone
	}
	switch r.currency {
	case "":
	case retail.DefaultCurrency:
		l.Currency = ""
	default:
		l.Currency = r.currency
	}
	if r.kind != 0 {
		l.Kind = r.kind
	}
}

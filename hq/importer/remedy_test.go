package importer

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestABadRowSaysItsColumnValueAndRemedy(t *testing.T) {
	for reason, want := range map[string][3]string{
		`price: amount "abc": not a number`:                                                     {"price", "abc", "number"},
		`price: amount "1,234": thousands or decimals? write 1234.00 or 1,234.00`:               {"price", "1,234", "ambiguous"},
		`price: "-2.00" is below zero`:                                                          {"price", "-2.00", "number"},
		`no SKU`:                                                                                {"SKU", "", "missing"},
		`no price: the product is new, and the file has no column for it`:                       {"price", "", "missing"},
		`barcode: "40" is not an EAN or UPC with a right check digit`:                           {"barcode", "40", "barcode"},
		`barcode 4006381333931 is that of the product with SKU A`:                               {"barcode", "", "taken"},
		`SKU 1 is on line 2 already`:                                                            {"SKU", "", "twice"},
		`3 fields, and 8 headings`:                                                              {"", "", "fields"},
		`the quotes are not closed, or not doubled within a field`:                              {"", "", "quotes"},
		`the name has 201 characters, 200 at most`:                                              {"name", "", "long"},
		`time zone: "Mars/Base" is not one, such as America/Toronto`:                            {"time zone", "Mars/Base", "value"},
		`time: "25:00" is not a time such as 14:32`:                                             {"time", "25:00", "day"},
		`date: day or month first? write 2026-11-22`:                                            {"date", "", "day_order"},
		`there is no store "9"`:                                                                 {"store", "9", "store"},
		`no store: the file must say which, as there are several`:                               {"store", "", "missing"},
		`there is no product "5\" nail"`:                                                        {"SKU", `5" nail`, "product"},
		`charges: there is no BOTTLE`:                                                           {"charges", "", "charge"},
		`receipt 8 of 2025-03-01 is there with other figures: sales of before do not change`:    {"receipt", "", "receipt"},
		`the correction is there with other figures: corrections of before do not change`:       {"", "", "receipt"},
		`tax: "perhaps" is none of taxable, zero-rated, exempt`:                                 {"tax", "perhaps", "value"},
		`tax rule: "x" is not of the form group:6:zero-rated`:                                   {"tax rule", "x", "value"},
		`rate: "a" is not a percentage from 0 to 100, with three decimals at most`:              {"rate", "a", "number"},
		`no number, e-mail or phone to know the customer by`:                                    {"", "", "missing"},
		`TPS from 2026-01-01 is still charged when that from 2026-02-01 begins: give it an end`: {"", "", "value"},
	} {
		b := Bad{2, reason}
		require.Equal(t, want, [3]string{b.Column(), b.Value(), string(b.Remedy())}, reason)
	}
}

package web

import "comptant/hq/importer"

// kindWords are what files list.
var kindWords = map[importer.Kind]string{
	importer.Stores:      "import.kind_stores",
	importer.Charges:     "import.kind_charges",
	importer.Taxes:       "import.kind_taxes",
	importer.Products:    "import.kind_products",
	importer.Prices:      "import.kind_prices",
	importer.Barcodes:    "import.kind_barcodes",
	importer.Stock:       "import.kind_stock",
	importer.Customers:   "import.kind_customers",
	importer.Sales:       "import.kind_sales",
	importer.Adjustments: "import.kind_adjustments",
}

// workWords are what is done to a file.
var workWords = map[importer.State]string{
	importer.Checking: "import.state_checking", importer.Importing: "import.state_importing",
}

// remedyWords say what to do about a bad row.
var remedyWords = map[importer.Remedy]string{
	"ambiguous": "import.do_ambiguous",
	"barcode":   "import.do_barcode",
	"charge":    "import.do_charge",
	"day":       "import.do_day",
	"day_order": "import.do_day_order",
	"fields":    "import.do_fields",
	"long":      "import.do_long",
	"missing":   "import.do_missing",
	"number":    "import.do_number",
	"product":   "import.do_product",
	"quotes":    "import.do_quotes",
	"receipt":   "import.do_receipt",
	"store":     "import.do_store",
	"taken":     "import.do_taken",
	"twice":     "import.do_twice",
	"value":     "import.do_value",
}

// columnWords are the columns of all kinds of file.
var columnWords = map[string]string{
	"SKU":           "import.column_sku",
	"name":          "import.column_name",
	"French name":   "import.column_french_name",
	"English name":  "import.column_english_name",
	"category":      "import.column_category",
	"cost":          "import.column_cost",
	"price":         "import.column_price",
	"barcode":       "import.column_barcode",
	"tax":           "import.column_tax",
	"pack":          "import.column_pack",
	"open price":    "import.column_open_price",
	"weighed":       "import.column_weighed",
	"label":         "import.column_label",
	"store":         "import.column_store",
	"city":          "import.column_city",
	"address":       "import.column_address",
	"time zone":     "import.column_time_zone",
	"currency":      "import.column_currency",
	"type":          "import.column_type",
	"stock on hand": "import.column_stock_on_hand",
	"code":          "import.column_code",
	"charges":       "import.column_charges",
	"tax exempt":    "import.column_tax_exempt",
	"tax rule":      "import.column_tax_rule",
	"rate":          "import.column_rate",
	"classes":       "import.column_classes",
	"from":          "import.column_from",
	"to":            "import.column_to",
	"included":      "import.column_included",
	"registration":  "import.column_registration",
	"place":         "import.column_place",
	"first name":    "import.column_first_name",
	"phone":         "import.column_phone",
	"e-mail":        "import.column_e_mail",
	"receipt":       "import.column_receipt",
	"date":          "import.column_date",
	"time":          "import.column_time",
	"quantity":      "import.column_quantity",
	"amount":        "import.column_amount",
	"tender":        "import.column_tender",
	"cashier":       "import.column_cashier",
	"change":        "import.column_change",
	"waste":         "import.column_waste",
	"cause":         "import.column_cause",
}

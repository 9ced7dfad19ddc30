package retail

import (
	"comptant/shared/money"

	"github.com/google/uuid"
)

// RowType is the type of a feed row. The numbers are sent to tills and never reused; a till keeps and skips a type it
// does not know.
type RowType uint16

// Rows of the global feed.
const (
	RowLocation RowType = 1
	RowCategory RowType = 2
	RowProduct  RowType = 3
	RowTaxRate  RowType = 4
	// RowDepot is the central stock of a product; its id is the product's.
	RowDepot RowType = 5
	// RowPriceBook is a part of a price book that takes effect later; under the nil id, the version that the product rows
	// hold.
	RowPriceBook RowType = 6
	// RowRights is what a role does at the tills without an approval.
	RowRights RowType = 7
	// RowCurrency is a Currency.
	RowCurrency RowType = 8
	// RowElsewhere is how much each store has of a product; its id is the product's.
	RowElsewhere RowType = 50
)

// Rows of a store's feed.
const (
	// RowStock is the store's stock of a product as headquarters knows it; its id is the product's.
	RowStock    RowType = 20
	RowStaff    RowType = 21
	RowRestock  RowType = 22
	RowShipment RowType = 23
	// RowMark says which entries of a till the stock rows already include; its id is the till's.
	RowMark RowType = 24
	// RowSent is a Sent: a transfer that the store sent to another.
	RowSent RowType = 25
	// RowOrder is an Order that the store is asked to prepare, until it is handed over, cancelled or asked of another.
	RowOrder RowType = 61
	// RowCustomer is a Customer who came here; one who was erased has nothing but the id.
	RowCustomer RowType = 60
	// RowStoreBook is a part of a PriceBook of the store that takes effect later; under the nil id, the version that the
	// RowStorePrice hold. A till of before it was there would take a RowPriceBook of this feed for one of every store.
	RowStoreBook RowType = 62
	// RowStorePrice is a StorePrice; its id is the product's.
	RowStorePrice RowType = 63
)

// Rows of a till's own feed.
const (
	// RowNotice is a Notice.
	RowNotice RowType = 40
	// RowHoldAsked is a HoldAsked for the till that sold, RowHoldGiven a HoldGiven for the till that asked; their id is
	// the hold's.
	RowHoldAsked RowType = 41
	RowHoldGiven RowType = 42
	// RowKnown is a Known, RowFound a ReceiptFound; their id is the till's.
	RowKnown RowType = 43
	RowFound RowType = 44
	// RowControl is a Control, RowLogAsked a LogAsked; their id is the till's.
	RowControl  RowType = 45
	RowLogAsked RowType = 46
)

// LocationKind tells stores from warehouses.
type LocationKind uint8

// The kinds of location.
const (
	LocationStore     LocationKind = 1
	LocationWarehouse LocationKind = 2
)

// Location is a store or warehouse.
type Location struct {
	ID   uuid.UUID    `cbor:"1,keyasint"`
	Kind LocationKind `cbor:"2,keyasint"`
	// Code is the short form printed in receipt numbers: two to four capital letters or digits.
	Code string `cbor:"3,keyasint"`
	Name string `cbor:"4,keyasint"`
	// Zone is the IANA time zone, for example America/Toronto.
	Zone    string `cbor:"5,keyasint"`
	Address string `cbor:"6,keyasint,omitempty"`
	// Currency is the code of what is paid there; empty for DefaultCurrency.
	Currency string `cbor:"7,keyasint,omitempty"`
}

// Text is a wording in both languages.
type Text struct {
	FR string `cbor:"1,keyasint"`
	EN string `cbor:"2,keyasint"`
}

// In is the wording in lang ("fr" or "en"), or the other one when it is empty.
func (t Text) In(lang string) string {
	if lang == "en" && t.EN != "" || t.FR == "" {
		return t.EN
	}
	return t.FR
}

// Category groups products on the till's tiles and in reports.
type Category struct {
	ID    uuid.UUID `cbor:"1,keyasint"`
	Name  Text      `cbor:"2,keyasint"`
	Order int       `cbor:"3,keyasint"`
}

// Product is what is sold.
type Product struct {
	ID       uuid.UUID `cbor:"1,keyasint"`
	SKU      string    `cbor:"2,keyasint"`
	Name     Text      `cbor:"3,keyasint"`
	Category uuid.UUID `cbor:"4,keyasint"`
	// Price is for one unit, or one kilogram when Weighed.
	Price money.Amount `cbor:"5,keyasint"`
	Class TaxClass     `cbor:"6,keyasint"`
	// Barcodes are in the canonical form of barcode.Normalize.
	Barcodes []string `cbor:"7,keyasint,omitempty"`
	// Pack is how many units one case holds; 1 when there are no cases.
	Pack    int  `cbor:"8,keyasint,omitempty"`
	Weighed bool `cbor:"9,keyasint,omitempty"`
	// MadeHere products (coffee, sandwiches) hold no stock.
	MadeHere bool `cbor:"10,keyasint,omitempty"`
	// Favourite orders the first page of tiles; 0 is not on it.
	Favourite int `cbor:"11,keyasint,omitempty"`
	// OpenPrice products have no price of their own: the till asks for it.
	OpenPrice bool `cbor:"12,keyasint,omitempty"`
	// Label is what the last digits of the labels say that a scale prints for it.
	Label Label `cbor:"13,keyasint,omitempty"`
	// Charges are what one unit carries besides its price. Rule is where Class depends on what else is in the sale.
	Charges []Charge  `cbor:"14,keyasint,omitempty"`
	Rule    ClassRule `cbor:"15,keyasint,omitzero"`
}

// Label is what the last digits of a label say.
type Label uint8

// The labels: grams, cents, cents with a check digit of their own before them.
const (
	LabelWeight  Label = 1
	LabelPrice   Label = 2
	LabelChecked Label = 3
)

// PriceBook is prices that take effect together. Of those in force, the one with the latest From prices a product that it
// names, of two with the same From the higher version; what none names has the price of its own row. The books of a store are
// read in the same way, before and apart from those of every store, which price what has no price of its own there.
type PriceBook struct {
	Version uint64 `cbor:"1,keyasint"`
	// From is when it takes effect, in milliseconds since 1970, UTC. 0: it has, whatever a till's clock says, and the
	// product rows (the rows of a store's prices) hold its prices.
	From  int64       `cbor:"2,keyasint,omitempty"`
	Lines []PriceLine `cbor:"3,keyasint,omitempty"`
	// Since is when a book whose From is 0 took effect: of the versions of every store and of one, the newest is in force.
	Since int64 `cbor:"4,keyasint,omitempty"`
}

// PriceLine is the price of one product in a price book.
type PriceLine struct {
	Product uuid.UUID    `cbor:"1,keyasint"`
	Price   money.Amount `cbor:"2,keyasint"`
	// Everywhere, in a book of a store, ends the price the product has of its own there: it costs what it costs everywhere.
	Everywhere bool `cbor:"3,keyasint,omitempty"`
}

// StorePrice is what a product costs in one store, whatever it costs elsewhere.
type StorePrice struct {
	Price money.Amount `cbor:"1,keyasint"`
}

// Role is what a member of staff may do.
type Role string

// The roles this version has screens for.
const (
	RoleAdministrator Role = "administrator"
	RoleManager       Role = "manager"
	RoleSupervisor    Role = "supervisor"
	RoleEmployee      Role = "employee"
	RoleCashier       Role = "cashier"
	// RoleWarehouse ships from a warehouse; tills hear of none.
	RoleWarehouse Role = "warehouse"
)

// Staff is a person who may sign in at the till.
type Staff struct {
	ID   uuid.UUID `cbor:"1,keyasint"`
	Name string    `cbor:"2,keyasint"`
	Role Role      `cbor:"3,keyasint"`
	// PIN is the argon2id hash, in PHC form.
	PIN string `cbor:"4,keyasint"`
	// Lang is "fr" or "en".
	Lang string `cbor:"5,keyasint"`
	// Badge is what the person's badge is known by, not the code on it; empty for none. It says who, and never replaces the PIN.
	Badge []byte `cbor:"6,keyasint,omitempty"`
}

// Stock is a store's stock of one product as headquarters last published it.
type Stock struct {
	OnHand    money.Quantity `cbor:"1,keyasint"`
	InTransit money.Quantity `cbor:"2,keyasint,omitempty"`
	// At is when headquarters worked it out, in milliseconds since 1970, UTC.
	At int64 `cbor:"3,keyasint"`
	// RestockBelow, OutBelow and OverAbove are the thresholds in force.
	RestockBelow money.Quantity `cbor:"4,keyasint"`
	OutBelow     money.Quantity `cbor:"5,keyasint"`
	OverAbove    money.Quantity `cbor:"6,keyasint"`
	// PerDay is how much is sold a day lately.
	PerDay money.Quantity `cbor:"7,keyasint,omitempty"`
	// Counted is the latest count that OnHand includes; zero when there is none. A till leaves out what it did before that
	// and headquarters does not have yet: the count has seen it.
	Counted Happened `cbor:"8,keyasint,omitzero"`
	// Promised is what of OnHand is reserved for orders of the shop that are fetched here.
	Promised money.Quantity `cbor:"9,keyasint,omitempty"`
}

// Depot is the central stock of one product.
type Depot struct {
	OnHand money.Quantity `cbor:"1,keyasint"`
	At     int64          `cbor:"2,keyasint"`
	// Promised is what of OnHand is reserved for orders of the shop.
	Promised money.Quantity `cbor:"3,keyasint,omitempty"`
}

// Elsewhere is how much each store has of a product, as headquarters last worked it out. It lags behind [Stock], which a store
// gets of its own.
type Elsewhere struct {
	Stores []StoreStock `cbor:"1,keyasint"`
}

// StoreStock is a store's stock of one product as the others see it.
type StoreStock struct {
	Store     uuid.UUID      `cbor:"1,keyasint"`
	OnHand    money.Quantity `cbor:"2,keyasint"`
	InTransit money.Quantity `cbor:"3,keyasint,omitempty"`
	At        int64          `cbor:"4,keyasint"`
	// OutBelow and OverAbove are the thresholds in force there.
	OutBelow  money.Quantity `cbor:"5,keyasint"`
	OverAbove money.Quantity `cbor:"6,keyasint"`
	// Promised is what of OnHand is reserved for orders of the shop that are fetched there.
	Promised money.Quantity `cbor:"7,keyasint,omitempty"`
}

// RestockState is where a restock request stands.
type RestockState uint8

// The states. A request is refused when nothing of it was approved.
const (
	RestockRequested RestockState = 1
	RestockApproved  RestockState = 2
	RestockRefused   RestockState = 3
	RestockShipped   RestockState = 4
	RestockReceived  RestockState = 5
)

// Restock is a request as headquarters sees it.
type Restock struct {
	ID    uuid.UUID     `cbor:"1,keyasint"`
	State RestockState  `cbor:"2,keyasint"`
	At    int64         `cbor:"3,keyasint"`
	By    uuid.UUID     `cbor:"4,keyasint"`
	Lines []RestockLine `cbor:"5,keyasint"`
}

// RestockLine is one product of a request: asked for, approved, shipped, received.
type RestockLine struct {
	Product  uuid.UUID      `cbor:"1,keyasint"`
	Asked    money.Quantity `cbor:"2,keyasint"`
	Approved money.Quantity `cbor:"3,keyasint,omitempty"`
	Shipped  money.Quantity `cbor:"4,keyasint,omitempty"`
	Received money.Quantity `cbor:"5,keyasint,omitempty"`
}

// Shipment is on its way to the store, or has been received.
type Shipment struct {
	ID uuid.UUID `cbor:"1,keyasint"`
	// Code is its printed number, for example EXP-0311.
	Code     string      `cbor:"2,keyasint"`
	Restock  uuid.UUID   `cbor:"3,keyasint"`
	At       int64       `cbor:"4,keyasint"`
	Received bool        `cbor:"5,keyasint,omitempty"`
	Lines    []StockLine `cbor:"6,keyasint"`
	// From is the store that sent it; zero when a warehouse did, for Restock.
	From uuid.UUID `cbor:"7,keyasint,omitzero"`
}

// Mark says which entries of one till a store's stock rows include. Of a path of the till they include everything up to
// the highest of Ends and Forks that lies on it, except what is Deferred.
type Mark struct {
	// Ends are the last entries of the branches headquarters has of the till's journal.
	Ends []ChainEnd `cbor:"1,keyasint"`
	// Forks are the entries after which a branch leaves another: the till may hold one that headquarters has only so far.
	Forks []ChainEnd `cbor:"2,keyasint,omitempty"`
	// Deferred are entries that headquarters has and could not apply yet.
	Deferred []ChainEnd `cbor:"3,keyasint,omitempty"`
}

// Notice tells a till what headquarters thinks of one of its entries: its id is made of the entry's hash (the first 16
// bytes). It goes when the matter is settled.
type Notice struct {
	Entry ChainEnd `cbor:"1,keyasint"`
	// Code is a flag of headquarters, or "deferred" for an entry it could not apply yet.
	Code string `cbor:"2,keyasint"`
	// At is since when, in milliseconds since 1970, UTC.
	At int64 `cbor:"3,keyasint"`
}

// HoldAsked asks the till that sold to give another till the right to refund parts of a receipt, or, released, to take it
// back.
type HoldAsked struct {
	ID       uuid.UUID    `cbor:"1,keyasint"`
	Receipt  ReceiptID    `cbor:"2,keyasint"`
	For      uuid.UUID    `cbor:"3,keyasint"`
	Parts    []RefundPart `cbor:"4,keyasint"`
	Released bool         `cbor:"5,keyasint,omitempty"`
}

// HoldState is where a hold stands at headquarters.
type HoldState uint8

// The states. HoldWaits waits for the till that sold; refused means that what was asked for is not left, in doubt that the
// till that sold cannot tell.
const (
	HoldWaits   HoldState = 1
	HoldGranted HoldState = 2
	HoldRefused HoldState = 3
	HoldInDoubt HoldState = 4
)

// ReceiptAsked asks headquarters for a receipt by its printed number, whichever store's.
type ReceiptAsked struct {
	ID      uuid.UUID `cbor:"1,keyasint"`
	Printed Printed   `cbor:"2,keyasint"`
	// Like, when it says something, asks instead for the receipts of the till's own store that are like it.
	Like ReceiptLike `cbor:"3,keyasint,omitzero"`
}

// ReceiptLike is what is known of a receipt whose number is not: the day, and any of what was paid, the last digits of the card
// and the number within its till. What is zero says nothing.
type ReceiptLike struct {
	Day      Date         `cbor:"1,keyasint,omitempty"`
	Paid     money.Amount `cbor:"2,keyasint,omitempty"`
	LastFour string       `cbor:"3,keyasint,omitempty"`
	Number   uint64       `cbor:"4,keyasint,omitempty"`
}

// ReceiptMatch is a receipt that is like what was asked for.
type ReceiptMatch struct {
	Printed Printed `cbor:"1,keyasint"`
	// Paid is the total, cash rounding included, At when it was sold, in milliseconds since 1970, UTC.
	Paid     money.Amount `cbor:"2,keyasint"`
	At       int64        `cbor:"3,keyasint"`
	LastFour string       `cbor:"4,keyasint,omitempty"`
}

// ReceiptFound answers the newest ReceiptAsked of a till, whose ID it has.
type ReceiptFound struct {
	ID      uuid.UUID `cbor:"1,keyasint"`
	Receipt ReceiptID `cbor:"2,keyasint"`
	// Sale is what was sold; its Number is 0 when headquarters has no such receipt.
	Sale Sale `cbor:"3,keyasint"`
	// Before is what was given back of it or promised, as far as headquarters knows.
	Before []RefundPart `cbor:"4,keyasint"`
	// At is when it was sold, in milliseconds since 1970, UTC; Place the name of the store.
	At    int64  `cbor:"5,keyasint"`
	Place string `cbor:"6,keyasint"`
	// Like are the receipts that are like what was asked for, newest first; there may be more than a person would look through.
	Like []ReceiptMatch `cbor:"7,keyasint,omitempty"`
}

// Known tells a till of the entries by which it sees whether its file lacks some: a till that does may not know what it gave
// back of what it sold before them. It is a function of the entries headquarters has.
type Known struct {
	// Ends are the last entries of the branches headquarters has, of every epoch but the newest, which is still written.
	Ends []ChainEnd `cbor:"1,keyasint,omitempty"`
	// Holes are entries that headquarters does not have, and has what comes after: nobody could give them so far.
	Holes []ChainEnd `cbor:"2,keyasint,omitempty"`
}

// HoldGiven tells the till that asked how its hold stands, with the sale it is about. While it waits, or is in doubt, Hold.Parts
// are what was asked for: a supervisor may decide without the till that sold.
type HoldGiven struct {
	Hold  RefundHold `cbor:"1,keyasint"`
	State HoldState  `cbor:"2,keyasint"`
	Sale  Sale       `cbor:"3,keyasint"`
}

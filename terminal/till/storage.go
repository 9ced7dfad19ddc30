package till

import (
	"context"
	"time"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"

	"github.com/google/uuid"
)

// Journal is the till's own record. What it has committed has happened.
type Journal interface {
	// Commit writes one entry, its receipt number when it is numbered, and all that is derived from it in one
	// transaction, then the sentinel. When it returns without an error both are durable; only then may anything be
	// shown, printed or opened. It finishes even when ctx ends.
	Commit(ctx context.Context, draft Draft) (Written, error)
	// Receipts lists sales, and refunds where they are asked for, newest first.
	Receipts(ctx context.Context, filter ReceiptFilter) ([]Receipt, error)
	// Receipt finds one by epoch and number.
	Receipt(ctx context.Context, epoch, number uint64) (Receipt, error)
	// Void finds what took a receipt back whole; ok is false when nothing did.
	Void(ctx context.Context, epoch, number uint64) (v Void, ok bool, err error)
	// Shift is the newest shift; Number 0 when there has been none.
	Shift(ctx context.Context) (Shift, error)
	// Totals sums up the documents that were written since a shift opened.
	Totals(ctx context.Context, shift Shift) (retail.ShiftTotals, error)
	// Perpetual is what the newest Z says of all that was sold; 0 when there has been none.
	Perpetual(ctx context.Context) (money.Amount, error)
	// Closes lists the Zs, newest first.
	Closes(ctx context.Context, limit int) ([]Close, error)
	// Waiting counts the entries HQ has not acknowledged and when the oldest was written.
	Waiting(ctx context.Context) (Waiting, error)
	// Transfers are what this store sent to others, newest first; this till's own count at once.
	Transfers(ctx context.Context, limit int) ([]retail.Sent, error)
	// OrderDeeds are this till's entries about orders of the shop, in the order of the journal; so are those of branches, which it
	// wrote too.
	OrderDeeds(ctx context.Context, orders []uuid.UUID) ([]OrderDeed, error)
	// OwnRequests are this till's restock requests that no published feed shows yet, oldest first.
	OwnRequests(ctx context.Context) ([]retail.Restock, error)
}

// Draft is an entry to be written.
type Draft struct {
	Kind  journal.Kind
	User  uuid.UUID
	Shift uint64
	// Numbered documents (sales, refunds, voids) take the next receipt number of the epoch.
	Numbered bool
	// Final says that it is a Z, which takes the next Z number of the epoch instead.
	Final bool
	// Check is asked right before the entry is written, when no other can come in between; its error is given back and
	// nothing is written. Nil: nothing to ask.
	Check func(ctx context.Context) error
	// Body builds the body; number is 0 when the draft takes none.
	Body func(number uint64) any
}

// Written is an entry as it was committed.
type Written struct {
	Epoch, Seq, Number uint64
	Hash               journal.Hash
	At                 time.Time
}

// ReceiptFilter bounds a list of receipts.
type ReceiptFilter struct {
	// Day is a business date, 0 for every day.
	Day retail.Date
	// Text matches the end of the receipt number, a business date (2026-11-22), an amount in plain digits, or the last four
	// digits of a card.
	Text string
	// Refunds lists them as well.
	Refunds bool
	Limit   int
}

// Receipt is a committed sale or refund, as it can be shown and printed again.
type Receipt struct {
	Written
	User  uuid.UUID
	Shift uint64
	Sale  retail.Sale
	// Refund is what a refund gave back; nil for a sale.
	Refund *retail.Refund
	// Voided says that the sale was taken back whole.
	Voided bool
	// Acked says that HQ has it.
	Acked bool
	// Notice is the code of what HQ says of it, empty for nothing: see retail.Notice.
	Notice string
}

// Void is a committed void, as it can be printed again.
type Void struct {
	Written
	User uuid.UUID
	Body retail.Void
}

// Shift is a span of work at the till.
type Shift struct {
	Number       uint64
	BusinessDate retail.Date
	Float        money.Amount
	OpenedAt     time.Time
	// Opened is the entry that opened it.
	Opened retail.ChainEnd
	Closed bool
}

// Open says that there is a shift and it goes on.
func (s Shift) Open() bool { return s.Number > 0 && !s.Closed }

// Close is a Z, as it can be shown and printed again.
type Close struct {
	Written
	User uuid.UUID
	Z    retail.ShiftClose
}

// Waiting is what HQ has not acknowledged.
type Waiting struct {
	Count  int
	Oldest time.Time
}

// Catalogue is the till's copy of what headquarters publishes.
type Catalogue interface {
	// Identity is the till, its store and its settings.
	Identity() Identity
	// Product finds by id; ok is false when there is none.
	Product(ctx context.Context, id uuid.UUID) (p retail.Product, ok bool, err error)
	// ByCode finds by barcode in canonical form (barcode.Normalize), or by SKU.
	ByCode(ctx context.Context, code string) (p retail.Product, ok bool, err error)
	// Search finds by words in any order, inside words, without accents, in names of both languages, SKU and barcode;
	// at most limit, best first, and how many there are in all (counted up to 1,000).
	Search(ctx context.Context, query string, limit int) (found []retail.Product, total int, err error)
	// Categories are in their order; InCategory lists a category's products by name in lang; uuid.Nil lists the
	// favourites.
	Categories(ctx context.Context) ([]retail.Category, error)
	InCategory(ctx context.Context, category uuid.UUID, lang string, limit int) ([]retail.Product, error)
	// Locations are all stores and warehouses, by name.
	Locations(ctx context.Context) ([]retail.Location, error)
	// Staff may sign in here, by name.
	Staff(ctx context.Context) ([]retail.Staff, error)
	// Rights are what headquarters has decided that a role does alone; roles that are not among them have the defaults.
	Rights(ctx context.Context) ([]retail.Rights, error)
	// Control is what headquarters wants of this till; the zero value when it has said nothing.
	Control(ctx context.Context) (retail.Control, error)
	// Rates are all tax rates.
	Rates(ctx context.Context) (retail.TaxTable, error)
	// Currency is the till's.
	Currency(ctx context.Context) (retail.Currency, error)
	// Prices is the version of prices in force; 0 when there are none yet. Products carry the price they have under it.
	Prices(ctx context.Context) (uint64, error)
	// NextPrices is the version that comes next; the zero value when none is planned.
	NextPrices(ctx context.Context) (NextPrices, error)
	// StockOf is the stock of one product: headquarters' level and this till's own entries it does not include.
	StockOf(ctx context.Context, product uuid.UUID) (Stock, error)
	// StockOfMany is StockOf for the rows of a list.
	StockOfMany(ctx context.Context, products []uuid.UUID) (map[uuid.UUID]Stock, error)
	// Elsewhere is how much each store has of a product, this one included; the zero value when headquarters has told nothing.
	Elsewhere(ctx context.Context, product uuid.UUID) (retail.Elsewhere, error)
	// Restocks are the store's requests, newest first; Shipments those on their way or received, newest first. A
	// shipment this till has received counts as received at once.
	Restocks(ctx context.Context, limit int) ([]retail.Restock, error)
	Shipments(ctx context.Context, limit int) ([]retail.Shipment, error)
	// Orders are those of the shop that the store is asked to prepare, as headquarters has published them.
	Orders(ctx context.Context) ([]retail.Order, error)
}

// NextPrices is a version of prices whose moment has not come.
type NextPrices struct {
	Version uint64
	From    time.Time
}

// Identity says which till this is.
type Identity struct {
	Till   uuid.UUID
	Number int
	Store  retail.Location
	// Currency is the ISO 4217 code.
	Currency string
	App      string
}

// Stock is what is known about one product's stock.
type Stock struct {
	// Known is false when headquarters has published nothing about it.
	Known bool
	// Here is headquarters' level plus this till's entries since; HereAt is when headquarters worked its level out.
	Here      money.Quantity
	HereAt    time.Time
	InTransit money.Quantity
	// Promised is what of Here is reserved for orders of the shop; what this till handed over is no part of it.
	Promised money.Quantity
	// Depot is the central stock, known when DepotAt is not zero, and DepotPromised what of it is reserved.
	Depot, DepotPromised money.Quantity
	DepotAt              time.Time
	// RestockBelow, OutBelow and OverAbove are the thresholds; PerDay the rate of sale.
	RestockBelow, OutBelow, OverAbove, PerDay money.Quantity
}

// Network is the state of the line to headquarters.
type Network struct {
	Online bool
	// Since is when it became so.
	Since time.Time
	// Heard is when headquarters was last in reach, as far as is known; zero for never.
	Heard time.Time
	// TooOld says that HQ wants a newer program here: prices and stock stay as they are, sales go up all the same.
	TooOld bool
	// LastAck is HQ's time at the last acknowledgement; zero for never.
	LastAck time.Time
	// Offset is HQ's time minus the till's, known within Error; Error 0: not measured since the machine started.
	Offset, Error time.Duration
	// Certain says that the time was measured, or that a person confirmed the date, since the machine started.
	Certain bool
	// Passed is the latest moment that is known to have passed, of entries and of what HQ told; zero when there is none.
	Passed time.Time
}

// Printer prints receipts and reports. It is called from a goroutine of its own, one call at a time or several. A failure never
// undoes a sale or a close.
type Printer interface {
	// Print returns when the receipt is on paper, or when the printer gives it up.
	Print(ctx context.Context, r retail.Receipt) error
	// PrintReport prints an X or a Z.
	PrintReport(ctx context.Context, r retail.Report) error
}

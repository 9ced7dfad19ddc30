package till

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"comptant/shared/money"
	"comptant/shared/retail"

	"github.com/google/uuid"
)

// Config is what a till works with. All of it is needed, except Built.
type Config struct {
	Journal   Journal
	Catalogue Catalogue
	Printer   Printer
	Book      Book
	Tickets   Tickets
	Counts    Counts
	// Ask passes a request for a hold on to headquarters. The error says that the line is down.
	Ask func(ctx context.Context, hold retail.HoldAsked) error
	// Find passes a question for a receipt on, as Ask does.
	Find func(ctx context.Context, receipt retail.ReceiptAsked) error
	// Network tells the state of the line; it must not wait.
	Network func() Network
	Now     func() time.Time
	// Built is when the program was made: it cannot be earlier now. Zero when that is not known.
	Built time.Time
	Log   *slog.Logger
}

// Till is the state of one lane.
type Till struct {
	journal   Journal
	catalogue Catalogue
	printer   Printer
	machine   Machine // the same printer when it is one, else nil
	book      Book
	tickets   Tickets
	counts    Counts
	ask       func(ctx context.Context, hold retail.HoldAsked) error
	find      func(ctx context.Context, receipt retail.ReceiptAsked) error
	network   func() Network
	now       func() time.Time
	built     time.Time
	rights    retail.RightsTable
	log       *slog.Logger

	zone     *time.Location
	zoneName string

	user  *retail.Staff
	lang  string
	shift Shift
	tries map[uuid.UUID]tries
	// asked is the float of a shift that waits for a person to say the date, and days how far the answer is from what the
	// clock says.
	asked *money.Amount
	days  int
	// counting says that the drawer is being counted: what should be in it is not shown.
	counting bool

	ticket  ticket
	payment *payment
	last    *Sold
	// shelf is the session of counting stock that goes on; nil when there is none.
	shelf *StockCount

	printing sync.WaitGroup
	missing  missing
}

// New is a till nobody is signed in to, with the ticket and the count that were open when the last one ended.
func New(c Config) (*Till, error) {
	if c.Journal == nil || c.Catalogue == nil || c.Printer == nil || c.Book == nil || c.Tickets == nil || c.Counts == nil ||
		c.Ask == nil || c.Find == nil || c.Network == nil || c.Now == nil || c.Log == nil {
		return nil, fmt.Errorf("new till: a part of its configuration is missing")
	}
	machine, _ := c.Printer.(Machine)
	t := &Till{
		journal: c.Journal, catalogue: c.Catalogue, printer: c.Printer, machine: machine, book: c.Book, tickets: c.Tickets, counts: c.Counts,
		ask: c.Ask, find: c.Find, network: c.Network, now: c.Now, built: c.Built, rights: retail.DefaultRights(), log: c.Log,
		lang: "fr", tries: map[uuid.UUID]tries{}, ticket: newTicket(),
	}
	if err := t.restore(context.Background()); err != nil {
		t.log.Error("the ticket that was open is lost", "err", err)
	}
	if err := t.restoreCount(context.Background()); err != nil {
		t.log.Error("the count that went on is lost", "err", err)
	}
	return t, nil
}

// Close waits for receipts that are still being printed, until the printer gives them up.
func (t *Till) Close() { t.printing.Wait() }

// Identity is the till, its store and its settings.
func (t *Till) Identity() Identity { return t.catalogue.Identity() }

// Lang is the language of the screen: that of who signed in last, until SetLang.
func (t *Till) Lang() string { return t.lang }

// SetLang switches to "fr" or "en" at once, the ticket's lines included. Anything else changes nothing.
func (t *Till) SetLang(lang string) {
	if lang == "fr" || lang == "en" {
		t.lang = lang
	}
}

// Now is the till's best estimate of the true time, in the store's time zone.
func (t *Till) Now() time.Time { return t.now().Add(t.network().Offset).In(t.location()) }

// location is the store's time zone. Headquarters may correct it while the till runs.
func (t *Till) location() *time.Location {
	name := t.catalogue.Identity().Store.Zone
	if t.zone != nil && name == t.zoneName {
		return t.zone
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.log.Error("unknown time zone of the store; using this machine's", "zone", name, "err", err)
		zone = time.Local
	}
	t.zone, t.zoneName = zone, name
	return zone
}

// Status is what the chip says and, touched, explains.
type Status struct {
	Network
	Waiting
	// OldestAge is how long the oldest unsent entry has waited; 0 when none does.
	OldestAge time.Duration
	// Prices is the version of prices in force, NextPrices the one that comes after it, if any.
	Prices     uint64
	NextPrices NextPrices
	App        string
	// Printer is the printer's state; the zero value where nothing is known of it. Missing counts the receipts that could not
	// be printed.
	Printer PrinterState
	Missing int
}

// clockOff is how far the machine's clock may be off before a person is told.
const clockOff = time.Minute

// ClockWrong says that the machine's clock is off by more than a minute.
func (s Status) ClockWrong() bool { return s.Offset.Abs() > clockOff }

// Status reads it.
func (t *Till) Status(ctx context.Context) (Status, error) {
	s := Status{Network: t.network(), App: t.Identity().App, Printer: t.Printer(), Missing: len(t.missing.list())}
	var err error
	if s.Waiting, err = t.journal.Waiting(ctx); err != nil {
		return s, fmt.Errorf("status: %w", err)
	}
	if s.Count > 0 {
		s.OldestAge = max(t.now().Sub(s.Oldest), 0)
	}
	if s.Prices, err = t.catalogue.Prices(ctx); err != nil {
		return s, fmt.Errorf("status: %w", err)
	}
	if s.NextPrices, err = t.catalogue.NextPrices(ctx); err != nil {
		return s, fmt.Errorf("status: %w", err)
	}
	return s, nil
}

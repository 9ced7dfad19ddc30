package till

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"comptant/shared/retail"

	"github.com/google/uuid"
)

// Config is what a till works with. All of it is needed, except Disk, Storage and Built.
type Config struct {
	Journal   Journal
	Catalogue Catalogue
	Printer   Printer
	Book      Book
	Tickets   Tickets
	Counts    Counts
	Picks     Picks
	Customers Customers
	Tries     Tries
	// Storage tells of the disk; nil is one that is never full and never copied.
	Storage Storage
	// Ask passes a request for a hold on to headquarters. The error says that the line is down.
	Ask func(ctx context.Context, hold retail.HoldAsked) error
	// Find passes a question for a receipt on, as Ask does.
	Find func(ctx context.Context, receipt retail.ReceiptAsked) error
	// Network tells the state of the line; it must not wait.
	Network func() Network
	Now     func() time.Time
	// Disk is how many bytes are free where the journal is; nil, or not ok, when that is not known.
	Disk func() (free int64, ok bool)
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
	keptPicks Picks
	customers Customers
	keptTries Tries
	storage   Storage
	ask       func(ctx context.Context, hold retail.HoldAsked) error
	find      func(ctx context.Context, receipt retail.ReceiptAsked) error
	network   func() Network
	now       func() time.Time
	disk      func() (free int64, ok bool)
	built     time.Time
	rights    retail.RightsTable
	currency  retail.Currency
	log       *slog.Logger

	zone     *time.Location
	zoneName string

	user  *retail.Staff
	lang  string
	shift Shift
	tries map[uuid.UUID]Try
	// asked is the float of a shift that waits for a person to say the date, and days how far the answer is from what the
	// clock says.
	asked *opening
	days  int
	// counting says that the drawer is being counted: what should be in it is not shown.
	counting bool

	ticket  ticket
	payment *payment
	last    *Sold
	// shelf is the session of counting stock that goes on; nil when there is none.
	shelf *StockCount

	// picks are the orders of which something was found.
	picks picks

	// training is what waits meanwhile; nil while the till is real.
	training *training

	printing sync.WaitGroup
	missing  missing
}

// New is a till nobody is signed in to, with the ticket and the count that were open when the last one ended.
func New(c Config) (*Till, error) {
	if c.Journal == nil || c.Catalogue == nil || c.Printer == nil || c.Book == nil || c.Tickets == nil || c.Counts == nil || c.Picks == nil || c.Tries == nil || c.Customers == nil ||
		c.Ask == nil || c.Find == nil || c.Network == nil || c.Now == nil || c.Log == nil {
		return nil, fmt.Errorf("new till: a part of its configuration is missing")
	}
	machine, _ := c.Printer.(Machine)
	t := &Till{
		journal: c.Journal, catalogue: c.Catalogue, printer: c.Printer, machine: machine, book: c.Book, tickets: c.Tickets, storage: c.Storage, counts: c.Counts, keptPicks: c.Picks,
		customers: c.Customers, keptTries: c.Tries, ask: c.Ask, find: c.Find, network: c.Network, now: c.Now, disk: c.Disk, built: c.Built,
		rights: retail.DefaultRights(), log: c.Log, lang: "fr", ticket: newTicket(),
	}
	if err := t.readCurrency(context.Background()); err != nil {
		return nil, err
	}
	var err error
	if t.tries, err = c.Tries.Tries(context.Background()); err != nil {
		t.log.Error("earlier wrong PINs are forgotten", "err", err)
	}
	if t.tries == nil {
		t.tries = map[uuid.UUID]Try{}
	}
	if err := t.restore(context.Background()); err != nil {
		t.log.Error("the ticket that was open is lost", "err", err)
	}
	if err := t.restoreCount(context.Background()); err != nil {
		t.log.Error("the count that went on is lost", "err", err)
	}
	if err := t.restorePicks(context.Background()); err != nil {
		t.log.Error("what was picked is lost", "err", err)
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
	// Free is how many bytes are left where the journal is; DiskKnown false: nobody knows. Full says that nothing new may be sold.
	Free      int64
	DiskKnown bool
	Full      bool
	// Backup is when the journal was last copied, zero for never; BackupKnown false: nobody copies it.
	Backup      time.Time
	BackupKnown bool
}

// lowDisk is below how many bytes a person is told: weeks before the till stops.
const lowDisk = 500 << 20

// DiskLow says that the till will stop selling before long.
func (s Status) DiskLow() bool { return s.DiskKnown && s.Free < lowDisk }

// clockOff is how far the machine's clock may be off before a person is told.
const clockOff = time.Minute

// ClockWrong says that the machine's clock is off by more than a minute.
func (s Status) ClockWrong() bool { return s.Offset.Abs() > clockOff }

// Status reads it.
func (t *Till) Status(ctx context.Context) (Status, error) {
	s := Status{Network: t.network(), App: t.Identity().App, Printer: t.Printer(), Missing: len(t.missing.list())}
	if t.storage != nil {
		s.Full, s.Backup, s.BackupKnown = t.storage.Full(), t.storage.LastBackup(), true
	}
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
	if t.disk != nil {
		s.Free, s.DiskKnown = t.disk()
	}
	return s, nil
}

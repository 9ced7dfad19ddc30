package till

import (
	"slices"
	"time"

	"comptant/shared/retail"
)

// Machine is a Printer that tells how it is doing, and that a cash drawer hangs from. Not every Printer is one.
type Machine interface {
	// State does not wait.
	State() PrinterState
	// OpenDrawer opens the cash drawer at once or, when that cannot be, never. It does not wait.
	OpenDrawer()
}

// PrinterState is what the printer is doing.
type PrinterState struct {
	// Trouble is why nothing comes out; empty when nothing is wrong, as far as is known.
	Trouble PrinterTrouble
	// Waiting counts what is still to be printed, Since is when the first of it was asked for.
	Waiting int
	Since   time.Time
	// PaperLow says that the roll nears its end.
	PaperLow bool
}

// PrinterTrouble is why a printer prints nothing.
type PrinterTrouble string

// The troubles. The screen's language files have one wording for each.
const (
	PrinterOff   PrinterTrouble = "off" // or not connected
	PrinterPaper PrinterTrouble = "paper"
	PrinterCover PrinterTrouble = "cover"
	PrinterFault PrinterTrouble = "fault"
)

// PrinterTroubles are all of them.
var PrinterTroubles = []PrinterTrouble{PrinterOff, PrinterPaper, PrinterCover, PrinterFault}

// kickForCash opens the cash drawer when cash changes hands.
func (t *Till) kickForCash(tenders []retail.Tender) {
	if slices.ContainsFunc(tenders, func(t retail.Tender) bool { return t.Kind == retail.TenderCash }) {
		t.kick()
	}
}

// kick opens the cash drawer, where there is one, but in no training. What it is opened for must be in the journal.
func (t *Till) kick() {
	if t.machine != nil && t.training == nil {
		t.machine.OpenDrawer()
	}
}

// Printer is the printer's state; the zero value where nothing is known of it.
func (t *Till) Printer() PrinterState {
	if t.machine == nil {
		return PrinterState{}
	}
	return t.machine.State()
}

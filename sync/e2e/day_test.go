package e2e_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/sync/e2e/fleet"
	"comptant/terminal/printer/emulator"
)

// A day at a till, in its real window: keys, touches and scans as a cashier and a scanner send them, receipts on a printer that
// reads what printers read, on a disk that gets full. In the end the Z is what the journal comes to, added up here. DAY=folder
// keeps a picture of every step there.

// day is a till with its window, printer and journal, as a script plays with them.
type day struct {
	*window
	assortment
	dir     string
	printer *emulator.Printer
	address string // the printer's
	ledger  *sql.DB
	journal []journal.Entry // as far as it was read, which is to seq in epoch
	epoch   uint64
	seq     uint64
	// onPaper is how many pieces of paper there must be: one for each sale and each refund, and the Z.
	onPaper  int
	known    map[uuid.UUID]bool // customers
	step     int
	pictures string // the folder of pictures; empty keeps none
}

func TestADayAtTheTill(t *testing.T) {
	tickets := 100
	if testing.Short() {
		tickets = len(kinds)
	}
	d := newDay(t)
	d.signIn()
	d.does(keys("20000"), press("F9"))
	d.reaches(journal.KindShiftOpen, 1)
	d.look("shift open")

	steps := []func(){
		d.unplugged, d.killed, d.drawer, d.cash, d.refunded, d.refundedByScan, d.voided, d.fullDisk, d.counted,
	}
	for n := range tickets {
		d.sells(n)
		if at := (n + 1) * len(steps) / tickets; at > n*len(steps)/tickets {
			steps[at-1]()
		}
	}
	d.closes()
}

func newDay(t *testing.T) *day {
	t.Helper()
	hq := headquarters(t)
	d := &day{
		window: openDisplay(t), assortment: newAssortment(t, hq), dir: filepath.Join(smallDisk(t), "till"), printer: emulator.New(48),
		known: map[uuid.UUID]bool{}, pictures: os.Getenv("DAY"),
	}
	require.NoError(t, fleet.Enrol(t.Context(), hq, d.dir, "CV", 1))
	var err error
	d.address, err = d.printer.Listen()
	require.NoError(t, err)
	if d.pictures != "" {
		require.NoError(t, os.MkdirAll(d.pictures, 0o755))
	}
	d.start()
	return d
}

// start runs the till; on the same display and the same disk as before.
func (d *day) start() {
	d.t.Helper()
	d.run(d.dir, "--printer", "tcp://"+d.address)
	var err error
	d.ledger, err = sql.Open("sqlite", "file:"+filepath.Join(d.dir, "ledger.db")+"?mode=ro&_busy_timeout=5000")
	require.NoError(d.t, err)
	ledger := d.ledger
	d.t.Cleanup(func() { _ = ledger.Close() })
}

// railPlace is a place of the rail, from the top.
type railPlace int

const (
	railSell railPlace = iota
	railStock
	railOrders
	railJournal
	railShift
)

// signIn chooses the first name, which is Alice's.
func (d *day) signIn() {
	d.t.Helper()
	before := d.count(journal.KindSignIn)
	d.does(press("Down"), keys(pin), press("Return"))
	d.reaches(journal.KindSignIn, before+1)
	require.True(d.t, d.within(patience, func() bool { return d.at(railSell) || d.at(railShift) }), "the sign-in stays")
	d.rests(quiet)
}

// action is what a hand or a scanner does, in the words of xdotool.
type action []string

// press strikes keys as fast as a quick hand.
func press(names ...string) action { return append(action{"key", "--delay", "25"}, names...) }

// keys types by hand, slower than any scanner.
func keys(text string) action {
	return action{"type", "--delay", "60", "--args", "1", text, "sleep", "0.12"}
}

// scans are codes one after the other, faster than anybody looks. Nothing pauses within a code: a busy machine would draw the
// pause out, as no scanner does.
func scans(codes ...string) (a action) {
	for _, c := range codes {
		a = append(a, "type", "--delay", "0", "--args", "1", c, "key", "Return")
	}
	return a
}

const (
	// quiet is how long a window shows the same when it has followed.
	quiet = 40 * time.Millisecond
	// still is how long it must for a picture.
	still = 300 * time.Millisecond
	// again is when a touch is repeated that did nothing.
	again = 200 * time.Millisecond
)

// does all of it without a pause, and waits until the window has followed.
func (d *day) does(actions ...action) {
	d.t.Helper()
	before := d.pixels()
	var all []string
	for _, a := range actions {
		all = append(all, a...)
	}
	d.xdotool(all...)
	d.changes(before, 2*time.Second) // a key may do nothing that is seen
	d.rests(quiet)
}

// changes waits until the window shows something else.
func (d *day) changes(before []byte, most time.Duration) bool {
	d.t.Helper()
	return d.within(most, func() bool { return !d.shows(before) })
}

// within waits until something is so.
func (d *day) within(most time.Duration, so func() bool) bool {
	for end := time.Now().Add(most); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if so() {
			return true
		}
	}
	return so()
}

// touches a place until that is seen to have done something: a new screen ignores a finger at first.
func (d *day) touches(x, y int, done func() bool) {
	d.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); {
		d.xdotool("mousemove", fmt.Sprint(x), fmt.Sprint(y), "click", "1")
		if d.within(again, done) {
			d.rests(quiet)
			return
		}
	}
	require.Fail(d.t, "nothing follows a touch", "at %d, %d", x, y)
}

// chosen says that a place is painted as what is chosen.
func (d *day) chosen(x, y int) func() bool {
	return func() bool { return bytes.Equal(d.pixel(x, y), []byte{0xf5, 0xef, 0xe1}) }
}

// visits a place of the rail: 0 is Sell, 1 Stock, 2 Journal, 3 Shift.
func (d *day) visits(place railPlace) {
	d.t.Helper()
	d.touches(40, 44+80*int(place), func() bool { return d.at(place) })
}

// at says whether the rail shows that one is there.
func (d *day) at(place railPlace) bool { return d.chosen(12, 24+80*int(place))() }

// asked says that a dialog is open: what is around it is dimmed, as the bar at the top, which else is white.
func (d *day) asked() bool { return d.pixel(width/2, 1)[0] != 0xff }

func (d *day) unasked() bool { return !d.asked() }

// approves lets a supervisor type her PIN over the sale.
func (d *day) approves(name string) {
	d.t.Helper()
	require.True(d.t, d.within(patience, d.asked), "nobody is asked")
	d.does(keys(supervisor))
	d.look(name)
	d.does(press("Return"))
	d.answered()
}

// answered waits until no dialog is open.
func (d *day) answered() {
	d.t.Helper()
	require.True(d.t, d.within(patience, d.unasked), "the dialog stays")
	d.rests(quiet)
}

// look keeps a picture of the step.
func (d *day) look(name string) {
	d.t.Helper()
	d.step++
	if d.pictures == "" {
		return
	}
	d.rests(still)
	d.picture(filepath.Join(d.pictures, fmt.Sprintf("%03d %s.png", d.step, name)))
}

// read reads on in the journal, from the file as it is on the disk.
func (d *day) read() {
	d.t.Helper()
	rows, err := d.ledger.QueryContext(d.t.Context(), `
		SELECT epoch, seq, bytes FROM entry WHERE (epoch, seq) > (?, ?) ORDER BY epoch, seq`, d.epoch, d.seq)
	require.NoError(d.t, err)
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var b []byte
		require.NoError(d.t, rows.Scan(&d.epoch, &d.seq, &b))
		e, err := journal.Decode(b)
		require.NoError(d.t, err)
		d.journal = append(d.journal, e)
	}
	require.NoError(d.t, rows.Err())
}

// count counts the entries of a kind.
func (d *day) count(kind journal.Kind) (n int) {
	d.t.Helper()
	d.read()
	for _, e := range d.journal {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

// reaches waits until the journal has so many entries of a kind.
func (d *day) reaches(kind journal.Kind, n int) {
	d.t.Helper()
	d.within(patience/4, func() bool { return d.count(kind) >= n })
	require.Equal(d.t, n, d.count(kind), "entries %s", kind)
}

// last is the body of the last entry of a kind.
func last[T any](d *day, kind journal.Kind) T {
	d.t.Helper()
	for i := len(d.journal) - 1; i >= 0; i-- {
		if d.journal[i].Kind == kind {
			body, err := journal.DecodeBody[T](d.journal[i])
			require.NoError(d.t, err)
			return body
		}
	}
	require.Fail(d.t, "no entry", "of kind %d", kind)
	panic("not reached")
}

// sold waits for the n-th sale. The end of a scan and an Enter right behind it are one to a scanner with two: who sees nothing
// happen presses again.
func (d *day) sold(n int) retail.Sale {
	d.t.Helper()
	for range 3 {
		if !d.within(4*time.Second, func() bool { return d.count(journal.KindSale) >= n }) {
			d.t.Logf("sale %d: Enter again", n)
			d.xdotool("key", "Return")
		}
	}
	d.reaches(journal.KindSale, n)
	d.onPaper++
	return last[retail.Sale](d, journal.KindSale)
}

package e2e_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/sync/e2e/fleet"
	"comptant/terminal/printer/emulator"
)

// A day at a till, in its real window: keys and scans as a cashier and a scanner send them, receipts on a printer that reads
// what printers read. DAY=folder plays it and keeps a picture of every step there; it is no part of other runs yet.

// Where the rail's places are.
const (
	railX    = 40
	railSell = 8 + 36
	railStep = 80
)

// day is a till with its window, printer and journal, as a script plays with them.
type day struct {
	*window
	dir     string
	printer *emulator.Printer
	address string // the printer's
	ledger  *sql.DB
	codes   []string
	prices  []money.Amount
	// documents are those that must be on paper; a void prints nothing yet.
	documents int
	step      int
	pictures  string // the folder of pictures; empty keeps none
}

func TestADayAtTheTill(t *testing.T) {
	if os.Getenv("DAY") == "" {
		t.Skip("DAY=folder plays a day and keeps its pictures there")
	}
	tickets := 100
	if testing.Short() {
		tickets = 9
	}
	d := newDay(t)
	d.signIn()
	d.keys("20000")
	d.key("F9")
	d.look("shift-open")
	require.Equal(t, 1, d.kind(journal.KindShiftOpen))

	for n := range tickets {
		d.ticket(n)
		switch n {
		case tickets / 4:
			d.unplugged()
		case tickets / 3:
			d.killed()
		case tickets / 2:
			d.drawerAndCash()
		case 2 * tickets / 3:
			d.refunded()
		case 5 * tickets / 6:
			d.voided()
		}
	}
	d.close()
}

func newDay(t *testing.T) *day {
	t.Helper()
	hq := headquarters(t)
	d := &day{window: openDisplay(t), dir: filepath.Join(t.TempDir(), "till"), printer: emulator.New(48), pictures: os.Getenv("DAY")}
	require.NoError(t, fleet.Enrol(t.Context(), hq, d.dir, "CV", 1))
	rows, err := connect(t, hq).Query(t.Context(), `
		SELECT b.code, p.price FROM catalog.barcode b JOIN catalog.product p ON p.id = b.product_id
		WHERE NOT p.weighed AND NOT p.made_here AND p.price BETWEEN 100 AND 3000 ORDER BY p.sku LIMIT 40`)
	require.NoError(t, err)
	for rows.Next() {
		var code string
		var price money.Amount
		require.NoError(t, rows.Scan(&code, &price))
		d.codes, d.prices = append(d.codes, code), append(d.prices, price)
	}
	require.NoError(t, rows.Err())
	require.NotEmpty(t, d.codes)
	d.address, err = d.printer.Listen()
	require.NoError(t, err)
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
	d.t.Cleanup(func() { _ = d.ledger.Close() })
}

func (d *day) signIn() {
	d.click(272, 180) // the first name: Alice
	d.keys(pin)
	d.key("Return")
}

// look keeps a picture of the step.
func (d *day) look(name string) {
	d.step++
	if d.pictures == "" {
		return
	}
	require.NoError(d.t, os.MkdirAll(d.pictures, 0o755))
	path := d.picture("day")
	require.NoError(d.t, os.Rename(path, filepath.Join(d.pictures, fmt.Sprintf("%03d-%s.png", d.step, name))))
}

// kind counts the journal's entries of a kind.
func (d *day) kind(kind journal.Kind) (n int) {
	for _, e := range d.entries() {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

// entries reads the journal from the file, as it is on the disk.
func (d *day) entries() (all []journal.Entry) {
	d.t.Helper()
	rows, err := d.ledger.QueryContext(d.t.Context(), `SELECT bytes FROM entry ORDER BY epoch, seq`)
	require.NoError(d.t, err)
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var b []byte
		require.NoError(d.t, rows.Scan(&b))
		e, err := journal.Decode(b)
		require.NoError(d.t, err)
		all = append(all, e)
	}
	require.NoError(d.t, rows.Err())
	return all
}

// reaches waits until the journal has so many entries of a kind.
func (d *day) reaches(kind journal.Kind, n int) {
	d.t.Helper()
	require.Eventually(d.t, func() bool { return d.kind(kind) >= n }, patience, 50*time.Millisecond, "entry %s %d: %s", kind, n, d.picture("day-stuck"))
	require.Equal(d.t, n, d.kind(kind))
}

// scans types codes as a scanner does, one after the other, faster than anybody looks.
func (d *day) scans(n, first int) {
	for i := range n {
		d.xdotool("type", "--delay", "4", d.codes[(first+i)%len(d.codes)])
		d.xdotool("key", "Return")
	}
}

// ticket sells the n-th ticket of the day, of one of the kinds there are, and sees it in the journal.
func (d *day) ticket(n int) {
	d.t.Helper()
	sales := d.kind(journal.KindSale)
	switch n % 9 {
	case 0: // exact cash
		d.scans(1, n)
		d.pay()
	case 1: // a quantity first, and a note larger than the total
		d.keys("3*")
		d.settle() // a hand takes longer than that to reach for the scanner
		d.scans(1, n)
		d.xdotool("key", "F9")
		d.keys("20000")
		d.pressed()
	case 2: // ten scans at once, by card
		d.scans(10, n)
		d.xdotool("key", "F9", "Right")
		d.pressed()
	case 3: // searched by name, and more of it
		d.keys("sirop")
		d.key("Return")
		d.xdotool("key", "plus", "plus", "plus", "minus")
		d.pay()
	case 4: // a discount on a line
		d.scans(2, n)
		d.key("F8")
		d.keys("10")
		d.key("Return")
		d.look("discount")
		d.pay()
	case 5: // held for its customer, another one served, and recalled
		d.scans(2, n)
		d.key("F4")
		d.keys("Marie")
		d.key("Return")
		d.scans(1, n+7)
		d.pay()
		d.reaches(journal.KindSale, sales+1)
		sales++
		d.next()
		d.key("F5")
		d.look("recall")
		d.key("Return")
		d.pay()
	case 6: // a line taken off again
		d.scans(3, n)
		d.xdotool("key", "Delete")
		d.settle()
		d.pay()
	case 7: // a part by card, the rest in cash
		d.scans(4, n)
		d.xdotool("key", "F9", "Right")
		d.keys("100")
		d.key("Return")
		d.look("split")
		d.xdotool("key", "Return")
	case 8: // the same article twenty times
		d.keys("20*")
		d.settle()
		d.scans(1, n)
		d.pay()
	}
	d.reaches(journal.KindSale, sales+1)
	d.documents = d.kind(journal.KindSale) + d.kind(journal.KindRefund)
	if n < 9 {
		d.settle()
		d.look(fmt.Sprintf("ticket-%d", n))
	}
}

// next goes from the change of a sale to the next one, as Enter does once the change has been seen for a while.
func (d *day) next() { d.settle(); d.click(railX, railSell) }

func (d *day) pay()     { d.xdotool("key", "F9"); d.pressed() }
func (d *day) pressed() { d.xdotool("key", "Return") }

// unplugged takes the printer away during two sales: they are sold all the same, and printed when it is back.
func (d *day) unplugged() {
	d.printer.Unplug()
	sales := d.kind(journal.KindSale)
	d.scans(2, 11)
	d.pay()
	d.reaches(journal.KindSale, sales+1)
	d.settle()
	d.look("printer-unplugged")
	d.printer.Plug()
	d.documents++
	d.paper()
}

// paper waits until every document is on paper.
func (d *day) paper() {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), patience)
	defer cancel()
	err := d.printer.Until(ctx, func(seen emulator.Seen) bool { return len(seen.Cut()) >= d.documents })
	require.NoError(d.t, err, "%d of %d documents are printed", len(d.printer.Seen().Cut()), d.documents)
}

// killed ends the program in the middle of a ticket: it is there again after the sign-in.
func (d *day) killed() {
	d.paper()
	d.scans(3, 20)
	d.settle()
	d.kill()
	d.start()
	d.signIn()
	d.look("after-the-kill")
	sales := d.kind(journal.KindSale)
	d.pay()
	d.reaches(journal.KindSale, sales+1)
	entries := d.entries()
	for i := len(entries) - 1; ; i-- {
		if entries[i].Kind == journal.KindSale {
			sale, err := journal.DecodeBody[retail.Sale](entries[i])
			require.NoError(d.t, err)
			require.Len(d.t, sale.Lines, 3)
			break
		}
	}
	d.documents++
}

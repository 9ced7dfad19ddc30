package screen

import (
	"fmt"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"github.com/stretchr/testify/require"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
)

// What a cashier does, with a scanner and the keys, and what comes of it.

// A window that was busy sees the end of what was typed and the scan that follows at once.
func TestAQuantityTypedWhileTheWindowWasBusy(t *testing.T) {
	for typed, scanned := range map[string]string{"": "20*", "2": "0*", "20": "*", "20*": "", "2 ": "*"} {
		w := signedIn(t, Light, French)
		w.typeIn(typed)
		w.scan(scanned + w.code("Muffin"))
		lines := w.app.Till.Ticket().Lines
		require.Len(t, lines, 1, "%q, %q", typed, scanned)
		want := 20 * money.One
		if typed == "2 " {
			want = 2 * money.One
		}
		require.Equal(t, want, lines[0].Quantity, "%q, %q", typed, scanned)
		require.Empty(t, w.app.page.(*sell).typed)
	}
}

func TestSaleByScanPaidInCash(t *testing.T) {
	w := signedIn(t, Light, French)
	w.typeIn("3 *")
	w.scan(w.code("Muffin"))
	w.scan(w.code("Sirop d’érable ambré"))
	ticket := w.app.Till.Ticket()
	require.Len(t, ticket.Lines, 2)
	require.Equal(t, 3*money.One, ticket.Lines[0].Quantity)
	require.Empty(t, w.app.page.(*sell).typed, "the quantity is used once")

	w.press(fyne.KeyF9)
	w.typeIn("4000")
	w.press(fyne.KeyReturn)
	sales := bodies[retail.Sale](w.journal)
	require.Len(t, sales, 1)
	require.Equal(t, ticket.Total, sales[0].Total)
	require.Equal(t, money.Amount(4000), sales[0].Tenders[0].Given)
	require.IsType(t, &changeDue{}, w.app.page)
	require.Len(t, w.printer.Printed, 1)

	w.scan(w.code("Carnet"))
	require.IsType(t, &sell{}, w.app.page, "a scan begins the next sale at once")
	require.Len(t, w.app.Till.Ticket().Lines, 1)
}

func TestEnterTwiceTendersOnceAndStaysOnTheChange(t *testing.T) {
	w := signedIn(t, Light, French)
	w.scan(w.code("Muffin"))
	w.press(fyne.KeyF9, fyne.KeyReturn, fyne.KeyReturn)
	require.Len(t, bodies[retail.Sale](w.journal), 1)
	require.IsType(t, &changeDue{}, w.app.page, "the second press does not take the change away")
	w.clock.wait(patient)
	w.press(fyne.KeyReturn)
	require.IsType(t, &sell{}, w.app.page)
	w.press(fyne.KeyReturn, fyne.KeyReturn)
	require.IsType(t, &sell{}, w.app.page, "Enter on an empty field does not pay")
}

func TestSplitPaymentByCardAndCash(t *testing.T) {
	w := signedIn(t, Light, English)
	w.fill()
	total := w.app.Till.Ticket().Total
	w.press(fyne.KeyF9, fyne.KeyRight)
	w.typeIn("2000")
	w.press(fyne.KeyDown)
	w.typeIn("A83214")
	w.press(fyne.KeyDown)
	w.typeIn("4417")
	w.press(fyne.KeyReturn)
	p, paying := w.app.Till.Payment()
	require.True(t, paying)
	require.Equal(t, total-2000, p.Left)
	w.press(fyne.KeyEscape)
	require.IsType(t, &pay{}, w.app.page, "money has moved, so the payment goes on")
	w.press(fyne.KeyEscape, fyne.KeyReturn)
	sale := bodies[retail.Sale](w.journal)[0]
	require.Equal(t, retail.Tender{Kind: retail.TenderCard, Amount: 2000, Approval: "A83214", LastFour: "4417"}, sale.Tenders[0])
	require.Equal(t, retail.TenderCash, sale.Tenders[1].Kind)
}

func TestTenScansLandInOrderOnEveryScreen(t *testing.T) {
	var codes []string
	for _, p := range products() {
		if len(p.Barcodes) > 0 && !p.Weighed && len(codes) < 10 {
			codes = append(codes, p.Barcodes[0])
		}
	}
	t.Run("sell", func(t *testing.T) {
		w := signedIn(t, Light, French)
		w.scan(codes...)
		require.Equal(t, codes, w.onTicket())
	})
	t.Run("sell, while searching", func(t *testing.T) {
		w := signedIn(t, Light, French)
		w.typeIn("sirop")
		w.scan(codes...)
		require.Equal(t, codes, w.onTicket())
		require.Equal(t, "sirop", w.app.page.(*sell).search.Text())
	})
	t.Run("change", func(t *testing.T) {
		w := signedIn(t, Light, French)
		w.fill()
		w.press(fyne.KeyF9, fyne.KeyReturn)
		w.scan(codes...)
		require.Equal(t, codes, w.onTicket())
	})
	t.Run("payment refuses them", func(t *testing.T) {
		w := signedIn(t, Light, French)
		w.scan(codes[0])
		w.press(fyne.KeyF9)
		w.scan(codes...)
		require.Equal(t, codes[:1], w.onTicket())
		p := w.app.page.(*pay)
		require.Empty(t, p.amount.Text(), "a scan never becomes an amount")
		require.NotEmpty(t, p.refused)
	})
	t.Run("sign-in ignores them", func(t *testing.T) {
		w := newWorld(t, Light)
		s := w.app.page.(*signIn)
		s.choose(alice)
		w.scan(codes...)
		require.Empty(t, s.pin.Text(), "a scan never becomes a PIN")
		require.Empty(t, w.journal.Drafts)
	})
	t.Run("stock shows the last", func(t *testing.T) {
		w := signedIn(t, Light, French)
		w.app.visit(PlaceStock)
		w.scan(codes...)
		require.Equal(t, codes[9], w.app.page.(*stock).product.Barcodes[0])
		require.Empty(t, w.onTicket())
	})
	t.Run("receiving counts them", func(t *testing.T) {
		w := signedIn(t, Light, French)
		w.app.visit(PlaceStock)
		w.press(fyne.KeyF4, fyne.KeyReturn)
		w.scan(codes...)
		require.Equal(t, 10*money.One, differenceOf(w.app.page.(*receive).counting.Lines()).found)
	})
	t.Run("journal looks the last up", func(t *testing.T) {
		w := signedIn(t, Light, French)
		w.app.visit(PlaceJournal)
		w.scan(codes...)
		require.Equal(t, codes[9], w.app.page.(*journalPage).typed)
	})
}

// onTicket are the codes of the ticket's lines, in their order.
func (w *world) onTicket() []string {
	var codes []string
	for _, l := range w.app.Till.Ticket().Lines {
		for _, p := range w.goods.Products {
			if p.ID == l.Product {
				codes = append(codes, p.Barcodes[0])
			}
		}
	}
	return codes
}

func TestUnknownCodeIsRedAndTheNextScanWorks(t *testing.T) {
	w := signedIn(t, Light, French)
	w.scan("4001009910465")
	row := w.app.page.(*sell).pane.feedback
	require.Equal(t, Alarm, row.ground.fill)
	w.scan(w.code("Muffin"))
	require.Equal(t, Surface, row.ground.fill)
	require.Len(t, w.app.Till.Ticket().Lines, 1)
}

func TestKeysChangeTheSelectedLine(t *testing.T) {
	w := signedIn(t, Light, French)
	w.scan(w.code("Muffin"), w.code("Carnet"))
	w.typeIn("++")
	w.press(fyne.KeyUp)
	w.typeIn("+")
	lines := w.app.Till.Ticket().Lines
	require.Equal(t, []money.Quantity{2 * money.One, 3 * money.One}, []money.Quantity{lines[0].Quantity, lines[1].Quantity})
	w.press(fyne.KeyDelete)
	require.Equal(t, "Carnet ligné A5", w.app.Till.Ticket().Lines[0].Name)
	w.press(fyne.KeyEscape, fyne.KeyEscape)
	require.True(t, w.app.stage.Modal(), "a ticket is lost only on demand")
	w.press(fyne.KeyReturn)
	require.Len(t, w.app.Till.Ticket().Lines, 1)
	w.press(fyne.KeyEscape)
	require.False(t, w.app.stage.Modal())
}

func TestSearchAndEnterAddTheChosenResult(t *testing.T) {
	w := signedIn(t, Light, French)
	w.typeIn("erab sir")
	w.press(fyne.KeyDown, fyne.KeyReturn)
	require.Equal(t, "Sirop d’érable doré, 540 ml", w.app.Till.Ticket().Lines[0].Name)
	require.Empty(t, w.app.page.(*sell).typed)
}

func TestPriceCheckAddsNothing(t *testing.T) {
	w := signedIn(t, Light, English)
	w.press(fyne.KeyF6)
	w.scan(w.code("Muffin"))
	require.Empty(t, w.app.Till.Ticket().Lines)
	w.scan("4001009910465")
	w.scan(w.code("Carnet"))
	w.typeIn(w.product("Carnet").SKU)
	w.press(fyne.KeyReturn)
	require.Empty(t, w.app.Till.Ticket().Lines, "as many as are asked for")
	w.press(fyne.KeyEscape)
	w.scan(w.code("Muffin"))
	require.Len(t, w.app.Till.Ticket().Lines, 1, "closed, a scan is a sale again")
}

func TestTouchingATileAndPay(t *testing.T) {
	w := signedIn(t, Light, French)
	s := w.app.page.(*sell)
	w.tap(s.chips.line.Objects[2])
	require.Equal(t, bakery, s.category)
	s.add(s.tiles[0].Product)
	w.tap(s.plus)
	require.Equal(t, 2*money.One, w.app.Till.Ticket().Lines[0].Quantity)
	w.tap(s.pay)
	require.IsType(t, &pay{}, w.app.page)
	w.settle()
	w.tap(w.app.page.(*pay).left)
	require.IsType(t, &pay{}, w.app.page, "nothing can be touched where Pay was")
	require.Empty(t, bodies[retail.Sale](w.journal))
}

func TestLanguageChangesAtOnceAndKeepsWhatWasTyped(t *testing.T) {
	w := signedIn(t, Light, French)
	w.fill()
	w.typeIn("sirop")
	w.app.speak(English)
	s := w.app.page.(*sell)
	require.Equal(t, "sirop", s.search.Text())
	require.Equal(t, "Pay", s.pay.Spec().Text)
	require.Equal(t, "Regular coffee, medium", s.pane.ticket.Lines[0].Name)
	require.Equal(t, "Sell", w.app.shell.Rail.places[PlaceSell].text.full)
	require.Len(t, s.results, 3)
	w.app.speak(French)
	require.Equal(t, "Payer", w.app.page.(*sell).pay.Spec().Text)
}

func TestLockKeepsTheTicketForWhoeverSignsIn(t *testing.T) {
	w := signedIn(t, Light, French)
	w.fill()
	total := w.app.Till.Ticket().Total
	w.app.lock()
	_, signedIn := w.app.Till.User()
	require.False(t, signedIn)
	require.False(t, w.app.shell.Rail.Visible())
	w.scan(w.code("Muffin"))
	w.settle()
	w.signIn(bob)
	require.Equal(t, total, w.app.Till.Ticket().Total)
	require.Equal(t, English, w.app.words.Language, "the till speaks Bob's language")
	require.IsType(t, &sell{}, w.app.page)

	w.press(fyne.KeyF9)
	w.app.lock()
	w.settle()
	w.signIn(alice)
	require.IsType(t, &pay{}, w.app.page, "the payment goes on where it was")
}

func TestThePINIsCheckedAwayFromTheWindow(t *testing.T) {
	w := newWorld(t, Light)
	var held []func()
	w.held = &held
	w.app.page.(*signIn).choose(alice)
	w.typeIn("1234")
	w.press(fyne.KeyReturn, fyne.KeyReturn)
	require.Len(t, held, 1, "one check, however often Enter is pressed")
	w.app.speak(English)
	w.app.showStatus()
	w.app.Changed()
	w.clock.wait(time.Minute)
	require.Equal(t, "fr", w.app.Till.Lang(), "nobody touches the till meanwhile")
	require.False(t, w.app.stage.Modal())
	held[0]()
	require.IsType(t, &shiftPage{}, w.app.page)
}

func TestStatusSaysWhichPricesComeNext(t *testing.T) {
	w := signedIn(t, Light, French)
	w.app.showStatus()
	prices := w.app.panel.facts[4].saying
	require.Equal(t, "1284", prices.full)
	w.goods.Next = till.NextPrices{Version: 1285, From: time.Date(2026, 11, 30, 11, 0, 0, 0, time.UTC)}
	w.app.refresh()
	require.Equal(t, "1284 · puis 1285 (30 nov. 06:00)", prices.full)
}

func TestWrongPINSaysSoAndEmptiesTheDots(t *testing.T) {
	w := newWorld(t, Light)
	s := w.app.page.(*signIn)
	s.choose(bob)
	for range 4 {
		w.typeIn("9999")
		w.press(fyne.KeyReturn)
		require.Empty(t, s.pin.Text())
	}
	require.Contains(t, s.prompt.full, "attendez")
	require.Equal(t, Bad, s.prompt.colour)
}

func TestRestockRequest(t *testing.T) {
	w := signedIn(t, Light, French)
	w.app.visit(PlaceStock)
	w.scan(w.code("Sirop d’érable ambré"))
	s := w.app.page.(*stock)
	require.Equal(t, 36*money.One, s.quantity(), "6.2 a day for 10 days, less 16 here and 12 on their way, in cases of 12")
	w.settle()
	w.tap(s.detail.request.plus)
	w.tap(s.detail.request.ask)
	w.tap(s.detail.request.ask)
	requests := bodies[retail.RestockRequest](w.journal)
	require.Len(t, requests, 1, "a second press asks for nothing")
	require.Equal(t, []retail.StockLine{{Product: w.product("Sirop d’érable ambré").ID, Quantity: 48 * money.One}}, requests[0].Lines)
	require.Equal(t, retail.RestockRequested, s.requests[0].State)
	require.False(t, s.detail.request.ask.Visible())
}

func TestReceivingByScanning(t *testing.T) {
	w := signedIn(t, Light, French)
	w.app.visit(PlaceStock)
	w.press(fyne.KeyF4, fyne.KeyReturn)
	w.typeIn("11*")
	w.scan(w.code("Sirop d’érable ambré"))
	for range 6 {
		w.scan(w.code("Beurre"))
	}
	w.typeIn("24*")
	w.scan(w.code("Savon"), w.code("Muffin"))
	w.press(fyne.KeyF9)
	require.True(t, w.app.stage.Modal(), "a difference is confirmed")
	w.press(fyne.KeyReturn)
	got := bodies[retail.Receive](w.journal)
	require.Len(t, got, 1)
	require.Equal(t, []retail.StockLine{
		{Product: w.product("Sirop d’érable ambré").ID, Quantity: 11 * money.One},
		{Product: w.product("Beurre").ID, Quantity: 6 * money.One},
		{Product: w.product("Savon").ID, Quantity: 24 * money.One},
		{Product: w.product("Muffin").ID, Quantity: money.One},
	}, got[0].Lines)
	require.IsType(t, &shipments{}, w.app.page)
}

func TestJournalFindsAndReprints(t *testing.T) {
	w := signedIn(t, Light, French)
	w.sellSome()
	w.app.visit(PlaceJournal)
	j := w.app.page.(*journalPage)
	require.Len(t, j.receipts, 6)
	w.typeIn("000003")
	require.Len(t, j.receipts, 1)
	w.settle()
	w.app.Till.Close() // waits for what is being printed
	before := len(w.printer.Printed)
	w.tap(j.print)
	w.app.Till.Close()
	require.Len(t, w.printer.Printed, before+1)
	last := w.printer.Printed[before]
	require.True(t, last.Copy)
	require.Equal(t, uint64(3), last.Sale.Number)
}

func TestJournalSaysWhatHeadquartersSays(t *testing.T) {
	for _, lang := range []Language{French, English} {
		w := signedIn(t, Light, lang)
		w.sellSome()
		w.app.visit(PlaceJournal)
		j := w.app.page.(*journalPage)
		for _, code := range []string{"deferred", "invalid", "unknown-product", "other-store", "printed-twice", "a newer one"} {
			w.journal.Notices = map[uint64]string{6: code}
			j.find()
			w.settle()
			require.Equal(t, w.app.words.T(noticeKey(code)), j.file.text.Text, "whole, in its place")
		}
		j.choose(1)
		w.settle()
		require.Contains(t, j.file.text.Text, "receipts")
	}
}

func TestDiskThatRefusesIsSaidAndNothingIsLost(t *testing.T) {
	w := signedIn(t, Light, French)
	w.fill()
	w.press(fyne.KeyF9)
	w.journal.Fails = fmt.Errorf("disk: no")
	w.press(fyne.KeyReturn)
	require.True(t, w.app.stage.Modal())
	w.press(fyne.KeyEscape)
	w.journal.Fails = nil
	w.press(fyne.KeyReturn)
	require.Len(t, bodies[retail.Sale](w.journal), 1)
}

func TestPrinterThatJamsDoesNotHoldTheSale(t *testing.T) {
	w := signedIn(t, Light, French)
	w.printer.Jam = fmt.Errorf("no paper")
	w.fill()
	w.press(fyne.KeyF9, fyne.KeyReturn)
	c := w.app.page.(*changeDue)
	require.Equal(t, printedNothing, c.paper)
	require.Len(t, bodies[retail.Sale](w.journal), 1)
	w.printer.Jam = nil
	c.reprint()
	require.Equal(t, printedFine, c.paper)
	require.True(t, w.printer.Printed[0].Copy)
}

func TestChangesShowByThemselves(t *testing.T) {
	w := newWorld(t, Light)
	w.goods.Staff = w.goods.Staff[:1]
	w.network.Online = false
	for range 3 {
		w.app.Changed()
	}
	w.clock.wait(refreshDelay)
	require.Len(t, w.app.page.(*signIn).staff, 1)
	require.Equal(t, "Hors ligne", w.app.shell.Top.Chip.text.full)
}

func TestEveryErrorOfTheTillHasWords(t *testing.T) {
	for _, l := range Languages {
		w := NewWords(l)
		for _, k := range till.Keys {
			text := w.Error(&retail.Error{Key: k})
			require.NotEqual(t, w.T("error.unexpected"), text, "%s in %s", k, l)
		}
		require.Equal(t, w.T("error.unexpected"), w.Error(fmt.Errorf("anything")))
	}
	most := &retail.Error{Key: till.KeyPayTaken, Args: map[string]any{"amount": money.Amount(2000)}}
	require.Contains(t, NewWords(English).Error(most), "$20.00")
}

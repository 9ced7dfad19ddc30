package screen

import (
	"fyne.io/fyne/v2"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
)

// mostReceipts is how many receipts a list shows.
const mostReceipts = 200

// journalPage is what this till has sold and given back: today's receipts, or those that match what is typed.
type journalPage struct {
	app      *App
	typed    string
	receipts []till.Receipt
	chosen   int
	// waits says that headquarters does not have everything.
	waits bool
	// said is how printing again went; "" before.
	said       string
	saidColour fyne.ThemeColorName
	saidIcon   Icon

	search *SearchField
	blind  *Button
	head   *Label
	sum    *Label
	rows   *Rows
	none   *empty
	pane   *receiptPane
	detail fyne.CanvasObject
	print  *Button
	export *Button
	void   *Button
	slip   *Button
	refund *Button
	file   *Label
	mark   *Glyph
}

func newJournal(a *App) *journalPage { return &journalPage{app: a} }

func (j *journalPage) build() (left, right fyne.CanvasObject) {
	w := j.app.words
	j.search = NewSearchField(w.T("journal.search"), "F2", j.look)
	j.search.SetText(j.typed)
	j.blind = NewButton(ButtonSpec{Text: w.T("refund.blind"), Size: 14, Key: "F7", Under: true, Pressed: j.takeBack})
	j.export = NewButton(ButtonSpec{Text: w.T("journal.export"), Key: "F6", Under: true, Size: 14, Pressed: j.startExport})
	j.head = NewName("", 14, Muted)
	j.sum = NewLabel("", 14, Muted, fyne.TextAlignTrailing)
	j.rows = NewRows(func() int { return len(j.receipts) }, newReceiptRow, j.showReceipt)
	j.none = newEmpty(IconJournal, "", "")
	ground := NewBox(Surface, Separator, border, radius)
	line := NewBox(Separator, Transparent, 0, 0)
	left = placed(fyne.Size{}, []fyne.CanvasObject{j.search, j.blind, j.export, ground, j.head, j.sum, line, j.rows, j.none}, func(size fyne.Size) {
		const export = 96
		blind := j.blind.MinSize().Width + gap
		put(j.search, 0, 0, size.Width-blind-export-2*gap, HeightMain)
		put(j.blind, size.Width-export-gap-blind, 0, blind, HeightMain)
		put(j.export, size.Width-export, 0, export, HeightMain)
		put(ground, 0, 64, size.Width, size.Height-64)
		sum := j.sum.Width()
		put(j.head, 14, 65, size.Width-28-sum-gap, 39)
		put(j.sum, size.Width-14-sum, 65, sum, 39)
		put(line, 1, 104, size.Width-2, 1)
		put(j.rows, 1, 105, size.Width-2, size.Height-107)
		put(j.none, 1, 105, size.Width-2, size.Height-107)
	})
	return left, j.buildRight()
}

func (j *journalPage) buildRight() fyne.CanvasObject {
	w := j.app.words
	j.pane = newReceiptPane(w)
	j.print = NewButton(ButtonSpec{Icon: IconPrint, Text: w.T("journal.reprint"), Pressed: j.reprint})
	j.void = NewButton(ButtonSpec{Icon: IconUndo, Text: w.T("void.button"), Size: 14, Style: Danger, Pressed: j.voidSale})
	j.slip = NewButton(ButtonSpec{Icon: IconPrint, Text: w.T("void.slip"), Size: 14, Pressed: j.reprintSlip})
	j.refund = NewButton(ButtonSpec{Icon: IconUndo, Text: w.T("refund.button"), Key: "F8", Pressed: j.refundSale})
	j.file = NewName("", SizeCaption, Muted)
	j.mark = NewGlyph("", 18, Muted)
	foot := placed(fyne.Size{}, []fyne.CanvasObject{j.mark, j.file, j.refund, j.print, j.void, j.slip}, func(size fyne.Size) {
		x := float32(6)
		if j.mark.icon != "" {
			put(j.mark, x, 3, 18, 18)
			x += 26
		}
		put(j.file, x, 0, size.Width-x, 24)
		put(j.refund, 0, 32, size.Width, HeightMain)
		const below = 32 + HeightMain + gap
		if !j.void.Visible() && !j.slip.Visible() {
			put(j.print, 0, below, size.Width, HeightMain)
			return
		}
		wide := j.print.MinSize().Width
		put(j.print, 0, below, wide, HeightMain)
		for _, b := range []*Button{j.void, j.slip} {
			put(b, wide+gap, below, size.Width-wide-gap, HeightMain)
		}
	})
	j.detail = j.pane.with(foot, 100+HeightMain+gap)
	return placed(fyne.NewSize(TicketWidth, 0), []fyne.CanvasObject{j.detail}, func(size fyne.Size) {
		put(j.detail, 0, 0, size.Width, size.Height)
	})
}

func (j *journalPage) refresh() { j.find() }

func (j *journalPage) look(text string) {
	j.typed, j.chosen, j.said = text, 0, ""
	j.find()
}

func (j *journalPage) find() {
	a := j.app
	filter := till.ReceiptFilter{Text: j.typed, Refunds: true, Limit: mostReceipts}
	if j.typed == "" {
		filter.Day = retail.DateOf(a.Till.Now())
	}
	var err error
	if j.receipts, err = a.Till.Receipts(a.ctx, filter); err != nil {
		a.Log.Error("list receipts", "err", err)
	}
	j.chosen = min(j.chosen, max(len(j.receipts)-1, 0))
	status, err := a.Till.Status(a.ctx)
	if err != nil {
		a.Log.Error("read status", "err", err)
	}
	j.waits = status.Count > 0
	j.show()
}

func (j *journalPage) show() {
	w, some := j.app.words, len(j.receipts) > 0
	sum := j.total()
	if j.typed == "" {
		j.head.SetText(w.T("journal.today", "Day", w.day(j.app.Till.Now())) + " · " + w.N("journal.receipts", len(j.receipts)))
		j.none.set(IconJournal, w.T("journal.empty"), w.T("journal.empty_text"))
	} else {
		j.head.SetText(w.N("journal.found", len(j.receipts)) + " · " + w.T("like.hint"))
		j.none.set(IconJournal, w.T("journal.nothing"), w.T("journal.nothing_text"))
		if _, ok := retail.ParseReceiptCode(j.typed); ok {
			j.none.set(IconJournal, w.T("journal.nothing"), w.T("journal.elsewhere"))
		}
	}
	j.sum.SetText(sum)
	j.export.Update(func(b *ButtonSpec) { b.Off = !j.waits })
	show(j.none, !some)
	show(j.rows, some)
	show(j.detail, some)
	j.rows.Update()
	if !some {
		return
	}
	j.rows.Reveal(j.chosen)
	r := j.receipts[j.chosen]
	j.pane.show(j.app.Till.Code(r), r)
	show(j.void, j.voidable(r))
	show(j.slip, r.Voided)
	j.refund.Update(func(b *ButtonSpec) { b.Off = !refundable(r) })
	text, colour, icon := j.said, j.saidColour, j.saidIcon
	switch {
	case text != "":
	case r.Notice != "":
		text, colour, icon = w.T(noticeKey(r.Notice)), Warn, IconWarning
	case r.Refund != nil:
		text, colour, icon = j.of(r), Muted, ""
	default:
		text, colour, icon = j.app.fileOf(r), Muted, ""
	}
	j.file.SetText(text)
	j.file.SetColour(colour)
	j.mark.Set(icon, colour)
	j.app.shell.Refresh()
}

// of is which receipt of this till a refund is about; "" for another's, or none.
func (j *journalPage) of(r till.Receipt) string {
	p, err := j.app.Till.Printable(j.app.ctx, r)
	if err != nil {
		j.app.Log.Error("read refund", "err", err)
	}
	if p.Of == "" {
		return ""
	}
	return j.app.words.T("refund.of", "Code", p.Of)
}

// noticeKey is the sentence for what headquarters says of a receipt.
func noticeKey(code string) string {
	switch code {
	case "deferred":
		return "journal.notice_deferred"
	case "invalid":
		return "journal.notice_invalid"
	case "unknown-product":
		return "journal.notice_product"
	case "other-store":
		return "journal.notice_store"
	case "printed-twice":
		return "journal.notice_twice"
	}
	return "journal.notice"
}

// total is what the listed receipts come to.
func (j *journalPage) total() string {
	if len(j.receipts) == 0 {
		return ""
	}
	var sum money.Amount
	for _, r := range j.receipts {
		if !r.Voided {
			sum += shown(r).Total
		}
	}
	return j.app.words.money(sum)
}

func (j *journalPage) showReceipt(i int, row *receiptRow) {
	w, r := j.app.words, j.receipts[i]
	s := shown(r)
	when := r.At.In(j.app.Till.Now().Location())
	text := when.Format("15:04")
	if s.BusinessDate != retail.DateOf(j.app.Till.Now()) {
		text = w.day(when)
	}
	paid := ""
	for _, t := range s.Tenders {
		if paid != "" {
			paid += " + "
		}
		paid += tenderName(w, t)
	}
	if r.Refund != nil {
		paid = w.T("journal.refund") + " · " + paid
	}
	waiting := ""
	if !r.Acked {
		waiting = w.T("journal.waiting")
	}
	if r.Voided {
		waiting = w.T("void.tag")
	}
	row.set(receiptLine{
		time: text, code: j.app.Till.Code(r), paid: paid, amount: w.money(s.Total), waiting: waiting,
		chosen: i == j.chosen, pressed: func() { j.choose(i) },
	})
}

func (j *journalPage) choose(i int) {
	j.chosen, j.said = i, ""
	j.show()
}

// reprint prints the chosen receipt again, marked as a duplicate.
func (j *journalPage) reprint() {
	if len(j.receipts) == 0 {
		return
	}
	j.printing(j.app.Till.Reprint(j.app.ctx, j.receipts[j.chosen]))
}

// printing says that something is being printed, and then how that went.
func (j *journalPage) printing(printed <-chan error, err error) {
	if err != nil {
		j.app.fail(nil, err)
		return
	}
	j.tell(j.app.words.T("change.printing"), Muted, IconPending)
	j.await(printed, j.app.words.T("journal.printed"), IconCheck)
}

// await says how printing went: done when there is paper.
func (j *journalPage) await(printed <-chan error, done string, icon Icon) {
	a, err := j.app, error(nil)
	a.Background(func() { err = <-printed }, func() {
		switch {
		case a.page != page(j):
		case err != nil:
			j.tell(a.words.T("change.not_printed"), Bad, IconError)
		default:
			j.tell(done, OK, icon)
		}
	})
}

func (j *journalPage) tell(text string, colour fyne.ThemeColorName, icon Icon) {
	j.said, j.saidColour, j.saidIcon = text, colour, icon
	j.show()
}

// takeBack takes goods back without a receipt.
func (j *journalPage) takeBack() { j.app.open(newReturn(j.app)) }

// refundable says that something of a receipt may be left to give back.
func refundable(r till.Receipt) bool { return !r.Voided && r.Refund == nil }

// refundSale takes goods of the chosen receipt back.
func (j *journalPage) refundSale() {
	if len(j.receipts) == 0 || !refundable(j.receipts[j.chosen]) {
		return
	}
	r := j.receipts[j.chosen]
	of, err := j.app.Till.Refundable(j.app.ctx, r.Epoch, r.Number)
	if err != nil {
		j.app.fail(nil, err)
		return
	}
	j.app.open(newRefund(j.app, of))
}

// lookElsewhere looks for what is typed where this till's journal ends: a number at whichever store, anything else among the receipts
// of this store's tills.
func (j *journalPage) lookElsewhere() {
	printed, ok := retail.ParseReceiptCode(j.typed)
	switch {
	case ok && len(j.receipts) == 0:
		j.app.bringBack(printed)
	case !ok && j.typed != "":
		j.app.open(newFindLike(j.app, j.typed))
	}
}

// Scanned looks for the number of a receipt; that of another till is asked for.
func (j *journalPage) Scanned(code string) {
	id := j.app.Till.Identity()
	if printed, ok := retail.ParseReceiptCode(code); ok && (printed.Store != id.Store.Code || printed.Till != id.Number) {
		j.app.bringBack(printed)
		return
	}
	j.search.SetText(code)
	j.look(code)
}

func (j *journalPage) Typed(r rune) { j.search.Typed(r) }

func (j *journalPage) Pressed(key fyne.KeyName) {
	switch key {
	case fyne.KeyBackspace:
		j.search.Erase()
	case fyne.KeyF2:
		j.search.Clear()
	case fyne.KeyF7:
		j.takeBack()
	case fyne.KeyF8:
		j.refundSale()
	case fyne.KeyReturn, fyne.KeyEnter:
		j.lookElsewhere()
	case fyne.KeyF6:
		j.startExport()
	case fyne.KeyEscape:
		if j.typed == "" {
			j.app.sell()
			return
		}
		j.search.Clear()
	case fyne.KeyUp, fyne.KeyDown:
		by := 1
		if key == fyne.KeyUp {
			by = -1
		}
		if n := len(j.receipts); n > 0 {
			j.choose(min(max(j.chosen+by, 0), n-1))
		}
	}
}

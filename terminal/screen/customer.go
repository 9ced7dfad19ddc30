package screen

import (
	"strings"

	"fyne.io/fyne/v2"
	"github.com/google/uuid"

	"comptant/shared/retail"
)

// mostPeople is how many customers are listed: who looks for one types more.
const mostPeople = 30

// customerChoice is a row of the list: a customer, nobody, or somebody who is written down.
type customerChoice struct {
	customer retail.Customer
	nobody   bool
	fresh    bool
}

// findCustomer asks whose sale it is.
type findCustomer struct {
	sell    *sell
	query   Entry
	choices []customerChoice
	chosen  int

	box    *NumberBox
	rows   *Rows
	dialog *Dialog
}

// askCustomer opens the list: it is empty until something is typed.
func (s *sell) askCustomer() {
	a, w := s.app, s.app.words
	f := &findCustomer{sell: s, box: NewNumberBox(w.T("customer.search"), SizeBody, HeightMain, nil)}
	f.query = Entry{Max: 60, Changed: func(string) { f.look() }}
	f.rows = NewRows(func() int { return len(f.choices) }, newHeldRow, f.showRow)
	ground := NewBox(Surface, Separator, border, radius)
	list := placed(fyne.NewSize(0, recallHeight+2), []fyne.CanvasObject{ground, f.rows}, func(size fyne.Size) {
		put(ground, 0, 0, size.Width, size.Height)
		put(f.rows, 1, 1, size.Width-2, size.Height-2)
	})
	f.dialog = a.ask(DialogSpec{
		Icon: IconPerson, Title: w.T("customer.title"), Text: w.T("customer.text"), Body: column(f.box, list), Keys: f,
		Cancel: w.T("approve.cancel"), Accept: w.T("customer.yes"), Done: f.answer,
	})
	f.look()
}

func (f *findCustomer) look() {
	a := f.sell.app
	found, err := a.Till.FindCustomers(a.ctx, f.query.Text(), mostPeople)
	if err != nil {
		a.Log.Error("find customers", "err", err)
	}
	f.choices, f.chosen = nil, 0
	for _, c := range found {
		f.choices = append(f.choices, customerChoice{customer: c})
	}
	switch typed := strings.TrimSpace(f.query.Text()); {
	case typed != "":
		f.choices = append(f.choices, customerChoice{fresh: true})
	case a.Till.Ticket().Customer != uuid.Nil:
		f.choices = append(f.choices, customerChoice{nobody: true})
	}
	f.show()
}

func (f *findCustomer) show() {
	f.box.Set(f.query.Text(), true)
	f.dialog.Allow(len(f.choices) > 0)
	f.rows.Update()
	if len(f.choices) > 0 {
		f.rows.Reveal(f.chosen)
	}
}

func (f *findCustomer) showRow(i int, row *heldRow) {
	w, c := f.sell.app.words, f.choices[i]
	name, detail := c.customer.Name, strings.Trim(c.customer.Phone+" · "+c.customer.Email, " ·")
	switch {
	case c.fresh:
		name, detail = w.T("customer.new"), f.query.Text()
	case c.nobody:
		name, detail = w.T("customer.nobody"), f.sell.app.customerName()
	}
	row.set(name, detail, "", i == f.chosen, func() {
		f.chosen = i
		f.answer(true)
	})
}

func (f *findCustomer) answer(accepted bool) {
	a := f.sell.app
	a.stage.Close()
	if !accepted || len(f.choices) == 0 {
		return
	}
	switch c := f.choices[f.chosen]; {
	case c.fresh:
		f.sell.newCustomer(strings.TrimSpace(f.query.Text()))
	default:
		f.sell.did(a.Till.SetCustomer(a.ctx, c.customer.ID))
	}
}

// edit corrects what is known of the chosen customer.
func (f *findCustomer) edit() {
	if len(f.choices) == 0 || f.choices[f.chosen].customer.ID == uuid.Nil {
		return
	}
	f.sell.app.stage.Close()
	f.sell.editCustomer(f.choices[f.chosen].customer)
}

func (*findCustomer) Scanned(string) {}

func (f *findCustomer) Typed(r rune) { f.query.Typed(r) }

func (f *findCustomer) Pressed(key fyne.KeyName) {
	switch key {
	case fyne.KeyBackspace:
		f.query.Erase()
	case fyne.KeyDelete:
		f.query.Clear()
	case fyne.KeyF4:
		f.edit()
	case fyne.KeyUp:
		f.chosen = max(f.chosen-1, 0)
		f.show()
	case fyne.KeyDown:
		f.chosen = max(min(f.chosen+1, len(f.choices)-1), 0)
		f.show()
	}
}

// customerName is whose sale it is; "" for nobody.
func (a *App) customerName() string {
	name, err := a.Till.CustomerName(a.ctx)
	if err != nil {
		a.Log.Error("read the customer of the ticket", "err", err)
	}
	return name
}

// newCustomer writes somebody down, or corrects it: name, phone number, e-mail address.
type newCustomer struct {
	sell *sell
	// id is who is corrected; the zero UUID for somebody new.
	id     uuid.UUID
	fields [3]Entry
	boxes  [3]*NumberBox
	at     int
	dialog *Dialog
}

// newCustomer asks for what is not known yet; what was looked for is where it belongs already.
func (s *sell) newCustomer(looked string) {
	n := &newCustomer{sell: s}
	at := 0
	switch {
	case strings.Contains(looked, "@"):
		at = 2
	case len(retail.Digits(looked)) > 3:
		at = 1
	}
	n.fields[at].Set(looked)
	n.open("customer.new")
}

func (s *sell) editCustomer(c retail.Customer) {
	n := &newCustomer{sell: s, id: c.ID}
	for i, text := range []string{c.Name, c.Phone, c.Email} {
		n.fields[i].Set(text)
	}
	n.open("customer.edit")
}

func (n *newCustomer) open(title string) {
	w := n.sell.app.words
	for i, key := range []string{"customer.name", "customer.phone", "customer.email"} {
		n.fields[i].Max, n.fields[i].Changed = 60, func(string) { n.show() }
		n.boxes[i] = NewNumberBox(w.T(key), SizeBody, HeightMain, func() { n.move(i - n.at) })
	}
	n.dialog = n.sell.app.ask(DialogSpec{
		Icon: IconPerson, Title: w.T(title), Text: w.T("customer.new_text"), Keys: n,
		Body: column(n.boxes[0], n.boxes[1], n.boxes[2]), Cancel: w.T("approve.cancel"), Accept: w.T("customer.keep"), Done: n.answer,
	})
	n.show()
}

func (n *newCustomer) show() {
	for i, b := range n.boxes {
		b.Set(n.fields[i].Text(), i == n.at)
	}
	n.dialog.Allow(strings.TrimSpace(n.fields[0].Text()) != "")
}

func (n *newCustomer) move(by int) {
	n.at = min(max(n.at+by, 0), len(n.fields)-1)
	n.show()
}

func (n *newCustomer) answer(accepted bool) {
	a := n.sell.app
	if !accepted {
		a.stage.Close()
		return
	}
	name, phone, email := n.fields[0].Text(), n.fields[1].Text(), n.fields[2].Text()
	var err error
	if n.id == uuid.Nil {
		_, err = a.Till.NewCustomer(a.ctx, name, phone, email)
	} else if _, err = a.Till.EditCustomer(a.ctx, n.id, name, phone, email); err == nil {
		err = a.Till.SetCustomer(a.ctx, n.id)
	}
	if err != nil {
		n.dialog.Say(a.words.Error(err), Bad)
		return
	}
	a.stage.Close()
	n.sell.did(nil)
}

func (*newCustomer) Scanned(string) {}

func (n *newCustomer) Typed(r rune) { n.fields[n.at].Typed(r) }

func (n *newCustomer) Pressed(key fyne.KeyName) {
	switch key {
	case fyne.KeyBackspace:
		n.fields[n.at].Erase()
	case fyne.KeyDelete:
		n.fields[n.at].Clear()
	case fyne.KeyUp:
		n.move(-1)
	case fyne.KeyDown, fyne.KeyTab:
		n.move(1)
	}
}

package till_test

import (
	"testing"
	"time"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/terminal/till"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// A customer is written down and put on the ticket with no network; the entry has the id and nothing else of the person.
func TestACustomerIsOnTheReceiptAndNotInTheJournal(t *testing.T) {
	w := signedIn(t)
	w.network = till.Network{}
	w.scan(pen.SKU)
	c, err := w.NewCustomer(t.Context(), "  Marie  Tremblay ", "514 555-0123", " Marie@Example.com ")
	require.NoError(t, err)
	require.Equal(t, "Marie Tremblay", c.Name)
	require.Equal(t, "marie@example.com", c.Email)
	require.Equal(t, c.ID, w.Ticket().Customer)
	p, err := w.TenderCard(t.Context(), w.pay().Turn, w.Ticket().Total, "1", "4417")
	require.NoError(t, err)
	require.Equal(t, c.ID, p.Sold.Receipt.Sale.Customer)
	require.Equal(t, uuid.Nil, w.Ticket().Customer, "the next customer is another")
	w.Close()
	require.Equal(t, "Marie Tremblay", w.printer.Printed[0].Customer)
	for _, d := range w.journal.Drafts {
		b, err := journal.Encode(journal.Entry{Kind: d.Kind}, d.Body)
		require.NoError(t, err)
		for _, personal := range []string{"Marie", "Tremblay", "555", "example.com"} {
			require.NotContains(t, string(b), personal)
		}
	}

	w.people.All[0] = c.Erase()
	again, err := w.Printable(t.Context(), p.Sold.Receipt)
	require.NoError(t, err)
	require.Empty(t, again.Customer, "who was erased is on no receipt any more")
	require.NoError(t, again.Sale.Check())
}

func TestACustomerIsFoundAndTakenOffAgain(t *testing.T) {
	w := signedIn(t)
	w.scan(pen.SKU)
	c, err := w.NewCustomer(t.Context(), "Marie Tremblay", "514 555-0123", "")
	require.NoError(t, err)
	require.NoError(t, w.SetCustomer(t.Context(), uuid.Nil))
	require.Equal(t, uuid.Nil, w.Ticket().Customer)
	for _, query := range []string{"tremb", "5550123"} {
		found, err := w.FindCustomers(t.Context(), query, 5)
		require.NoError(t, err)
		require.Equal(t, []retail.Customer{c}, found)
	}
	found, err := w.FindCustomers(t.Context(), "  ", 5)
	require.NoError(t, err)
	require.Empty(t, found, "not everybody at once")
	require.NoError(t, w.SetCustomer(t.Context(), c.ID))
	refused(t, till.KeyNoCustomer, w.SetCustomer(t.Context(), id(77)))
	require.Equal(t, c.ID, w.Ticket().Customer)

	w.start()
	require.NoError(t, w.SignIn(t.Context(), alice, "1234"))
	require.Equal(t, c.ID, w.Ticket().Customer, "it outlives the program")
	require.NoError(t, w.Hold(t.Context(), ""))
	require.Equal(t, uuid.Nil, w.Ticket().Customer)
	held, err := w.Held(t.Context())
	require.NoError(t, err)
	require.NotContains(t, string(held[0].Body), "Marie")
	require.NoError(t, w.Recall(t.Context(), held[0].ID))
	require.Equal(t, c.ID, w.Ticket().Customer)
	w.pay()
	refused(t, till.KeyFrozen, w.SetCustomer(t.Context(), uuid.Nil))
}

func TestACustomerMustBeSomebody(t *testing.T) {
	w := signedIn(t)
	for key, c := range map[string]retail.Customer{
		retail.KeyCustomerName: {Name: "  "}, retail.KeyCustomerPhone: {Name: "M", Phone: "12-34"}, retail.KeyCustomerEmail: {Name: "M", Email: "marie"},
	} {
		_, err := w.NewCustomer(t.Context(), c.Name, c.Phone, c.Email)
		refused(t, key, err)
	}
	require.Empty(t, w.people.All)
}

// Somebody who is written down in a training is gone with it.
func TestACustomerOfATrainingIsForgotten(t *testing.T) {
	w := training(t)
	w.scan(pen.SKU)
	c, err := w.NewCustomer(t.Context(), "Marie", "", "")
	require.NoError(t, err)
	found, err := w.FindCustomers(t.Context(), "mar", 5)
	require.NoError(t, err)
	require.Equal(t, []retail.Customer{c}, found)
	w.Lock()
	require.Empty(t, w.people.All)
}

// A correction is later than what it corrects, whatever the clocks say, and keeps the id that journals have.
func TestACustomerIsCorrected(t *testing.T) {
	w := signedIn(t)
	w.scan(pen.SKU)
	c, err := w.NewCustomer(t.Context(), "Marie Tremblay", "", "")
	require.NoError(t, err)
	w.clock = w.clock.Add(-time.Hour)
	entries := len(w.journal.Drafts)
	again, err := w.EditCustomer(t.Context(), c.ID, " Marie  Côté ", "514 555-0199", "")
	require.NoError(t, err)
	require.Equal(t, retail.Customer{ID: c.ID, Name: "Marie Côté", Phone: "514 555-0199", At: c.At + 1}, again)
	require.True(t, again.Follows(c))
	require.Len(t, w.journal.Drafts, entries, "nothing of it is in the journal")
	name, err := w.CustomerName(t.Context())
	require.NoError(t, err)
	require.Equal(t, "Marie Côté", name)
	_, err = w.EditCustomer(t.Context(), c.ID, "", "", "")
	refused(t, retail.KeyCustomerName, err)
	_, err = w.EditCustomer(t.Context(), id(222), "Nobody", "", "")
	refused(t, till.KeyNoCustomer, err)
}

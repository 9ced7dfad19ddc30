package ledger

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"comptant/shared/retail"
	"comptant/sync/wire"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func customer(n byte, name, phone, email string) retail.Customer {
	return retail.Customer{ID: uuid.UUID{0: 0xcc, 15: n}, Name: name, Phone: phone, Email: email, At: day.UnixMilli()}
}

func TestCustomersAreFoundHereAndInTheFeed(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	h := newHQ(t, l, "store")
	elise := customer(1, "Élise Côté", "(514) 555-0123", "elise@example.com")
	marie := customer(2, "Marie Tremblay", "", "marie.tremblay@example.com")
	gone := customer(3, "", "", "").Erase()
	require.NoError(t, l.KeepCustomer(t.Context(), elise))
	require.NoError(t, l.Publish(t.Context(), h.page(0,
		h.row(retail.RowCustomer, marie.ID, marie), h.row(retail.RowCustomer, gone.ID, gone))))
	for query, want := range map[string][]retail.Customer{
		"cote": {elise}, "eli cot": {elise}, "5550123": {elise}, "514 555": {elise}, "tremblay@example": {marie},
		"example": {elise, marie}, "marie elise": nil, "zzz": nil,
	} {
		found, err := l.FindCustomers(t.Context(), query, 9)
		require.NoError(t, err)
		require.Equal(t, want, found, query)
	}
	found, err := l.FindCustomers(t.Context(), "example", 1)
	require.NoError(t, err)
	require.Len(t, found, 1)
	_, ok, err := l.Customer(t.Context(), gone.ID)
	require.NoError(t, err)
	require.False(t, ok, "who was erased is nobody")
	c, ok, err := l.Customer(t.Context(), marie.ID)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, marie, c)
	require.NoError(t, l.Close())
	l = f.open(t)
	c, ok, err = l.Customer(t.Context(), elise.ID)
	require.NoError(t, err)
	require.True(t, ok, "also after a restart")
	require.Equal(t, elise, c)
}

// Somebody who was written down here is sent until headquarters shows them, erased or not, and then forgotten here: nothing is
// left of them in any file of the till.
func TestACustomerIsForgottenOnceShown(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	h := newHQ(t, l, "store")
	elise := customer(1, "Élise Unmistakable", "514 555-0123", "")
	require.NoError(t, l.KeepCustomer(t.Context(), elise))
	own, err := l.OwnCustomers(t.Context())
	require.NoError(t, err)
	require.Equal(t, []retail.Customer{elise}, own)
	require.True(t, holds(t, f.dir, "Unmistakable"))

	require.NoError(t, l.Publish(t.Context(), h.page(0, h.row(retail.RowCustomer, elise.ID, elise.Erase()))))
	own, err = l.OwnCustomers(t.Context())
	require.NoError(t, err)
	require.Empty(t, own)
	found, err := l.FindCustomers(t.Context(), "unmistakable", 9)
	require.NoError(t, err)
	require.Empty(t, found)
	require.NoError(t, l.Close())
	require.False(t, holds(t, f.dir, "Unmistakable"))
}

// A customer the feed has had and drops, because others came since, is not known here any more.
func TestACustomerLeavesWithTheFeed(t *testing.T) {
	l := newFolder(t).open(t)
	h := newHQ(t, l, "store")
	marie := customer(2, "Marie", "", "")
	require.NoError(t, l.Publish(t.Context(), h.page(0, h.row(retail.RowCustomer, marie.ID, marie))))
	from := h.seq
	require.NoError(t, l.Publish(t.Context(), wire.Changes(h.page(from, h.row(retail.RowCustomer, marie.ID, nil)))))
	_, ok, err := l.Customer(t.Context(), marie.ID)
	require.NoError(t, err)
	require.False(t, ok)
}

// holds says whether any file below a folder has a text in it.
func holds(t *testing.T, dir, text string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err == nil && bytes.Contains(b, []byte(text)) {
			return true
		}
	}
	return false
}

// A correction counts here at once and is sent until headquarters shows it; one of somebody who was erased does not.
func TestACustomerIsCorrectedHere(t *testing.T) {
	l := newFolder(t).open(t)
	h := newHQ(t, l, "store")
	marie := customer(2, "Marie", "", "")
	require.NoError(t, l.Publish(t.Context(), h.page(0, h.row(retail.RowCustomer, marie.ID, marie))))
	better := marie
	better.Name, better.At = "Marie Côté", marie.At+1
	require.NoError(t, l.KeepCustomer(t.Context(), better))
	c, ok, err := l.Customer(t.Context(), marie.ID)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, better, c)
	found, err := l.FindCustomers(t.Context(), "cote", 9)
	require.NoError(t, err)
	require.Equal(t, []retail.Customer{better}, found)
	own, err := l.OwnCustomers(t.Context())
	require.NoError(t, err)
	require.Equal(t, []retail.Customer{better}, own)
	from := h.seq
	require.NoError(t, l.Publish(t.Context(), wire.Changes(h.page(from, h.row(retail.RowCustomer, marie.ID, better)))))
	own, err = l.OwnCustomers(t.Context())
	require.NoError(t, err)
	require.Empty(t, own, "headquarters has it")

	better.Name, better.At = "Marie Roy", better.At+1
	require.NoError(t, l.KeepCustomer(t.Context(), better))
	from = h.seq
	require.NoError(t, l.Publish(t.Context(), wire.Changes(h.page(from, h.row(retail.RowCustomer, marie.ID, marie.Erase())))))
	_, ok, err = l.Customer(t.Context(), marie.ID)
	require.NoError(t, err)
	require.False(t, ok)
	own, err = l.OwnCustomers(t.Context())
	require.NoError(t, err)
	require.Empty(t, own, "nothing brings somebody back who was erased")
}

package till_test

import (
	"errors"
	"testing"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"

	"github.com/stretchr/testify/require"
)

func TestSendToAnotherStore(t *testing.T) {
	w := newWorld(t)
	w.goods.Locations = []retail.Location{
		{ID: id(81), Kind: retail.LocationStore, Code: "NO", Name: "Magasin Nord"},
		{ID: id(82), Kind: retail.LocationWarehouse, Code: "ENT", Name: "Entrepôt"},
		w.goods.Identity.Store,
	}
	w.goods.Stock[syrup.ID] = till.Stock{Known: true, Here: 16 * money.One}
	_, err := w.Send(t.Context(), id(81))
	refused(t, till.KeySignInNeeded, err)
	require.NoError(t, w.SignIn(t.Context(), robert, "777777"))
	stores, err := w.Stores(t.Context())
	require.NoError(t, err)
	require.Len(t, stores, 1, "the others that sell")
	_, err = w.Send(t.Context(), id(82))
	refused(t, till.KeyNoStore, err)
	s, err := w.Send(t.Context(), id(81))
	require.NoError(t, err)
	require.Equal(t, "Magasin Nord", s.To().Name)
	_, err = s.Commit(t.Context(), till.Approval{})
	refused(t, till.KeySendEmpty, err)

	for _, code := range []string{syrup.Barcodes[0], "10*" + syrup.SKU, "1.240*" + apples.SKU, pen.SKU} {
		found, err := s.Scan(t.Context(), code)
		require.NoError(t, err)
		require.True(t, found.Known)
	}
	_, err = s.Scan(t.Context(), coffee.SKU)
	refused(t, till.KeyMadeHere, err)
	_, err = s.Scan(t.Context(), apples.SKU)
	refused(t, till.KeyWeight, err)
	found, err := s.Scan(t.Context(), "4001009910461")
	require.NoError(t, err)
	require.False(t, found.Known)
	refused(t, till.KeyWhole, s.Set(0, 500))
	refused(t, till.KeyNoLine, s.Set(7, money.One))
	require.NoError(t, s.Set(0, 20*money.One), "what is in the box leaves, whatever the till thought")
	require.NoError(t, s.Set(2, 0))
	require.Equal(t, 16*money.One, s.Lines()[0].Here)

	w.journal.Fails = errors.New("disk full")
	_, err = s.Commit(t.Context(), till.Approval{})
	refused(t, till.KeyJournal, err)
	w.journal.Fails = nil
	sent, err := s.Commit(t.Context(), till.Approval{})
	require.NoError(t, err)
	_, err = s.Commit(t.Context(), till.Approval{})
	refused(t, till.KeySent, err)
	last := w.journal.Drafts[len(w.journal.Drafts)-1]
	require.Equal(t, journal.KindTransferOut, last.Kind)
	require.Equal(t, retail.TransferOut{ID: sent.Transfer.ID, To: id(81), Lines: []retail.StockLine{
		{Product: syrup.ID, Quantity: 20 * money.One}, {Product: apples.ID, Quantity: 1240},
	}}, last.Body)
	require.Regexp(t, `^TR-[2-9A-HJ-NP-Z]{6}$`, sent.Code)
}

func TestSendingNeedsARight(t *testing.T) {
	w := signedIn(t)
	w.goods.Locations = []retail.Location{{ID: id(81), Kind: retail.LocationStore, Name: "Magasin Nord"}}
	s, err := w.Send(t.Context(), id(81))
	require.NoError(t, err)
	_, err = s.Scan(t.Context(), syrup.SKU)
	require.NoError(t, err)
	_, err = s.Commit(t.Context(), till.Approval{})
	need, ok := till.NeedOf(refused(t, till.KeyApproval, err))
	require.True(t, ok)
	sent, err := s.Commit(t.Context(), w.approval(need))
	require.NoError(t, err)
	require.Equal(t, sophie, sent.Transfer.Approver)
}

// What leaves while its line of a count is open was counted and is gone.
func TestWhatLeavesIsCountedAgain(t *testing.T) {
	w, c := counting(t)
	w.goods.Locations = []retail.Location{{ID: id(81), Kind: retail.LocationStore, Name: "Magasin Nord"}}
	scanCount(t, c, "5*"+syrup.SKU)
	s, err := w.Send(t.Context(), id(81))
	require.NoError(t, err)
	_, err = s.Scan(t.Context(), syrup.SKU)
	require.NoError(t, err)
	_, err = s.Commit(t.Context(), till.Approval{})
	require.NoError(t, err)
	_, err = c.Confirm(t.Context())
	refused(t, till.KeyCountMoved, err)
}

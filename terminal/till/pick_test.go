package till_test

import (
	"errors"
	"testing"
	"time"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
	"comptant/terminal/till/tilltest"

	"github.com/stretchr/testify/require"
)

func TestPickingByScanning(t *testing.T) {
	w, o := preparing(t)
	// Weighed goods, and a product in two lines.
	o.Lines = append(o.Lines,
		retail.Line{Product: apples.ID, Quantity: 1500, UnitPrice: 439, Amount: 659, Class: retail.ZeroRated},
		retail.Line{Product: pen.ID, Quantity: money.One, UnitPrice: 110, Amount: 110, Class: retail.Taxable},
		retail.Line{Product: id(77), SKU: "OLD-1", Name: "Ancien produit", Quantity: money.One, UnitPrice: 110, Amount: 110, Class: retail.Exempt})
	w.goods.Orders = []retail.Order{o}
	p, err := w.PickOrder(t.Context(), o.ID)
	require.NoError(t, err)
	left := func() (q []money.Quantity) {
		for _, l := range p.Lines() {
			q = append(q, l.Left())
		}
		return q
	}
	require.Equal(t, []money.Quantity{2000, 4000, 1500, 1000}, left())
	require.Equal(t, "Ancien produit", p.Lines()[3].Product.Name.FR)
	for _, c := range []struct {
		code string
		key  string
		left money.Quantity
	}{
		{syrup.Barcodes[0], "", 7500},
		{"3*" + pen.SKU, "", 4500},
		{"2*" + pen.SKU, till.KeyOrderEnough, 4500},
		{stamps.SKU, till.KeyOrderOther, 4500},
		{"0,5*" + pen.SKU, till.KeyWhole, 4500},
		{"1,2*" + apples.SKU, "", 3300},
		{apples.SKU, "", 3000},
		{pen.SKU, "", 2000},
		{pen.SKU, till.KeyOrderEnough, 2000},
	} {
		_, err := p.Scan(t.Context(), c.code)
		if c.key == "" {
			require.NoError(t, err, c.code)
		} else {
			refused(t, c.key, err)
		}
		require.Equal(t, c.left, p.Left(), c.code)
	}
	unknown, err := p.Scan(t.Context(), "4001009910465")
	require.NoError(t, err)
	require.False(t, unknown.Known)
	refused(t, till.KeyOrderEnough, p.Set(0, 3*money.One))
	refused(t, till.KeyWhole, p.Set(0, 500))
	refused(t, till.KeyNoLine, p.Set(4, money.One))
	require.NoError(t, p.Set(0, 0))
	require.Equal(t, 3*money.One, p.Left())
	p.AllFound()
	require.Zero(t, p.Left())
	require.Empty(t, p.Missing())
}

// What was found is there after a restart, for each order; not when the store is asked anew, nor of an order that is gone.
func TestPickingGoesOnAfterARestart(t *testing.T) {
	w, o := preparing(t)
	other := ordered(43, "Marc", retail.OrderAccepted, w.clock.Add(-time.Hour))
	w.goods.Orders = []retail.Order{o, other}
	p, err := w.PickOrder(t.Context(), o.ID)
	require.NoError(t, err)
	require.NoError(t, p.Set(0, money.One))
	p, err = w.PickOrder(t.Context(), other.ID)
	require.NoError(t, err)
	require.NoError(t, p.Set(1, 2*money.One))

	w.start()
	require.NoError(t, w.SignIn(t.Context(), robert, "777777"))
	require.Equal(t, money.One, w.order(o.ID).Found)
	require.Equal(t, 2*money.One, w.order(other.ID).Found)
	p, err = w.PickOrder(t.Context(), o.ID)
	require.NoError(t, err)
	require.Equal(t, 4*money.One, p.Left())

	o.Attempt = 2
	w.goods.Orders = []retail.Order{o}
	require.Zero(t, w.order(o.ID).Found, "another time")
	p, err = w.PickOrder(t.Context(), o.ID)
	require.NoError(t, err)
	require.Equal(t, 5*money.One, p.Left())
	require.NoError(t, p.Set(0, money.One))
	w.goods.Orders = []retail.Order{o, other}
	w.start()
	require.Zero(t, w.order(other.ID).Found, "it was gone")

	// A disk that takes nothing, and one that has spoilt what it took, stop nobody.
	require.NoError(t, w.SignIn(t.Context(), robert, "777777"))
	w.picks.Fails = errors.New("the disk fails")
	p, err = w.PickOrder(t.Context(), o.ID)
	require.NoError(t, err)
	p.AllFound()
	require.NoError(t, p.Ready(t.Context(), false))
	w.picks = &tilltest.Picks{Body: []byte("spoilt")}
	w.start()
	require.NoError(t, w.SignIn(t.Context(), robert, "777777"))
	require.Equal(t, retail.OrderReady, w.order(o.ID).State)
}

func TestReadyByHand(t *testing.T) {
	w, o := preparing(t)
	p, err := w.PickOrder(t.Context(), o.ID)
	require.NoError(t, err)
	require.Equal(t, 5*money.One, refused(t, till.KeyOrderUnpicked, p.Ready(t.Context(), false)).Args["quantity"])
	require.NoError(t, p.Ready(t.Context(), true))
	require.Equal(t, retail.OrderReady, w.order(o.ID).State)
	_, err = w.PickOrder(t.Context(), o.ID)
	refused(t, till.KeyOrderState, err)
}

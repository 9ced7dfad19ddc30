package stock_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/stock"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// Everything that can be done to a request is done in each of its states: what comes of it is what RestockSteps says.
func TestRestockStepsAreWhatIsDone(t *testing.T) {
	d := open(t)
	request := func(id uuid.UUID) error {
		return d.InTx(ctx, func(tx *db.Tx) error {
			return stock.RequestRestock(ctx, tx, stock.RestockRequest{Location: store.ID, ID: id, By: david, At: noon, Lines: []retail.StockLine{of(syrup, money.One)}})
		})
	}
	approve := func(id uuid.UUID) error { return decide(d, id, map[uuid.UUID]money.Quantity{syrup: money.One}) }
	refuse := func(id uuid.UUID) error { return decide(d, id, nil) }
	send := func(id uuid.UUID) error { _, err := ship(d, id, nil); return err }
	arrive := func(id uuid.UUID) error {
		r, err := stock.OneRestock(ctx, d, store.ID, id)
		if err != nil {
			return err
		}
		shipment := uuid.New()
		if r.Shipment != nil {
			shipment = r.Shipment.ID
		}
		return receive(d, stock.Receipt{Location: store.ID, Shipment: shipment, By: david, At: noon, Entry: id[:], Lines: []retail.StockLine{of(syrup, money.One)}})
	}
	type deed struct {
		name string
		do   func(uuid.UUID) error
	}
	deeds := []deed{{"request", request}, {"decide", approve}, {"decide", refuse}, {"ship", send}, {"receive", arrive}}
	ways := map[retail.RestockState][]func(uuid.UUID) error{
		0: {}, retail.RestockRequested: {request}, retail.RestockApproved: {request, approve}, retail.RestockRefused: {request, refuse},
		retail.RestockShipped: {request, approve, send}, retail.RestockReceived: {request, approve, send, arrive},
	}
	state := func(id uuid.UUID) retail.RestockState {
		r, err := stock.OneRestock(ctx, d, store.ID, id)
		if err != nil {
			refused(t, err, "restock.unknown")
		}
		return r.State
	}
	var seen retail.Steps[retail.RestockState]
	for from, way := range ways {
		for _, deed := range deeds {
			id := uuid.New()
			for _, step := range way {
				require.NoError(t, step(id))
			}
			require.Equal(t, from, state(id))
			err := deed.do(id)
			to := state(id)
			require.False(t, err != nil && to != from, "%s in state %d failed and changed it", deed.name, from)
			if to != from {
				seen = append(seen, retail.Step[retail.RestockState]{From: from, To: to, Deed: deed.name})
			}
		}
	}
	require.ElementsMatch(t, retail.RestockSteps, seen)
}

func TestShipmentStepsAreWhatIsDone(t *testing.T) {
	d := open(t)
	states := func() map[uuid.UUID]stock.ShipmentState {
		page, err := stock.Shipments(ctx, d, stock.ShipmentFilter{})
		require.NoError(t, err)
		all := map[uuid.UUID]stock.ShipmentState{}
		for _, s := range page.Shipments {
			all[s.ID] = s.State()
		}
		return all
	}
	var seen retail.Steps[stock.ShipmentState]
	look := func(deed string, do func() uuid.UUID) uuid.UUID {
		before := states()
		id := do()
		if from, to := before[id], states()[id]; from != to {
			seen = append(seen, retail.Step[stock.ShipmentState]{From: from, To: to, Deed: deed})
		}
		return id
	}
	sent := look("ship", func() uuid.UUID { return shipped(t, d).ID })
	moved := look("transfer", func() uuid.UUID {
		id := uuid.New()
		do(t, d, func(tx *db.Tx) error {
			return stock.TakeTransfer(ctx, tx, stock.Transfer{
				From: depot.ID, To: store.ID, ID: id, By: david, At: noon, Till: uuid.New(), Epoch: 1, Seq: 1,
				Lines: []retail.StockLine{of(syrup, money.One)}, Cost: func(uuid.UUID) money.Amount { return 1 },
			})
		})
		return id
	})
	arrive := func(id uuid.UUID, at time.Time) func() uuid.UUID {
		return func() uuid.UUID {
			require.NoError(t, receive(d, stock.Receipt{Location: store.ID, Shipment: id, By: david, At: at, Entry: id[:]}))
			return id
		}
	}
	look("receive", arrive(sent, noon))
	look("receive", arrive(sent, noon.Add(-time.Second))) // an earlier receipt counts instead: received it stays
	require.Equal(t, stock.ShipmentOnTheWay, states()[moved])
	require.ElementsMatch(t, stock.ShipmentSteps, seen)
	look("receive", arrive(moved, noon))
	require.Equal(t, stock.ShipmentReceived, states()[moved])
}

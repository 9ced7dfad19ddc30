package bench

import (
	"context"
	"fmt"
)

// Backlog is what a chain of stores has to say after a day without headquarters.
var Backlog = Row{
	Name:  "backlog",
	Work:  "50 tills come back at once with 400 sales of 5 lines each, through websocket, chain, domains, stock and feed",
	Limit: "COPY of exactly the rows they leave in all of headquarters' tables, indexes included, in one transaction",
	Open:  openBacklog,
}

func openBacklog(ctx context.Context, place Place) (*Stand, error) {
	in, err := newIngest(ctx, place, 10, place.size(50, 4), place.size(400, 10))
	if err != nil {
		return nil, err
	}
	stand, err := in.stand(ctx, Goal{AtLeast: 0.20}, Check{
		Name:  "the last till, against twice the middle one",
		Value: func(r Round) float64 { return r.Product.P(1) },
		Most:  func(r Round) float64 { return 2 * Median(r.Product) },
	})
	if err != nil || !place.Peer {
		return stand, err
	}
	in.beside(ctx, place, stand)
	return stand, nil
}

// beside adds PouchDB to the stand, or says why not.
func (in *ingest) beside(ctx context.Context, place Place, stand *Stand) {
	p, err := openPouch(ctx, place.Dir, in.products, len(in.dirs), in.sales)
	if err != nil {
		fmt.Fprintf(place.Progress, "  no peer: %v\n", err)
		stand.Note += fmt.Sprintf(" No peer: %v.", err)
		return
	}
	stand.Parts[0].Peer = &Peer{
		Name: p.name,
		Work: func(ctx context.Context, w *Watch) error {
			if err := in.checkpoint(ctx); err != nil {
				return err
			}
			return p.send(ctx, w)
		},
		Charged: p.cpu,
	}
	stand.Note += " " + p.note()
}

package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/sales"
	"comptant/hq/stock"
	"comptant/hq/tills"
	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/sync/wire"
)

// item is one entry on its way into the domains.
type item struct {
	link journal.Link
	// branch is where it stands in the tree of its epoch.
	branch int
	entry  journal.Entry
	body   any
	// unfit is why it cannot be applied; nil while it can.
	unfit error
	// What it does, worked out from the body.
	document  *sales.Document
	movements []stock.Movement
	counts    []stock.Count
	flags     []flag
}

// errNotYet defers the kinds that a later version applies.
var errNotYet = errors.New("this version of headquarters does not apply it yet")

// ready tells an order that lies ready from one that is accepted: their bodies are alike.
func (it *item) ready() bool { return it.entry.Kind == journal.KindOrderReady }

// read decodes an entry. Kinds without an effect on a domain have a nil body.
func read(l journal.Link, branch int) item {
	it := item{link: l, branch: branch}
	if it.entry, it.unfit = journal.Decode(l.Bytes); it.unfit != nil {
		return it
	}
	switch it.entry.Kind {
	case journal.KindSale:
		it.body, it.unfit = decode[retail.Sale](it.entry)
	case journal.KindRefund:
		it.body, it.unfit = decode[retail.Refund](it.entry)
	case journal.KindVoid:
		it.body, it.unfit = decode[retail.Void](it.entry)
	case journal.KindOverride:
		it.body, it.unfit = decode[retail.Override](it.entry)
	case journal.KindDrawerOpen:
		it.body, it.unfit = decode[retail.DrawerOpen](it.entry)
	case journal.KindRefundHold:
		it.body, it.unfit = decode[retail.RefundHold](it.entry)
	case journal.KindEpochOpen:
		it.body, it.unfit = decode[retail.EpochOpen](it.entry)
	case journal.KindRestockRequest:
		it.body, it.unfit = decode[retail.RestockRequest](it.entry)
	case journal.KindTransferOut:
		it.body, it.unfit = decode[retail.TransferOut](it.entry)
	case journal.KindReceive:
		it.body, it.unfit = decode[retail.Receive](it.entry)
	case journal.KindCount:
		it.body, it.unfit = decode[retail.Count](it.entry)
	case journal.KindClock:
		it.body, it.unfit = decode[retail.Clock](it.entry)
	case journal.KindShiftOpen:
		it.body, it.unfit = decode[retail.ShiftOpen](it.entry)
	case journal.KindCashMove:
		it.body, it.unfit = decode[retail.CashMove](it.entry)
	case journal.KindShiftClose:
		it.body, it.unfit = decode[retail.ShiftClose](it.entry)
	case journal.KindChainHead:
		it.body, it.unfit = decode[retail.ChainHead](it.entry)
	case journal.KindOrderAccept, journal.KindOrderReady:
		it.body, it.unfit = decode[retail.OrderAnswer](it.entry)
	case journal.KindOrderShort:
		it.body, it.unfit = decode[retail.OrderMissing](it.entry)
	case journal.KindSignIn:
		if it.entry.Version > journal.Version {
			it.unfit = fmt.Errorf("version %d is newer than %d", it.entry.Version, journal.Version)
		}
	default:
		it.unfit = fmt.Errorf("%s: %w", it.entry.Kind, errNotYet)
	}
	return it
}

func decode[T any](e journal.Entry) (any, error) {
	v, err := journal.DecodeBody[T](e)
	return v, err
}

// lane is whose entries are applied, and what applying them needs to know.
type lane struct {
	store, till uuid.UUID
	zone        *time.Location
	clocks      corrections
	keys        []tills.Key
	facts       map[uuid.UUID]catalog.Fact
	costs       map[uuid.UUID]money.Amount
}

// lane reads what the items need, in as many queries whatever their number.
func (d *Desk) lane(ctx context.Context, tx *db.Tx, store, till uuid.UUID, items []item) (lane, error) {
	l := lane{store: store, till: till, zone: time.UTC}
	clocks, err := readCorrections(ctx, tx, till)
	if err != nil {
		return l, err
	}
	l.clocks = clocks[till]
	if l.keys, err = keysOf(ctx, tx, till, items); err != nil {
		return l, err
	}
	products := productsOf(items)
	if len(products) == 0 && !slices.ContainsFunc(items, correcting) {
		return l, nil
	}
	location, err := stock.Location(ctx, tx, store)
	if err != nil {
		return l, err
	}
	if l.zone, err = time.LoadLocation(location.Zone); err != nil {
		return l, fmt.Errorf("zone of %s: %w", location.Code, err)
	}
	if l.facts, err = catalog.Facts(ctx, tx, products); err != nil {
		return l, err
	}
	l.costs, err = stock.Costs(ctx, tx, store, products)
	return l, err
}

func correcting(it item) bool { return it.entry.Kind == journal.KindClock }

func productsOf(items []item) []uuid.UUID {
	seen := map[uuid.UUID]bool{}
	var products []uuid.UUID
	add := func(l retail.Line) {
		if !seen[l.Product] {
			seen[l.Product] = true
			products = append(products, l.Product)
		}
	}
	for _, it := range items {
		switch b := it.body.(type) {
		case retail.Sale:
			for _, l := range b.Lines {
				add(l)
			}
		case retail.Refund, retail.Void:
			r, _ := asRefund(b)
			for _, l := range r.Lines {
				add(l.Line)
			}
		case retail.TransferOut:
			for _, l := range b.Lines {
				add(retail.Line{Product: l.Product})
			}
		case retail.Count:
			if !b.Done {
				add(retail.Line{Product: b.Product})
			}
		}
	}
	return products
}

// cost is the average at the store, or the list cost where goods never came in at a price.
func (l *lane) cost(product uuid.UUID) money.Amount {
	if c, ok := l.costs[product]; ok {
		return c
	}
	return l.facts[product].Cost
}

// place is where an item stands on a branch, and when it happened as far as is known.
func (l *lane) place(it *item) sales.Place {
	at := it.entry.At().Add(l.clocks.by(it.link.Epoch, it.link.Seq))
	return sales.Place{
		Store: l.store, Till: l.till, Epoch: it.link.Epoch, Seq: it.link.Seq, Branch: it.branch,
		At: at.In(l.zone), User: it.entry.User,
	}
}

// work out what an item does.
func (l *lane) work(it *item) {
	place := l.place(it)
	switch b := it.body.(type) {
	case retail.Sale:
		doc := sales.FromSale(place, b, l.cost)
		it.document, it.movements = &doc, l.movements(it, doc, stock.Sold)
		l.judge(it, b.Check())
	case retail.Refund:
		cost := l.cost
		if b.WriteOff {
			cost = sales.NoCost // the company does not have the goods back
		}
		doc := sales.FromRefund(place, b, cost)
		it.document, it.movements = &doc, l.movements(it, doc, stock.Back)
		if b.WriteOff {
			it.movements = nil
		}
		l.judge(it, b.Check())
		switch {
		case !b.Receipted():
			l.flag(it, FlagNoReceipt, "a supervisor went on without a receipt")
		case b.Receipt.Till != l.till && b.Hold == uuid.Nil:
			l.flag(it, FlagNoHold, "a supervisor went on without the till that sold")
		}
		if b.Doubt {
			l.flag(it, FlagDoubt, "the till lacked entries; a supervisor went on")
		}
	case retail.Count:
		l.count(it, b)
	case retail.TransferOut:
		l.transfer(it, b)
	case retail.Void:
		doc := sales.FromVoid(place, b, l.cost)
		it.document, it.movements = &doc, l.movements(it, doc, stock.Back)
		l.judge(it, retail.Refund(b).Check())
	case retail.Clock:
		l.judge(it, checkClock(b))
		if b.Error == 0 {
			l.flag(it, FlagClock, detail(FlagClock, b.From, b.To, b.Epoch))
		}
	case retail.CashMove:
		l.judge(it, b.Check())
	case retail.ShiftClose:
		l.judge(it, b.Check())
	case retail.ChainHead:
		if err := signed(b, l.till, l.keys); err != nil {
			l.flag(it, FlagSignature, detail(FlagSignature, b.Head.Seq, b.Head.Epoch))
		}
	case retail.EpochOpen:
		if b.Store != l.store {
			l.flag(it, FlagOtherStore, "opened for store "+b.Store.String())
		}
	}
}

// movements of a document take the opposite sign of what was sold. What is made here holds no stock.
func (l *lane) movements(it *item, doc sales.Document, reason stock.Reason) []stock.Movement {
	movements := make([]stock.Movement, 0, len(doc.Lines))
	for i, line := range doc.Lines {
		fact, known := l.facts[line.Product]
		if !known {
			l.flag(it, FlagUnknownProduct, line.Product.String())
		}
		if fact.MadeHere {
			continue
		}
		movements = append(movements, stock.Movement{
			Location: l.store, Product: line.Product, At: doc.At, Ref: ref(it.link.Hash), Line: i,
			Reason: reason, Quantity: -line.Quantity, UnitCost: l.cost(line.Product),
			Till: l.till, Epoch: it.link.Epoch, Seq: it.link.Seq,
		})
	}
	return movements
}

// ref is how a movement names its entry.
func ref(h journal.Hash) uuid.UUID { return uuid.UUID(h[:16]) }

func (l *lane) judge(it *item, err error) {
	if err != nil {
		l.flag(it, FlagInvalid, err.Error())
	}
}

func (l *lane) flag(it *item, code, detail string) {
	it.flags = append(it.flags, flag{
		store: l.store, till: l.till, epoch: it.link.Epoch, seq: it.link.Seq, hash: it.link.Hash[:], code: code, detail: detail,
	})
}

// take applies entries that were just stored. Those that cannot be applied are deferred; the notes tell the till.
func (d *Desk) take(ctx context.Context, tx *db.Tx, store, till uuid.UUID, branch int, links []journal.Link) ([]wire.Note, error) {
	items := make([]item, len(links))
	for i, l := range links {
		items[i] = read(l, branch)
	}
	if err := d.apply(ctx, tx, store, till, items); err != nil {
		return nil, err
	}
	if version := pricesOf(items); version > 0 {
		if err := tills.Runs(ctx, tx, store, till, version, d.now()); err != nil {
			return nil, err
		}
	}
	var notes []wire.Note
	var deferred []item
	for _, it := range items {
		switch {
		case it.unfit != nil:
			notes = append(notes, wire.Note{Seq: it.link.Seq, Code: wire.Deferred})
			deferred = append(deferred, it)
		case len(it.flags) > 0:
			notes = append(notes, wire.Note{Seq: it.link.Seq, Code: wire.Invalid})
		}
	}
	return notes, d.postpone(ctx, tx, store, till, deferred)
}

// pricesOf is the version of prices that the newest sale was made at; 0 when there is none.
func pricesOf(items []item) uint64 {
	for _, it := range slices.Backward(items) {
		if sale, ok := it.body.(retail.Sale); ok {
			return sale.Prices
		}
	}
	return 0
}

// apply gives every fit item to the domains and raises its flags, all together, or if that fails one by one, so that
// only those that fail are left out: they become unfit.
func (d *Desk) apply(ctx context.Context, tx *db.Tx, store, till uuid.UUID, items []item) error {
	l, err := d.lane(ctx, tx, store, till, items)
	if err != nil {
		return err
	}
	fit := make([]*item, 0, len(items))
	for i := range items {
		if items[i].unfit == nil {
			l.work(&items[i])
			fit = append(fit, &items[i])
		}
	}
	all := func(tx *db.Tx) error { return d.enter(ctx, tx, &l, fit) }
	if err := tx.Savepoint(ctx, all); err == nil || tx.Conn().IsClosed() {
		return err // a lost connection is no fault of the entries: the whole batch is gone, and comes again
	}
	for i := range fit {
		it := fit[i]
		it.unfit = tx.Savepoint(ctx, func(tx *db.Tx) error { return d.enter(ctx, tx, &l, fit[i:i+1]) })
		if it.unfit != nil {
			d.log.Warn("entry deferred", "till", till, "epoch", it.link.Epoch, "seq", it.link.Seq, "error", it.unfit)
		}
	}
	return ctx.Err()
}

// enter writes what the items do.
func (d *Desk) enter(ctx context.Context, tx *db.Tx, l *lane, items []*item) error {
	var documents []sales.Document
	var movements []stock.Movement
	var counts []stock.Count
	var flags []flag
	for _, it := range items {
		if it.document != nil {
			documents = append(documents, *it.document)
		}
		movements, counts = append(movements, it.movements...), append(counts, it.counts...)
		if err := l.request(ctx, tx, it); err != nil {
			return err
		}
		if err := l.counted(ctx, tx, it); err != nil {
			return err
		}
		if err := d.opened(ctx, tx, l, it); err != nil {
			return err
		}
		if err := l.deed(ctx, tx, it); err != nil {
			return err
		}
	}
	for _, it := range items {
		// Before stock moves: an order is locked before its levels, everywhere.
		if err := l.order(ctx, tx, it, d.now()); err != nil {
			return err
		}
		flags = append(flags, it.flags...)
	}
	if err := sales.Record(ctx, tx, documents); err != nil {
		return err
	}
	if err := stock.Record(ctx, tx, movements, counts...); err != nil {
		return err
	}
	if err := sales.RecordDrawer(ctx, tx, l.drawers(items)); err != nil {
		return err
	}
	if err := l.customers(ctx, tx, items); err != nil {
		return err
	}
	if err := d.refunds(ctx, tx, l, items); err != nil {
		return err
	}
	for _, it := range items {
		// After the documents: the sale a hold is about may have come with it.
		if err := d.hold(ctx, tx, l, it); err != nil {
			return err
		}
		if err := l.correct(ctx, tx, it); err != nil {
			return err
		}
	}
	return d.raise(ctx, tx, flags...)
}

// reason is the error as it is stored: without what Postgres cannot hold.
func reason(err error) string {
	return strings.ToValidUTF8(strings.ReplaceAll(err.Error(), "\x00", ""), "?")
}

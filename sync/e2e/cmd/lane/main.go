// Command lane is a till without a window, for the end-to-end tests: the same lane as in the shop, told what to do on
// standard input and answering on standard output, one line each.
//
//	sign-in NAME PIN   load the catalogue if need be, sign in, have a shift -> signed in
//	shift              close the shift and open the next                    -> closed CODE
//	sell N             N sales of one to three products, paid in turn       -> sold CODE, after each
//	basket SKU N ...   one sale of N of each product, paid by card          -> receipt EPOCH SEQ NUMBER HASH
//	refund             give back one unit of the newest receipt that has one -> refunded EPOCH SEQ NUMBER HASH, or none
//	hold NAME SKU N ... put a ticket with so much away under a name         -> held NAME
//	recall             sell the ticket that has waited longest              -> receipt EPOCH SEQ NUMBER HASH, or none
//	held               the tickets that wait                                -> held NAME ...
//	order I N          hand over an order of the shop; of N tills it is the I-th's -> receipt EPOCH SEQ NUMBER HASH, or none
//	restock N          N restock requests                                   -> requested ID, after each
//	count N [MOST]     count N products, with SKUs up to MOST, in one session, which goes on -> counted SKU, after each
//	shelf SKU N        count N of one product, in the session that goes on   -> counted SKU
//	finish             end the session                                      -> finished
//	send CODE N        send N of one product to the store with the code    -> sent CODE SKU
//	shipments N        wait until N shipments are on their way              -> shipments N
//	receive            receive every shipment on its way, as it was sent    -> received CODE, after each
//	stock              the stock of every product that holds any            -> stock {"SKU": thousandths}
//	drained            wait until headquarters has acknowledged everything  -> drained
//	export FOLDER      write what headquarters does not have to a file      -> exported FILE
//	waiting            how many entries it has not acknowledged             -> waiting N
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/sync/e2e/fleet"
	"comptant/terminal/till"

	"github.com/alecthomas/kong"
	"github.com/google/uuid"
)

type cli struct {
	Dir     string `required:"" help:"Folder of an enrolled till."`
	Offline bool   `help:"Do not even try to connect."`
	// What customers hold, for who compares it with what headquarters has.
	Receipts string `type:"path" help:"File to add a line to for every basket and refund, once it is written: the receipt, then SKU and N of each product."`
}

func main() {
	var c cli
	k := kong.Parse(&c, kong.Description("A till without a window."))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	k.FatalIfErrorf(run(ctx, c))
}

func run(ctx context.Context, c cli) (err error) {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	open := fleet.Open
	if c.Offline {
		open = fleet.OpenOffline
	}
	t, err := open(ctx, c.Dir, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	fmt.Println("open")
	d := driver{t: t, receipts: c.Receipts}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		if len(words) == 0 {
			continue
		}
		if err := d.do(ctx, words[0], words[1:]); err != nil {
			fmt.Printf("error %s: %v\n", words[0], err)
		}
	}
	return lines.Err()
}

type driver struct {
	t     *fleet.Till
	goods []retail.Product
	made  int
	// most is the highest SKU, which is a number then, that is counted; 0 for any.
	most int
	// receipts is a file; empty for none.
	receipts string
}

func (d *driver) do(ctx context.Context, verb string, args []string) error {
	switch {
	case verb == "sign-in" && len(args) == 2:
		return d.signIn(ctx, args[0], args[1])
	case verb == "shift":
		return d.shift(ctx)
	case verb == "sell" && len(args) == 1:
		return d.repeat(ctx, args[0], d.sell)
	case verb == "basket" && len(args) > 0 && len(args)%2 == 0:
		return d.basket(ctx, args)
	case verb == "refund":
		return d.refund(ctx)
	case verb == "hold" && len(args) > 1 && len(args)%2 == 1:
		return d.hold(ctx, args[0], args[1:])
	case verb == "recall":
		return d.recall(ctx)
	case verb == "held":
		return d.waits(ctx)
	case verb == "finish":
		return d.finish(ctx)
	case verb == "restock" && len(args) == 1:
		return d.repeat(ctx, args[0], d.restock)
	case verb == "order" && len(args) == 2:
		return d.order(ctx, args[0], args[1])
	case verb == "count" && len(args) > 0 && len(args) < 3:
		if len(args) == 2 {
			var err error
			if d.most, err = strconv.Atoi(args[1]); err != nil {
				return err
			}
		}
		return d.repeat(ctx, args[0], d.count)
	case verb == "shelf" && len(args) == 2:
		return d.shelf(ctx, args[0], args[1])
	case verb == "send" && len(args) == 2:
		return d.send(ctx, args[0], args[1])
	case verb == "shipments" && len(args) == 1:
		return d.shipments(ctx, args[0])
	case verb == "receive":
		return d.receive(ctx)
	case verb == "stock":
		return d.stock(ctx)
	case verb == "drained":
		if err := d.t.Drained(ctx); err != nil {
			return err
		}
		fmt.Println("drained")
		return nil
	case verb == "export" && len(args) == 1:
		done, err := d.t.Export(ctx, args[0], false)
		if err != nil {
			return err
		}
		fmt.Println("exported", done.File)
		return nil
	case verb == "waiting":
		w, err := d.t.Ledger.Waiting(ctx)
		fmt.Println("waiting", w.Count)
		return err
	}
	return errors.New("unknown command")
}

func (d *driver) repeat(ctx context.Context, times string, what func(context.Context) error) error {
	n, err := strconv.Atoi(times)
	if err != nil {
		return err
	}
	if len(d.goods) == 0 {
		if d.goods, err = d.catalogue(ctx); err != nil {
			return err
		}
	}
	for range n {
		if err := what(ctx); err != nil {
			return err
		}
		d.made++
	}
	return nil
}

// catalogue is every product that holds stock, by SKU.
func (d *driver) catalogue(ctx context.Context) ([]retail.Product, error) {
	categories, err := d.t.Ledger.Categories(ctx)
	if err != nil {
		return nil, err
	}
	var all []retail.Product
	for _, c := range categories {
		products, err := d.t.Ledger.InCategory(ctx, c.ID, "en", 1000)
		if err != nil {
			return nil, err
		}
		all = append(all, products...)
	}
	all = slices.DeleteFunc(all, func(p retail.Product) bool { return p.MadeHere || p.Weighed })
	slices.SortFunc(all, func(a, b retail.Product) int { return strings.Compare(a.SKU, b.SKU) })
	if len(all) == 0 {
		return nil, errors.New("no products")
	}
	return all, nil
}

func (d *driver) signIn(ctx context.Context, name, pin string) error {
	var user uuid.UUID
	if err := d.t.Until(ctx, func() (bool, error) {
		staff, err := d.t.Till.Staff(ctx)
		i := slices.IndexFunc(staff, func(s retail.Staff) bool { return s.Name == name })
		if i >= 0 {
			user = staff[i].ID
		}
		return i >= 0, err
	}); err != nil {
		return err
	}
	if err := d.t.Loaded(ctx); err != nil {
		return err
	}
	if err := d.t.Work(ctx, user, pin); err != nil {
		return err
	}
	fmt.Println("signed in")
	return nil
}

// shift closes the shift with an empty drawer, and opens the next.
func (d *driver) shift(ctx context.Context) error {
	z, err := d.t.CloseShift(ctx, 0)
	if err != nil {
		return err
	}
	fmt.Println("closed", z.Code) // before anything else is written
	return d.t.Lane.Till.OpenShift(ctx, 0)
}

func (d *driver) sell(ctx context.Context) error {
	for i := range 1 + d.made%3 {
		p := d.goods[(d.made*7+i)%len(d.goods)]
		if err := d.t.Till.Add(ctx, p, money.Quantity(1+d.made%2)*money.One); err != nil {
			return err
		}
	}
	p, err := d.t.Till.StartPayment()
	if err != nil {
		return err
	}
	if d.made%2 == 0 {
		p, err = d.t.Till.TenderCash(ctx, p.Turn, p.LeftInCash+500)
	} else {
		p, err = d.t.Till.TenderCard(ctx, p.Turn, p.Left, "083214", "4417")
	}
	if err != nil {
		return err
	}
	fmt.Println("sold", d.t.Till.Code(p.Sold.Receipt))
	return nil
}

func (d *driver) restock(ctx context.Context) error {
	r, err := d.t.Till.RequestRestock(ctx, []retail.StockLine{{Product: d.goods[d.made%len(d.goods)].ID, Quantity: 12 * money.One}})
	if err != nil {
		return err
	}
	fmt.Println("requested", r.ID)
	return nil
}

// count counts three more than the till thinks there are, as far as that can be typed.
func (d *driver) count(ctx context.Context) error {
	c, err := d.t.Till.BeginStockCount(ctx, till.Approval{})
	if err != nil {
		return err
	}
	counted := d.goods
	if d.most > 0 {
		counted = slices.DeleteFunc(slices.Clone(d.goods), func(p retail.Product) bool {
			sku, err := strconv.Atoi(p.SKU)
			return err != nil || sku > d.most
		})
	}
	p := counted[d.made%len(counted)]
	s, err := d.t.Ledger.StockOf(ctx, p.ID)
	if err != nil {
		return err
	}
	c.Drop() // a line that was open when the till was killed
	if err := c.Choose(ctx, p.ID); err != nil {
		return err
	}
	if err := c.Set(min(max(s.Here, 0)+3*money.One, till.Most)); err != nil {
		return err
	}
	if _, err := c.Confirm(ctx); err != nil {
		return err
	}
	fmt.Println("counted", p.SKU)
	return nil
}

// shipments waits until so many are on their way.
func (d *driver) shipments(ctx context.Context, wanted string) error {
	n, err := strconv.Atoi(wanted)
	if err != nil {
		return err
	}
	err = d.t.Until(ctx, func() (bool, error) {
		all, err := d.t.Till.Shipments(ctx, 100)
		all = slices.DeleteFunc(all, func(s retail.Shipment) bool { return s.Received })
		return len(all) >= n, err
	})
	fmt.Println("shipments", n)
	return err
}

func (d *driver) receive(ctx context.Context) error {
	shipments, err := d.t.Till.Shipments(ctx, 100)
	if err != nil {
		return err
	}
	for _, s := range shipments {
		if s.Received {
			continue
		}
		receiving, err := d.t.Till.Receive(ctx, s.ID)
		if err != nil {
			return err
		}
		receiving.AllFound()
		if err := receiving.Commit(ctx); err != nil {
			return err
		}
		fmt.Println("received", s.Code)
	}
	return nil
}

func (d *driver) stock(ctx context.Context) error {
	goods, err := d.catalogue(ctx)
	if err != nil {
		return err
	}
	levels := map[string]money.Quantity{}
	for _, p := range goods {
		s, err := d.t.Ledger.StockOf(ctx, p.ID)
		if err != nil {
			return err
		}
		levels[p.SKU] = s.Here
	}
	out, err := json.Marshal(levels)
	fmt.Println("stock", string(out))
	return err
}

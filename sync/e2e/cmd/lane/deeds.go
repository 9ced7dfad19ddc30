package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
)

// order accepts, picks and hands over the first order that is this till's to serve: the stores of a test share them out, for two
// tills that do not hear of each other may both hand one over. One that another has taken, or that has to wait for the ticket, is none.
func (d *driver) order(ctx context.Context, mine, tills string) error {
	i, err := strconv.Atoi(mine)
	n, wrong := strconv.Atoi(tills)
	if err := errors.Join(err, wrong); err != nil {
		return err
	}
	all, err := d.t.Till.Orders(ctx, "")
	if err != nil {
		return err
	}
	for _, o := range all {
		if int(o.ID[15])%n != i%n {
			continue
		}
		err := d.serve(ctx, o)
		var told *retail.Error
		if errors.As(err, &told) && (told.Code == retail.Conflict || told.Code == retail.NotFound) {
			break
		}
		return err
	}
	fmt.Println("receipt none")
	return nil
}

// serve goes on with an order from where it is.
func (d *driver) serve(ctx context.Context, o till.Order) error {
	if o.State == retail.OrderConfirmed {
		if err := d.t.Till.AcceptOrder(ctx, o.ID); err != nil {
			return err
		}
	}
	if o.State != retail.OrderReady {
		picking, err := d.t.Till.PickOrder(ctx, o.ID)
		if err != nil {
			return err
		}
		picking.AllFound()
		if err := picking.Ready(ctx, false); err != nil {
			return err
		}
	}
	sold, err := d.t.Till.HandOver(ctx, o.ID, false)
	if err != nil {
		return err
	}
	var goods []string
	for _, line := range sold.Receipt.Sale.Lines {
		goods = append(goods, line.SKU, fmt.Sprint(int64(line.Quantity/money.One)))
	}
	return d.handOver("receipt", sold.Receipt.Written, goods)
}

// looked is how many of the newest receipts are looked through for something to give back.
const looked = 20

// refund gives back one unit of the newest receipt that has one left, the way it was paid.
func (d *driver) refund(ctx context.Context) error {
	newest, err := d.t.Till.Receipts(ctx, till.ReceiptFilter{Limit: looked})
	if err != nil {
		return err
	}
	for _, r := range newest {
		if r.Sale.OfOrder() {
			continue // paid online, where it is given back
		}
		of, err := d.t.Till.Refundable(ctx, r.Epoch, r.Number)
		if err != nil {
			return err
		}
		for line, left := range of.Left() {
			if left < money.One {
				continue
			}
			parts := []retail.RefundPart{{Of: line, Quantity: money.One}}
			back, err := d.t.Till.Refund(ctx, of, parts, till.Payback{Approval: "083215"}, "returned", till.Approval{})
			if err != nil {
				return err
			}
			return d.handOver("refunded", back.Written, []string{of.Sale.Lines[line].SKU, "-1"})
		}
	}
	fmt.Println("refunded none")
	return nil
}

// hold puts N of each SKU on the ticket and the ticket away under a name, which is also its note.
func (d *driver) hold(ctx context.Context, name string, goods []string) error {
	if err := d.scan(ctx, goods); err != nil {
		return err
	}
	if err := d.t.Till.NoteTicket(name); err != nil {
		return err
	}
	if err := d.t.Till.Hold(ctx, name); err != nil {
		return err
	}
	fmt.Println("held", name)
	return nil
}

// recall fetches the ticket that has waited longest, and sells it.
func (d *driver) recall(ctx context.Context) error {
	waiting, err := d.t.Till.Held(ctx)
	if err != nil {
		return err
	}
	if len(waiting) == 0 {
		fmt.Println("receipt none")
		return nil
	}
	if err := d.t.Till.Recall(ctx, waiting[0].ID); err != nil {
		return err
	}
	var goods []string
	for _, line := range d.t.Till.Ticket().Lines {
		goods = append(goods, line.SKU, fmt.Sprint(int64(line.Quantity/money.One)))
	}
	return d.pay(ctx, goods)
}

// waits names the tickets that are held.
func (d *driver) waits(ctx context.Context) error {
	held, err := d.t.Till.Held(ctx)
	if err != nil {
		return err
	}
	names := []any{"held"}
	for _, h := range held {
		names = append(names, h.Name)
	}
	fmt.Println(names...)
	return nil
}

// shelf counts so many of one product.
func (d *driver) shelf(ctx context.Context, sku, many string) error {
	c, err := d.t.Till.BeginStockCount(ctx, till.Approval{})
	if err != nil {
		return err
	}
	if _, err := c.Scan(ctx, many+"*"+sku); err != nil {
		return err
	}
	if _, err := c.Confirm(ctx); err != nil {
		return err
	}
	fmt.Println("counted", sku)
	return nil
}

// finish ends the session of counting that goes on.
func (d *driver) finish(ctx context.Context) error {
	c, counting := d.t.Till.StockCount()
	if counting && len(c.Lines()) > 0 {
		c.Drop() // who counted it was killed
		if err := c.Finish(ctx); err != nil {
			return err
		}
	}
	fmt.Println("finished")
	return nil
}

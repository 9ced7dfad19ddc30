package main

import (
	"context"
	"fmt"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
)

// looked is how many of the newest receipts are looked through for something to give back.
const looked = 20

// refund gives back one unit of the newest receipt that has one left, the way it was paid.
func (d *driver) refund(ctx context.Context) error {
	newest, err := d.t.Till.Receipts(ctx, till.ReceiptFilter{Limit: looked})
	if err != nil {
		return err
	}
	for _, r := range newest {
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

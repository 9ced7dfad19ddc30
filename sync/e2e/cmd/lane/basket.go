package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
)

// basket sells N of each SKU.
func (d *driver) basket(ctx context.Context, args []string) error {
	if err := d.scan(ctx, args); err != nil {
		return err
	}
	return d.pay(ctx, args)
}

// scan puts N of each SKU on the ticket.
func (d *driver) scan(ctx context.Context, args []string) error {
	for i := 0; i < len(args); i += 2 {
		p, known, err := d.t.Ledger.ByCode(ctx, args[i])
		if err != nil || !known {
			return fmt.Errorf("product %s: known %t: %w", args[i], known, err)
		}
		n, err := strconv.Atoi(args[i+1])
		if err != nil {
			return err
		}
		if err := d.t.Till.Add(ctx, p, money.Quantity(n)*money.One); err != nil {
			return err
		}
	}
	return nil
}

// pay pays the ticket by card; goods are SKU and N of what is on it.
func (d *driver) pay(ctx context.Context, goods []string) error {
	p, err := d.t.Till.StartPayment()
	if err != nil {
		return err
	}
	if p, err = d.t.Till.TenderCard(ctx, p.Turn, p.Left, "083214", "4417"); err != nil {
		return err
	}
	return d.handOver("receipt", p.Sold.Receipt.Written, goods)
}

// handOver puts what is in the journal on paper, that is in the file and durable, and then answers.
func (d *driver) handOver(word string, w till.Written, goods []string) error {
	receipt := fmt.Sprint(w.Epoch, w.Seq, w.Number, w.Hash)
	if d.receipts != "" {
		if err := appendLine(d.receipts, receipt+" "+strings.Join(goods, " ")); err != nil {
			return err
		}
	}
	fmt.Println(word, receipt)
	return nil
}

// send sends N of the first product to another store.
func (d *driver) send(ctx context.Context, code, many string) error {
	goods, err := d.catalogue(ctx)
	if err != nil {
		return err
	}
	stores, err := d.t.Till.Stores(ctx)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(stores, func(l retail.Location) bool { return l.Code == code })
	if at < 0 {
		return fmt.Errorf("no store %s", code)
	}
	s, err := d.t.Till.Send(ctx, stores[at].ID)
	if err != nil {
		return err
	}
	if _, err := s.Scan(ctx, many+"*"+goods[0].SKU); err != nil {
		return err
	}
	sent, err := s.Commit(ctx, till.Approval{})
	if err != nil {
		return err
	}
	fmt.Println("sent", sent.Code, goods[0].SKU)
	return nil
}

// appendLine adds a line to a file, durably.
func appendLine(path, line string) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("print receipt: %w", err)
	}
	_, err = fmt.Fprintln(f, line)
	return errors.Join(err, f.Sync(), f.Close())
}

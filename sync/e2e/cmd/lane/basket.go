package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"comptant/shared/money"
)

// basket sells N of each SKU. The receipt is on paper, that is in the file and durable, before it is answered.
func (d *driver) basket(ctx context.Context, args []string) error {
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
	p, err := d.t.Till.StartPayment()
	if err != nil {
		return err
	}
	if p, err = d.t.Till.TenderCard(ctx, p.Turn, p.Left, "083214", "4417"); err != nil {
		return err
	}
	r := p.Sold.Receipt
	receipt := fmt.Sprint(r.Epoch, r.Seq, r.Number, r.Hash)
	if d.receipts != "" {
		if err := appendLine(d.receipts, receipt+" "+strings.Join(args, " ")); err != nil {
			return err
		}
	}
	fmt.Println("receipt", receipt)
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

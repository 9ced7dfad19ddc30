package chaos

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strings"
)

// receipt is what a customer holds.
type receipt struct {
	epoch, seq, number uint64
	hash               string
	// goods are SKU and units, alternating.
	goods []string
}

// readReceipt reads a line of the lane program.
func readReceipt(text string) (r receipt, err error) {
	f := strings.Fields(text)
	if len(f) < 4 {
		return r, fmt.Errorf("receipt %q", text)
	}
	_, err = fmt.Sscan(strings.Join(f[:4], " "), &r.epoch, &r.seq, &r.number, &r.hash)
	r.goods = f[4:]
	return r, err
}

// readReceipts reads the receipts a till has printed. The last may be torn: it was not handed over.
func readReceipts(path string) ([]receipt, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	text = text[:bytes.LastIndexByte(text, '\n')+1]
	var all []receipt
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		r, err := readReceipt(lines.Text())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		all = append(all, r)
	}
	return all, lines.Err()
}

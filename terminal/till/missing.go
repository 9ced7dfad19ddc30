package till

import (
	"context"
	"slices"
	"sync"

	"comptant/shared/retail"
)

// missing are the receipts no paper came out for, oldest first. Printing tells it from goroutines of its own.
type missing struct {
	mu       sync.Mutex
	receipts []retail.Receipt
}

// mostMissing bounds the list: older receipts are in the journal.
const mostMissing = 50

// note keeps or forgets a receipt by how printing it went.
func (m *missing) note(r retail.Receipt, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.receipts = slices.DeleteFunc(m.receipts, func(o retail.Receipt) bool { return o.Code() == r.Code() })
	if err != nil {
		r.Copy = true
		m.receipts = append(m.receipts, r)
		m.receipts = m.receipts[max(0, len(m.receipts)-mostMissing):]
	}
}

func (m *missing) list() []retail.Receipt {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.receipts)
}

// Missing are the numbers of the receipts that could not be printed, oldest first, since the till was started. Nothing is
// missing while the printer still tries.
func (t *Till) Missing() []string {
	var codes []string
	for _, r := range t.missing.list() {
		codes = append(codes, r.Code())
	}
	return codes
}

// ReprintMissing prints those again, marked as duplicates, and does not wait.
func (t *Till) ReprintMissing(ctx context.Context) error {
	if err := t.signedIn(); err != nil {
		return err
	}
	for _, r := range t.missing.list() {
		t.print(ctx, r)
	}
	return nil
}

package intake

import (
	"errors"
	"fmt"

	"github.com/google/uuid"

	"comptant/hq/sales"
	"comptant/hq/stock"
	"comptant/shared/journal"
)

// Errors of Verify besides those of journal.Verifier.
var (
	ErrHead   = errors.New("the end of the epoch is recorded as another entry")
	ErrNoHead = errors.New("the end of the epoch is not recorded")
	ErrBranch = errors.New("entry on a branch that does not exist")
)

// Fault is something Verify found: an entry of a till (the first of its epoch at which the chain breaks), or figures of
// a store and day that are not the sum of its entries.
type Fault struct {
	Store, Till uuid.UUID
	Epoch, Seq  uint64
	Err         error
}

func (f Fault) Error() string {
	if f.Till == uuid.Nil {
		return fmt.Sprintf("store %s: %v", f.Store, f.Err)
	}
	return fmt.Sprintf("till %s epoch %d seq %d: %v", f.Till, f.Epoch, f.Seq, f.Err)
}

func (f Fault) Unwrap() error { return f.Err }

// The codes of findings.
const (
	FoundGap       = "gap"
	FoundChain     = "chain"
	FoundBytes     = "bytes"
	FoundDecode    = "decode"
	FoundHead      = "head"
	FoundNoHead    = "no-head"
	FoundBranch    = "branch"
	FoundCount     = "count"
	FoundTransfer  = "transfer"
	FoundClock     = "clock"
	FoundSignature = "signature"
	// FoundSums: sums of sales are not what the entries come to. Sums has them.
	FoundSums = "sums"
	// FoundLevel, FoundTransit and FoundMiscount: stock is not what follows from what moved. Level has it.
	FoundLevel    = "level"
	FoundTransit  = "transit"
	FoundMiscount = "miscount"
)

var foundCodes = []struct {
	err  error
	code string
}{
	{journal.ErrGap, FoundGap},
	{journal.ErrChain, FoundChain},
	{journal.ErrBytes, FoundBytes},
	{journal.ErrDecode, FoundDecode},
	{ErrHead, FoundHead},
	{ErrNoHead, FoundNoHead},
	{ErrBranch, FoundBranch},
	{ErrCount, FoundCount},
	{ErrTransfer, FoundTransfer},
	{ErrClock, FoundClock},
	{ErrSignature, FoundSignature},
}

// Finding is a fault as data, to be kept and to be said in words.
type Finding struct {
	Store uuid.UUID `json:"store"`
	Till  uuid.UUID `json:"till"`
	Epoch uint64    `json:"epoch"`
	Seq   uint64    `json:"seq"`
	Code  string    `json:"code"`
	// Sums and Level are what does not agree, for the codes that say so.
	Sums  *sales.Difference `json:"sums,omitempty"`
	Level *stock.Imbalance  `json:"level,omitempty"`
	// Text is the program's own.
	Text string `json:"text"`
}

// Finding gives the fault as data.
func (f Fault) Finding() Finding {
	found := Finding{Store: f.Store, Till: f.Till, Epoch: f.Epoch, Seq: f.Seq, Text: f.Err.Error()}
	for _, known := range foundCodes {
		if errors.Is(f.Err, known.err) {
			found.Code = known.code
		}
	}
	level := func(code string, l stock.Imbalance) { found.Code, found.Level = code, &l }
	switch err := f.Err.(type) {
	case sales.Difference:
		found.Code, found.Sums = FoundSums, &err
	case stock.Imbalance:
		level(FoundLevel, err)
	case stock.Adrift:
		level(FoundTransit, stock.Imbalance(err))
	case Miscount:
		level(FoundMiscount, stock.Imbalance(err))
	}
	return found
}

package audit

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// Errors of files that are none, or not whole.
var (
	ErrFormat = errors.New("this is no file of journals for an auditor")
	ErrCut    = errors.New("the file is cut off: it has no end")
)

// Faults of journals besides those of package journal.
var (
	ErrSignature = errors.New("the end of the chain is signed by no key of the till")
	ErrHead      = errors.New("the till signed another entry as the end of its chain")
	ErrNumber    = errors.New("the number does not follow on the one before")
	ErrTwice     = errors.New("the same piece of the journal is in the file twice")
)

// Fault is what is wrong with an entry of a till.
type Fault struct {
	Till       Till
	Epoch, Seq uint64
	Err        error
}

func (f Fault) Error() string {
	return fmt.Sprintf("%s, till %d, epoch %d, entry %d: %v", f.Till.Store, f.Till.Number, f.Epoch, f.Seq, f.Err)
}

// Unwrap gives the cause.
func (f Fault) Unwrap() error { return f.Err }

// Found is what a till's journal comes to.
type Found struct {
	Till    Till
	Entries int
	// Signed is how many ends of the chain the till signed, After how many entries come after the last of them.
	Signed, After int
	// Sales, Refunds and Voids are receipts, the amounts what they come to with taxes.
	Sales, Refunds, Voids                   int
	SalesAmount, RefundsAmount, VoidsAmount money.Amount
	// Taxes are those of sales less those of refunds and voids.
	Taxes []Tax
}

// Tax is what was charged at a rate.
type Tax struct {
	Code   string
	Rate   money.Rate
	Base   money.Amount
	Amount money.Amount
}

// Report is what a file has and what is wrong with it.
type Report struct {
	Head   Head
	Tills  []Found
	Faults []Fault
}

// Check reads a file to its end. The error says that it could not be read; what is wrong with journals is in the report.
func Check(from io.Reader) (Report, error) {
	c := check{lines: json.NewDecoder(from)}
	var first line
	if err := c.lines.Decode(&first); err != nil || first.Audit == nil {
		return c.report, errors.Join(ErrFormat, err)
	}
	if c.report.Head = *first.Audit; c.report.Head.Format != Format {
		return c.report, fmt.Errorf("%w of version %d: it has version %d", ErrFormat, Format, c.report.Head.Format)
	}
	for {
		var l line
		if err := c.lines.Decode(&l); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return c.report, ErrCut
		} else if err != nil {
			return c.report, fmt.Errorf("%w: %w", ErrFormat, err)
		}
		done, err := c.take(l)
		if done || err != nil {
			return c.report, err
		}
	}
}

// piece names one.
type piece struct {
	epoch  uint64
	branch int
}

type check struct {
	lines   *json.Decoder
	report  Report
	entries int
	// of the till
	found  *Found
	pieces map[piece]bool
	// of the piece: its chain until it breaks, the hashes of its entries, and the last number of a receipt and of a Z.
	chain    *journal.Verifier
	at       Chain
	hashes   map[uint64]journal.Hash
	receipt  uint64
	z        uint64
	prev     journal.Hash
	isBroken bool
}

func (c *check) take(l line) (done bool, err error) {
	switch {
	case l.Till != nil:
		c.report.Tills = append(c.report.Tills, Found{Till: *l.Till})
		c.found, c.pieces, c.chain = &c.report.Tills[len(c.report.Tills)-1], map[piece]bool{}, nil
	case l.Chain != nil && c.found != nil:
		c.begin(*l.Chain)
	case l.Entry != nil && c.chain != nil:
		c.entries++
		c.found.Entries++
		c.entry(*l.Entry)
	case l.End != nil:
		if l.End.Tills != len(c.report.Tills) || l.End.Entries != c.entries {
			return true, fmt.Errorf("%w: its end counts %d tills and %d entries, and it has %d and %d", ErrFormat,
				l.End.Tills, l.End.Entries, len(c.report.Tills), c.entries)
		}
		if c.lines.More() {
			return true, fmt.Errorf("%w: it goes on after its end", ErrFormat)
		}
		return true, nil
	default:
		return true, fmt.Errorf("%w: a line is out of its place", ErrFormat)
	}
	return false, nil
}

func (c *check) begin(at Chain) {
	c.at, c.prev, c.hashes, c.receipt, c.z, c.isBroken = at, journal.Hash(at.Hash), map[uint64]journal.Hash{}, 0, 0, false
	c.chain = journal.NewVerifierAfter(c.found.Till.ID, at.Epoch, at.After, journal.Hash(at.Hash))
	c.found.After = 0
	if of := (piece{at.Epoch, at.Branch}); c.pieces[of] {
		c.fault(at.After+1, ErrTwice)
	} else {
		c.pieces[of] = true
	}
	if at.After == 0 && c.prev != journal.Genesis(c.found.Till.ID, at.Epoch) {
		c.fault(1, journal.ErrChain)
	}
}

func (c *check) fault(seq uint64, err error) {
	c.report.Faults = append(c.report.Faults, Fault{c.found.Till, c.at.Epoch, seq, err})
}

func (c *check) entry(e Entry) {
	c.found.After++
	if c.isBroken { // one fault tells of the chain; what comes after it proves nothing
		return
	}
	l := journal.Link{Epoch: c.at.Epoch, Seq: e.Seq, Prev: c.prev, Hash: journal.Hash(e.Hash), Bytes: e.Bytes}
	var f *journal.Fault
	if err := c.chain.Add(l); errors.As(err, &f) {
		c.isBroken = true
		c.fault(f.Seq, f.Err)
		return
	}
	c.prev = l.Hash
	c.hashes[e.Seq] = l.Hash
	entry, err := journal.Decode(e.Bytes)
	if err == nil {
		err = c.body(entry)
	}
	if err != nil {
		c.fault(e.Seq, err)
	}
}

// body adds up a document, and checks its number or signature.
func (c *check) body(e journal.Entry) error {
	switch e.Kind {
	case journal.KindSale:
		s, err := journal.DecodeBody[retail.Sale](e)
		if err != nil {
			return err
		}
		c.found.Sales++
		c.found.SalesAmount += s.Total
		c.taxes(s.Taxes, 1)
		return errors.Join(s.Check(), follows(&c.receipt, s.Number))
	case journal.KindRefund:
		r, err := journal.DecodeBody[retail.Refund](e)
		if err != nil {
			return err
		}
		c.found.Refunds++
		c.found.RefundsAmount += r.Total
		c.taxes(r.Taxes, -1)
		return errors.Join(r.Check(), follows(&c.receipt, r.Number))
	case journal.KindVoid:
		v, err := journal.DecodeBody[retail.Void](e)
		if err != nil {
			return err
		}
		c.found.Voids++
		c.found.VoidsAmount += v.Total
		c.taxes(v.Taxes, -1)
		return errors.Join(retail.Refund(v).Check(), follows(&c.receipt, v.Number))
	case journal.KindShiftClose:
		z, err := journal.DecodeBody[retail.ShiftClose](e)
		if err != nil {
			return err
		}
		return errors.Join(z.Check(), follows(&c.z, z.Number))
	case journal.KindChainHead:
		h, err := journal.DecodeBody[retail.ChainHead](e)
		if err != nil {
			return err
		}
		return c.signed(h)
	}
	return nil
}

// signed checks that a key of the till signed the end of the chain, and that it is the one in the file.
func (c *check) signed(h retail.ChainHead) error {
	if !slices.ContainsFunc(c.found.Till.Keys, func(k ed25519.PublicKey) bool { return h.SignedBy(c.found.Till.ID, k) }) {
		return ErrSignature
	}
	if of, here := c.hashes[h.Head.Seq]; h.Head.Epoch == c.at.Epoch && here && !slices.Equal(of[:], h.Head.Hash) {
		return ErrHead
	}
	c.found.Signed++
	c.found.After = 0
	return nil
}

// follows checks numbers that have no gap. Which one comes first in a piece is not known.
func follows(last *uint64, number uint64) error {
	before := *last
	*last = number
	if before != 0 && number != before+1 {
		return fmt.Errorf("%w: %d after %d", ErrNumber, number, before)
	}
	return nil
}

// taxes adds them up, by code and rate.
func (c *check) taxes(all []retail.Tax, sign money.Amount) {
	for _, t := range all {
		i := slices.IndexFunc(c.found.Taxes, func(f Tax) bool { return f.Code == t.Code && f.Rate == t.Rate })
		if i < 0 {
			i = len(c.found.Taxes)
			c.found.Taxes = append(c.found.Taxes, Tax{Code: t.Code, Rate: t.Rate})
		}
		c.found.Taxes[i].Base += sign * t.Base
		c.found.Taxes[i].Amount += sign * t.Amount
	}
}

package escpos

// Query is a question a printer answers at once, also while it prints or has no paper.
type Query byte

// The questions, in the order in which they are asked.
const (
	QueryPrinter Query = 1
	QueryOffline Query = 2
	QueryError   Query = 3
	QueryPaper   Query = 4
)

// Queries are all of them.
var Queries = []Query{QueryPrinter, QueryOffline, QueryError, QueryPaper}

// Command asks.
func (q Query) Command() []byte { return []byte{dle, 0x04, byte(q)} }

// Answer says that b answers a Query: some of its bits are the same in each.
func Answer(b byte) bool { return b&0x93 == 0x12 }

// Status is what a printer says of itself.
type Status struct {
	Offline, CoverOpen, PaperOut, PaperLow, Failed bool
}

// Ready says that it prints what it is given.
func (s Status) Ready() bool { return !s.Offline && !s.CoverOpen && !s.PaperOut && !s.Failed }

// Take adds the answer to a question.
func (s *Status) Take(q Query, b byte) {
	switch q {
	case QueryPrinter:
		s.Offline = s.Offline || b&0x08 != 0
	case QueryOffline:
		s.CoverOpen = s.CoverOpen || b&0x04 != 0
		s.PaperOut = s.PaperOut || b&0x20 != 0
		s.Failed = s.Failed || b&0x40 != 0
	case QueryError:
		s.Failed = s.Failed || b&0x6c != 0
	case QueryPaper:
		s.PaperOut = s.PaperOut || b&0x60 != 0
		s.PaperLow = s.PaperLow || b&0x0c != 0
	}
}

package chaos

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// Targets of all runs together.
const (
	targetKills  = 10_000
	targetDeeds  = 2_000
	targetFaults = 1_000_000
)

// Proof is the line of one run.
type Proof struct {
	Date    string
	Commit  string
	Seed    uint64
	Minutes float64
	Tills   int
	HQs     int

	Kills, Breaks, Strains Tally

	Sales  int
	Agreed time.Duration
	Result string
}

// exact is the result of a run without differences.
const exact = "exact"

// NewProof is the line of a run.
func NewProof(at time.Time, commit string, o Options, r Result) Proof {
	p := Proof{
		Date: at.UTC().Format("2006-01-02 15:04"), Commit: commit, Seed: o.Seed, Minutes: o.Lasts.Minutes(), Tills: o.Tills, HQs: o.HQs,
		Kills: r.Kills, Breaks: r.Breaks, Strains: r.Strains, Sales: r.Sales, Agreed: r.Agreed.Round(100 * time.Millisecond), Result: exact,
	}
	if n := len(r.Differences); n > 0 {
		p.Result = fmt.Sprintf("%d differences", n)
	}
	return p
}

// AddProof adds a line to the page at path and works its totals out again.
func AddProof(path string, p Proof) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	lines, err := ReadProof(string(text))
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return os.WriteFile(path, []byte(ProofPage(append(lines, p))), 0o644)
}

const runsHead = "| date | commit | seed | minutes | tills | HQ | kills | breaks | strains | sales | agreed after | result |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n"

// ReadProof gives the lines of a page.
func ReadProof(page string) ([]Proof, error) {
	_, rows, ok := strings.Cut(page, runsHead)
	if !ok {
		return nil, errors.New("no table of runs")
	}
	var all []Proof
	for row := range strings.Lines(rows) {
		p, err := readProof(row)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", row, err)
		}
		all = append(all, p)
	}
	return all, nil
}

func readProof(row string) (p Proof, err error) {
	cells := strings.Split(strings.TrimSpace(row), " | ")
	if len(cells) != 12 {
		return p, fmt.Errorf("%d cells", len(cells))
	}
	p.Date, p.Commit, p.Result = strings.TrimPrefix(cells[0], "| "), cells[1], strings.TrimSuffix(cells[11], " |")
	number := func(cell string) int {
		n, wrong := strconv.Atoi(cell)
		err = errors.Join(err, wrong)
		return n
	}
	tally := func(cell string) Tally {
		t, wrong := readTally(cell)
		err = errors.Join(err, wrong)
		return t
	}
	p.Seed, p.Tills, p.HQs, p.Sales = uint64(number(cells[2])), number(cells[4]), number(cells[5]), number(cells[9])
	p.Kills, p.Breaks, p.Strains = tally(cells[6]), tally(cells[7]), tally(cells[8])
	minutes, wrong := strconv.ParseFloat(cells[3], 64)
	p.Minutes, err = minutes, errors.Join(err, wrong)
	agreed, wrong := time.ParseDuration(cells[10])
	p.Agreed, err = agreed, errors.Join(err, wrong)
	return p, err
}

func (p Proof) row() string {
	return fmt.Sprintf("| %s | %s | %d | %g | %d | %d | %s | %s | %s | %d | %s | %s |\n",
		p.Date, p.Commit, p.Seed, p.Minutes, p.Tills, p.HQs, p.Kills, p.Breaks, p.Strains, p.Sales, p.Agreed, p.Result)
}

const proofText = `# Proof

Written by ` + "`make chaos PROOF=1`" + `; do not edit. Each run starts headquarters, its Postgres and several tills as processes
on one machine, lets the tills sell, refund, count, put tickets away and fetch them, close shifts and ask for goods without a
pause, and (since 2026-11-30) hand over what 16 customers order in the shop meanwhile; kills the processes with SIGKILL and
breaks what they say to each other. Then everything is mended and compared. A run is *exact* when

- every receipt a till printed (its number and the hash of its entry, written to a file of its own after the sale or the
  refund) is at headquarters once, and names the same goods;
- every entry of every till is at headquarters once, byte for byte, and every chain verifies;
- receipts and Zs have no gap, and a till that was killed has at most one sale or refund a kill whose receipt was not printed;
- a ticket that was put away was sold once or still waits; at most one a kill is neither, whose customer had left;
- the stock of every product is what was there, or was counted last, less what was sold since, at headquarters and on every
  till, within 90 s of the end of the faults and of the last order;
- every order that a customer was told of is there and has ended: what was handed over is one sale and paid once, of any other
  nothing is taken; nothing stays reserved, and no product of the shop is oversold;
- headquarters and every till run, ` + "`hq journal verify`" + ` finds nothing, and no flag, hole or deferred entry is left.

**A kill counts** only when the process had something to lose, and that is known. A till: entries that it was not told are
stored, seen on the wire and in its own answers; or a deed (a sale, a refund, a line of a count, a Z, a ticket put away or
fetched, an order handed over) that it had begun and not yet answered. Headquarters: entries that were left without an
acknowledgement, and either its transaction was open in Postgres at that moment or they had been stored, which the time of
their receipt says afterwards.
Postgres, with all its processes: the same. At least 5 % of the kills must hit headquarters and 2 % Postgres.

**A fault counts** only when it hits a message with entries, an acknowledgement, changes of a feed or their confirmation.
*Breaks* end the connection, lose what was under way or say it twice; *strains* (a delay, latency, little bandwidth, a
message in small pieces) must go unnoticed. Latency, bandwidth, slicer, timeout and reset_peer are toxiproxy's, the others
those of a proxy that knows the messages.

A run is repeated with the commit, seed, minutes, tills and headquarters of its line:
` + "`make chaos CHAOS=\"--seed 7 --minutes 15 --tills 48 --hq 1\"`" + `. The plan is the same then; the moments are those of real processes.

## So far

`

// ProofPage is the page of these runs.
func ProofPage(runs []Proof) string {
	kills, breaks, strains := Tally{}, Tally{}, Tally{}
	minutes, sales, good := 0.0, 0, 0
	for _, p := range runs {
		for from, to := range map[*Tally]Tally{&p.Kills: kills, &p.Breaks: breaks, &p.Strains: strains} {
			for name, n := range *from {
				to[name] += n
			}
		}
		minutes, sales = minutes+p.Minutes, sales+p.Sales
		if p.Result == exact {
			good++
		}
	}
	var b strings.Builder
	b.WriteString(proofText + "| | |\n|---|---|\n")
	fmt.Fprintf(&b, "| runs | %d, of which %d exact |\n| minutes | %.4g |\n| sales | %d |\n", len(runs), good, minutes, sales)
	fmt.Fprintf(&b, "| kills | %d of %d: tills %d, headquarters %d, Postgres %d |\n", kills.Total(), targetKills,
		kills.of(processTill), kills.of(processHQ), kills.of(processPostgres))
	fmt.Fprintf(&b, "| faults | %d of %d: breaks %d, strains %d |\n", breaks.Total()+strains.Total(), targetFaults, breaks.Total(), strains.Total())
	fmt.Fprintf(&b, "| killed in the middle of | %s |\n", kills.InDeeds())
	for _, message := range []string{"entries", "ack", "changes", "applied"} {
		fmt.Fprintf(&b, "| on %s | breaks %d, strains %d |\n", message, breaks.of(message), strains.of(message))
	}
	fmt.Fprintf(&b, "| kills by phase | %s |\n| breaks | %s |\n| strains | %s |\n\n## Runs\n\n%s", kills, breaks, strains, runsHead)
	for _, p := range runs {
		b.WriteString(p.row())
	}
	return b.String()
}

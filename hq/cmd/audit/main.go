// Command audit checks a file of tills' journals that hq journal export wrote. It needs the file alone: no headquarters, no database,
// no network.
package main

import (
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"comptant/shared/audit"
	"comptant/shared/money"

	"github.com/alecthomas/kong"
)

// version is stamped by the build.
var version = "1.0"

const description = `Checks a file of tills' journals that hq journal export wrote: every hash, every signature of the end of a day, the numbers of receipts and Zs, and the sums of every document.

It needs the file alone. Exit codes: 0 everything agrees, 1 the file could not be read, 2 wrong usage, 3 something does not agree.`

type cli struct {
	File    string           `arg:"" type:"existingfile" help:"The file, for example comptant-20261101-20261130.audit.gz."`
	Version kong.VersionFlag `help:"Print the version."`
}

func main() {
	var c cli
	kong.Parse(&c, kong.Name("audit"), kong.Description(description), kong.UsageOnError(), kong.Vars{"version": version},
		kong.Exit(func(code int) {
			if code != 0 {
				code = 2
			}
			os.Exit(code)
		}))
	agrees, err := check(os.Stdout, c.File)
	switch {
	case err != nil:
		fmt.Fprintf(os.Stderr, "audit: %v\n", err)
		os.Exit(1)
	case !agrees:
		os.Exit(3)
	}
}

func check(to io.Writer, path string) (agrees bool, err error) {
	file, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer file.Close()
	packed, err := gzip.NewReader(file)
	if err != nil {
		return false, fmt.Errorf("%s: %w: %w", path, audit.ErrFormat, err)
	}
	report, err := audit.Check(packed)
	if err != nil {
		return false, fmt.Errorf("%s: %w", path, err)
	}
	// What follows the end, with the checksum of the whole.
	if _, err := io.Copy(io.Discard, packed); err != nil {
		return false, fmt.Errorf("%s: %w", path, err)
	}
	return len(report.Faults) == 0, write(to, report)
}

func write(to io.Writer, r audit.Report) error {
	fmt.Fprintf(to, "From %s until %s, written %s\n\n", day(r.Head.From), day(r.Head.Until), r.Head.Made.Format(time.RFC3339))
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "till\tentries\tsigned ends\tafter the last\tsales\t\trefunds\t\tvoids\t\ttaxes\tkeys")
	for _, t := range r.Tills {
		fmt.Fprintf(table, "%s-%02d\t%d\t%d\t%d\t%d\t%s\t%d\t%s\t%d\t%s\t%s\t%s\n", t.Till.Store, t.Till.Number, t.Entries, t.Signed, t.After,
			t.Sales, amount(t.SalesAmount), t.Refunds, amount(t.RefundsAmount), t.Voids, amount(t.VoidsAmount), taxes(t.Taxes), keys(t.Till))
	}
	err := table.Flush()
	fmt.Fprintln(to)
	for _, f := range r.Faults {
		fmt.Fprintln(to, f.Error())
	}
	if len(r.Faults) == 0 {
		fmt.Fprintln(to, "Every chain, every signature, every number and every sum agrees.")
	}
	return err
}

func day(t time.Time) string { return t.Format(time.DateTime + " MST") }

// amount has a point and two digits, whatever the currency: the entries name it.
func amount(a money.Amount) string {
	sign := ""
	if a < 0 {
		sign, a = "-", -a
	}
	return fmt.Sprintf("%s%d.%02d", sign, a/100, a%100)
}

func taxes(all []audit.Tax) string {
	texts := make([]string, len(all))
	for i, t := range all {
		texts[i] = t.Code + " " + amount(t.Amount)
	}
	return strings.Join(texts, ", ")
}

func keys(t audit.Till) string {
	texts := make([]string, len(t.Keys))
	for i, k := range t.Keys {
		texts[i] = audit.Fingerprint(k)
	}
	return strings.Join(texts, " ")
}

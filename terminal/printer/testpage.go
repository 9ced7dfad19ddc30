package printer

import (
	"context"
	"time"
)

// TestPage is what a new printer, or one that prints oddly, is tried with: where it is, and the letters that come out wrong first.
func TestPage(target, lang string, at time.Time, on Paper) Document {
	title, text := "ESSAI D\u2019IMPRESSION", "Si ces lettres sont justes, les reçus le seront :"
	if lang == "en" {
		title, text = "TEST PRINT", "When these letters are right, receipts will be:"
	}
	d := Document{Name: "test-" + at.Format("20060102-150405"), At: at}
	d.Lines = append(d.Lines, Line{Text: cut(title, on.Columns), Bold: true}, Line{})
	for _, part := range []string{target, at.Format("2006-01-02 15:04:05"), text, "àâçéèêëîïôœùûü ÀÂÇÉÈÊËÎÏÔŒÙÛÜ – 12,34 $"} {
		for _, line := range wrap(part, on.Columns) {
			d.Lines = append(d.Lines, Line{Text: line})
		}
	}
	return d
}

// PrintTest prints a test page, as Print does a receipt.
func (q *Queue) PrintTest(ctx context.Context, target, lang string, at time.Time) error {
	return q.put(ctx, TestPage(target, lang, at, q.press.paper()))
}

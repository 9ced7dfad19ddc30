// Package printer puts documents on paper: their layout as lines of text, the queue in which they wait, and what prints
// them, a receipt printer or a folder of PDF files.
//
// The layout is one for every printer of a width: a line is at most so many characters, so that paper, a PDF and the screen
// of an auditor show the same receipt. Everything on it comes from the committed document; nothing is looked up, so a
// receipt printed in ten years is the receipt of today. What must always hold:
//
//   - Nobody waits for a printer but the goroutine that prints.
//   - A document that was handed over is on paper, whole, or its end is an error. What was broken off is printed again from
//     its beginning, after a cut, and says so.
//   - The drawer opens within two seconds or stays shut: it never opens by itself.
package printer

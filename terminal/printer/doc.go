// Package printer puts receipts on paper: the layout as lines of text, and what prints those lines.
//
// The layout is one for every printer: a line is at most Columns characters, so that a thermal printer, a PDF and the
// screen of an auditor show the same receipt. Everything on it comes from the committed document; nothing is looked up,
// so a receipt printed in ten years is the receipt of today.
//
// Only characters of Windows-1252 are laid out: every receipt printer and every PDF reader has them.
package printer

// Package escpos writes the language of receipt printers, ESC/POS: the commands a receipt needs and no others, those
// that Epson's printers and their many copies agree on.
//
// What must always hold:
//
//   - Text is fitted to a code page before it is laid out (Page.Fit), so that a character is a column; what the page
//     lacks is written differently, and nothing in a text is ever a command.
//   - No data holds a real-time command. Printers look for these in everything they receive, pictures included.
//   - A document begins with the printer's defaults, so that what was cut off before it changes nothing.
package escpos

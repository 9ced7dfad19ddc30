// Package importer reads what a company has (stores, taxes, products, prices, stock, customers, sales of before) from CSV files as
// spreadsheets and other systems write them.
//
// It works in two steps, so that a person sees what will happen before it does. Read looks at the file alone: encoding,
// separator, columns, and every row that is not well formed, with its line and reason. Preview and Apply compare what was
// read with the database.
//
// Invariants:
//
//   - Nothing is half imported: one bad row, and nothing is; everything is written in one transaction.
//   - Importing a file again changes nothing.
//   - A column that a file does not have leaves what is known as it is.
//   - Text is data: a name that begins like a formula stays a name.
//   - A file is read as a stream, and lines, rows and bytes are bounded.
//
// Pictures come from a folder instead, each on its own: a bad one holds up no other.
package importer

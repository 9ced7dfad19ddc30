// Package catalog owns what is sold: products with their barcodes and prices, categories and tax rates.
//
// Invariants:
//
//   - A barcode is stored in the canonical form of barcode.Normalize and belongs to one product; an SKU too.
//   - What changes is published to the global feed in the same transaction; what does not change is not.
//   - Every change of a price is a price book: a version, and a moment from which it is in force. Books to come are in the
//     feed with their lines, so that tills turn to them on their own; the product rows have the prices of all others.
//   - A price book is of every store or of one. What it says of one is in that store's feed, and no book of every store touches
//     a price that a store has of its own.
//   - A retired product is in no feed, and stays in the table for what was sold of it.
//   - The cost of a product is headquarters' own and never in the feed, and so is its picture.
//   - A picture is what Draw made of a file, never the file; its name is that of one picture for ever.
package catalog

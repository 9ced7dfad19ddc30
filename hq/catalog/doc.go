// Package catalog owns what is sold: products with their barcodes, categories and tax rates.
//
// Invariants:
//
//   - A barcode is stored in the canonical form of barcode.Normalize and belongs to one product; an SKU too.
//   - What changes is published to the global feed in the same transaction; what does not change is not.
//   - The cost of a product is headquarters' own and never in the feed.
package catalog

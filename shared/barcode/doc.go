// Package barcode reads the numbers under retail barcodes: it checks them, gives each product one number to be looked up
// by however it was scanned, and takes apart the in-store codes that carry a weight or a price.
//
// A GTIN is the same number in 8, 12, 13 or 14 digits, and scanners differ in the zeros they send. Normalize is the only
// way a code goes into a look-up table or comes out of a scanner; two spellings of one GTIN then always meet.
//
// Only ASCII digits count; prefixes, suffixes and control characters are the scanner's business. Source of the rules: GS1
// General Specifications, sections 1.4 (prefixes), 5.2 (EAN/UPC symbols) and 7.9 (check digits).
package barcode

// Package retail holds the words of the shop: sales, lines, tenders, taxes, restock requests, shipments, and the rules
// between them that need no storage and no network.
//
// The documents here are the bodies of journal entries, so both the till that writes them and headquarters that
// applies them use one definition. Their CBOR keys are part of the journal format: added, never changed. The rows of
// the feed (what headquarters tells the tills) are here for the same reason.
//
// A document is complete in itself: it carries the names, prices, tax rates and registrations it used, so that a
// receipt printed in ten years is the receipt of today.
package retail

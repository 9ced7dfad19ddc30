// Package replay sends the history of a whole chain of stores, sale by sale, through its tills and headquarters, and
// compares what headquarters ends up with to what the history says, unit for unit and cent for cent.
//
// A history is the teaching set "toys" (stores.csv, products.csv, inventory.csv, sales.csv.gz) or one of the same shape
// generated from a fixed seed. Opening stock is what is on hand at the end plus what was sold, so that replaying every
// sale once must end exactly at the inventory, whatever the order, the duplicates and the faults on the way.
package replay

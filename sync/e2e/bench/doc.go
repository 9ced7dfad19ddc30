// Package bench measures the product against what the machine itself can do.
//
// A figure counts only as a ratio within one run: each round reads the physical limit, the product, and the limit
// again, on the same disk with the same durability. A peer, another product, is read in the same rounds where one is asked
// for. The first round is dropped, and a round whose two readings of the
// limit differ by more than a quarter is void: something else used the machine. What is reported is the median of the
// ratios, the least and the greatest, the processor time an operation cost, and how busy the machine was with others.
//
// A till is never measured on a file system in memory. A benchmark is not a test: the test of this package only sees
// that every row works.
package bench

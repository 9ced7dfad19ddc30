package db

import "strings"

// Listed is what lists of equal length have row by row, for FROM: @ids::uuid[], @names::text[]. A single row is written so that whoever
// looks it up compares with one value, which Postgres plans as such also where plans are not kept as InTxByKey has them; otherwise it might
// keep one that reads the whole table, from when that was small, for those who look several up, too.
func Listed(rows int, lists ...string) string {
	if rows != 1 {
		return "unnest(" + strings.Join(lists, ", ") + ")"
	}
	return "(SELECT (" + strings.Join(lists, ")[1], (") + ")[1])"
}

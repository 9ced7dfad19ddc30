// Package backup copies headquarters' database to one file while it serves, and puts such a file in its place.
//
// The copy is of one moment (pg_dump). Putting it back never destroys: it is restored beside the database in place, brought to
// this program's version and looked at, and only then do the two change their names. What was in place stays under another name.
//
// What the tills were told is stored and is not in the copy they send again: they hear at their next session what headquarters has.
package backup

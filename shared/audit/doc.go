// Package audit is the file that an auditor gets of tills' journals, and the check of it, which needs neither headquarters nor
// its database.
//
// The file is JSON, an object a line, each with one key that says what it is, in this order:
//
//	{"audit": {"format": 1, "made": time, "from": time, "until": time}}    the first line
//	{"till":  {"id": uuid, "store": code, "number": n, "keys": [...]}}     a till, with every Ed25519 public key it has or had
//	{"chain": {"epoch": n, "branch": n, "after": seq, "hash": hex}}        a piece of its journal follows, after this entry
//	{"entry": {"seq": n, "hash": hex, "bytes": base64}}                    an entry as the till wrote it (package journal)
//	{"end":   {"tills": n, "entries": n}}                                  the last line: without it the file was cut off
//
// Times are RFC 3339. A piece is whole: from the first entry of its branch in the period to the last, with all between.
//
// The chain proves that nothing between two entries was changed, dropped, added or moved. Each Z is followed by a signature of the till over the
// end of its chain, so nothing up to the last of them can be written anew without the till's key. Whether a public key is the till's is
// for who enrolled it to say: its fingerprint is what to compare.
package audit

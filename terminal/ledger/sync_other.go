//go:build !linux

package ledger

import "os"

// syncData makes the written bytes durable.
func syncData(f *os.File) error { return f.Sync() }

// reserve cannot be done here; a full disk is found when writing.
func reserve(*os.File, int64, int64) error { return nil }

// lock relies on SQLite here, which lets one process write at a time.
func lock(*os.File) error { return nil }

package till

import (
	"time"

	"comptant/shared/journal"
	"comptant/shared/retail"
)

// Storage is the till's disk.
type Storage interface {
	// Full says that the disk is full: what room there is was kept back for ending the day. It must not wait.
	Full() bool
	// LastBackup is when the journal was last copied to where backups are kept; zero for never.
	LastBackup() time.Time
}

// endsTheDay are the kinds of entries that are written while the disk is full: they finish what has begun, and close the
// shift. What a sale or a refund begins with asks for room itself.
var endsTheDay = map[journal.Kind]bool{
	journal.KindSale: true, journal.KindVoid: true, journal.KindCashMove: true, journal.KindShiftClose: true,
	journal.KindSignIn: true, journal.KindOverride: true, journal.KindDrawerOpen: true,
}

// room is asked by what begins something.
func (t *Till) room() error {
	if t.storage != nil && t.storage.Full() {
		return fail(retail.Failed, KeyNoRoom)
	}
	return nil
}

package retail

// Control says whether anybody may work at a till. At one that has none they may.
type Control struct {
	// LockedAt is since when nobody may work at the till, in milliseconds since 1970, UTC; 0 when anybody may. Its screen says
	// Reason, and By, the name of whom to call; By is empty when that is just headquarters.
	LockedAt int64  `cbor:"1,keyasint,omitempty"`
	Reason   string `cbor:"2,keyasint,omitempty"`
	By       string `cbor:"3,keyasint,omitempty"`
}

// Locked says that nobody may work at the till.
func (c Control) Locked() bool { return c.LockedAt > 0 }

// LogAsked asks a till to send its log.
type LogAsked struct {
	// At is when it was asked for, in milliseconds since 1970, UTC. The row goes when the log has come.
	At int64 `cbor:"1,keyasint"`
}

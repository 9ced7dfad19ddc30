package retail

// Control is what headquarters wants of a till. A till that has none may work, and sends nothing.
type Control struct {
	// LockedAt is since when nobody may work at the till, in milliseconds since 1970, UTC; 0 when anybody may. Its screen says
	// Reason, and By, the name of whom to call; By is empty when that is just headquarters.
	LockedAt int64  `cbor:"1,keyasint,omitempty"`
	Reason   string `cbor:"2,keyasint,omitempty"`
	By       string `cbor:"3,keyasint,omitempty"`
}

// Locked says that nobody may work at the till.
func (c Control) Locked() bool { return c.LockedAt > 0 }

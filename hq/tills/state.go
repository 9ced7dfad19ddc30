package tills

import "comptant/shared/retail"

// State is where a till stands.
type State string

// The states. A till that nobody hears for a while is offline, whatever was last written down.
const (
	Offline State = "offline"
	Online  State = "online"
	Revoked State = "revoked"
)

// Steps is the way of a till. Enrolling again is the only way back from being revoked. A lock is no state: a till that is locked comes
// and goes as any other.
var Steps = retail.Steps[State]{
	{From: "", To: Offline, Deed: "enrol"},
	{From: Offline, To: Online, Deed: "connect"},
	{From: Online, To: Offline, Deed: "disconnect"},
	{From: Online, To: Offline, Deed: "silence"},
	{From: Offline, To: Revoked, Deed: "revoke"},
	{From: Online, To: Revoked, Deed: "revoke"},
	{From: Revoked, To: Offline, Deed: "enrol"},
}

// State is where the till stands.
func (t Till) State() State {
	switch {
	case t.RevokedAt != nil:
		return Revoked
	case t.Online:
		return Online
	}
	return Offline
}

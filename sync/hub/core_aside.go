package hub

import (
	"comptant/sync/wire"

	"github.com/google/uuid"
)

// A machine whose key a person has revoked, or replaced by enrolling the till anew, still sends what it has, which is kept aside
// for a person. It is sent no feeds, gives no commands, and fences only who comes with the same key.

// identify finds out with which key of the device the hello was signed.
func (c *Core) identify(d Device) error {
	err := wire.VerifyHello(c.hello, c.nonce, d.Key)
	for _, old := range d.Old {
		if err != nil && wire.VerifyHello(c.hello, c.nonce, old) == nil {
			d.Key, c.aside, err = old, true, nil
		}
	}
	c.device = d
	return err
}

// code is what the welcome says beside that the session is open.
func (c *Core) code() wire.Code {
	if c.aside {
		return wire.Revoked
	}
	return c.old()
}

// listed is the name under which a hub lists the session.
func (c *Core) listed() uuid.UUID {
	if c.aside {
		return uuid.UUID(c.device.Key[:16])
	}
	return c.Till()
}

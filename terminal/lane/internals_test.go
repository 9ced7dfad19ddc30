package lane

import "crypto/tls"

// Trusting is the same lane with a list of authorities of the test's.
func (c Config) Trusting(t *tls.Config) Config {
	c.tls = t
	return c
}

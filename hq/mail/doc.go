// Package mail hands messages over to the retailer's mail server.
//
// Invariants:
//
//   - A name and password are only ever told to a server that has proved who it is: by TLS, or because it is this machine.
//   - A message is plain text in UTF-8.
package mail

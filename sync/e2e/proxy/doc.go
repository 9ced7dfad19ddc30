// Package proxy stands between a till and headquarters, reads every message of their sessions in both directions, and
// does to each what a network can do to it: break the connection before, inside or after the message, hold it back, say
// it twice, or keep the connection open and carry nothing more in that direction.
//
// It forwards the bytes as they came: what is decoded is only looked at.
package proxy

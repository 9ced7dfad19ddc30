// Package secret keeps what must not be guessed: PINs and passwords as argon2id hashes, tokens by their digest, and the
// one-time codes people type to enrol a till.
//
// Hashes are PHC strings, so each carries the cost it was made with and costs can rise later. A till checks hashes that
// reached it over the network, so Verify bounds what a hash may ask of the machine before it spends anything. Nothing here
// logs, and no error holds a secret or a hash.
package secret

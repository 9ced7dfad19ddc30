// Package users owns who works here: staff with their roles and stores, passwords for headquarters, PINs for the tills,
// who is signed in, and the tokens that programs sign in with. It also owns who buys here: customers, and the accounts by which
// they sign in to the shop.
//
// Invariants:
//
//   - A PIN never opens headquarters, and a password never reaches a till.
//   - A badge is kept as what secret.Badge makes of its code; it says who somebody is and opens nothing by itself.
//   - A till hears only of staff of its store who have a PIN and are not disabled.
//   - What a browser holds is a token; the table has its digest, so that a stolen table opens no session.
//   - Headquarters always has an administrator who can sign in, once it has had one.
//   - What a person changes is in the audit log, written in the transaction that changes it; nothing takes it out.
//   - A link to set a new password works once, for half an hour.
//   - A program signs in with a token of its own, which has scopes; the table has its digest too.
//   - An account opens the shop and nothing else; it goes with the customer. One e-mail address has one account at most.
//   - A wrong password costs a growing wait, for that e-mail address, whether or not anybody has it.
package users

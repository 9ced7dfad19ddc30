// Package till is one checkout lane without its screen and without its database: who is signed in, the ticket, the
// payment, and the rules between them.
//
// A Till is a state machine whose verbs are what a cashier does. It asks the catalogue, writes to the journal, and holds
// in memory only what nobody has paid yet. What must always hold:
//
//   - A sale exists when Journal.Commit has returned; nothing is printed, shown as done or handed over before, and
//     nothing that fails afterwards takes it back.
//   - One press is one tender: a press names its Turn, and a turn is taken once.
//   - No verb asks the network for anything. Offline differs from online in Status and nowhere else.
//   - During a payment the ticket does not change.
//   - What needs more rights than the person has is not done, and says what it needs. Approve is the only way to more.
//   - A count is blind: what was expected is told once the line is in the journal, which has confirmed lines only.
//   - A training touches neither journal nor stock nor drawer, and ends with the sign-out; what it prints says so.
//   - An open ticket is in one place: open, held or sold, also when the program is killed between two of them.
//
// A Till belongs to one goroutine. Only printing leaves it: Sold.Printed reports how that went.
//
// What a person must see is a *retail.Error; Keys lists every key.
package till

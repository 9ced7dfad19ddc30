// Package atlas draws the domains of headquarters as they are: their tables and references, read from the running
// database, and the states of what they keep, read from the tables of steps that the domains themselves use.
//
// Nothing here is a second truth: what is drawn and cannot be read from the database or the code is the short list of
// references that store-owned rows make without a foreign key (references.go), and a test compares that with the data.
//
// Invariants: the same database and language give the same bytes; a drawing has a title, and its colours are the classes
// of the dashboard's style sheet.
package atlas

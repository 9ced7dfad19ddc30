// Package archtest keeps the architecture true: one ordinary test reads every Go file of the workspace and compares what
// it imports with the table in rules.go. Nothing is built or downloaded; parsing takes a second.
//
// The table is complete on purpose. A package that it does not name fails the test, so a new package starts with a line
// here that says what it may know. A line without a package is a plan, and harmless.
package archtest

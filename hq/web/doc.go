// Package web is the managers' dashboard: pages made from what the domains know, live while stores sell.
//
// Every page reads the database when it is asked for and holds no state of its own, so any number of processes can
// serve it. What changes is told by one event stream, shared by all pages and tabs of a browser; a page then asks for
// its live part again. Nothing polls, and everything but that works without JavaScript.
//
// Invariants:
//
//   - A route is in one table (routes), with the roles that may use it; a link to a place that a person may not open is
//     not written.
//   - A domain's retail.Error becomes a status and a message in one place (fail).
//   - What changes something is a POST from our own pages: http.CrossOriginProtection refuses the others.
package web

//go:generate go tool templ generate

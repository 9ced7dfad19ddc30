// Package api is the REST API of headquarters, below /api/v1: what the dashboard does and more, for programs. Its document is
// /api/v1/openapi.json, made of the types and operations here; /api/docs shows it to people.
//
// Invariants:
//
//   - Every operation is registered by add, with the one scope that opens it; a request without a token that has it is refused.
//   - Every error is problem details (RFC 9457); a domain's retail.Error becomes one in one place (problem).
//   - A request that makes something and has an Idempotency-Key makes it once: its answer is kept in the same transaction.
//   - Money is minor units with a currency, quantities are thousandths, times are UTC.
//
// It owns the schema api.
package api

//go:generate go tool templ generate

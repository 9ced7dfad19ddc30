package server_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"comptant/hq/pgtest"
	"comptant/hq/server"
)

// Three locations asked for three days each would outlive the authorisation of the payment.
func TestLocationsHaveNoLongerToAcceptThanPaymentsLast(t *testing.T) {
	_, err := server.New(t.Context(), server.Config{
		Database: server.Database{URL: pgtest.DurableURL(t)}, Listen: "127.0.0.1:0", AcceptWithin: 72 * time.Hour, Log: slog.New(slog.DiscardHandler),
	})
	require.ErrorContains(t, err, "48h0m0s")
}

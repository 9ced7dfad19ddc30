package demo

import (
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/intake"
	"comptant/hq/pgtest"
)

// now is a Sunday afternoon in Montréal.
var now = time.Date(2026, 11, 22, 19, 32, 8, 0, time.UTC)

func TestCreate(t *testing.T) {
	d := pgtest.New(t)
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	begin := time.Now()
	created, err := Create(t.Context(), d, Options{Now: now, Days: 12, Log: log})
	require.NoError(t, err)
	require.True(t, created)
	t.Log("created in", time.Since(begin))

	desk := intake.New(d, log, func() time.Time { return now })
	faults, err := desk.Verify(t.Context(), uuid.Nil)
	require.NoError(t, err)
	require.Empty(t, faults)
}

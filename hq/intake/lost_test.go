package intake_test

import (
	"bytes"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"comptant/hq/intake"
)

// A database that goes away while entries are applied is no fault of the entries: nobody is told that they are deferred,
// and the till sends them again.
func TestLostConnectionDefersNothing(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	l.sale(0, 1000)
	l.sale(0, 1000)
	_, err := w.db.Exec(ctx, `
		CREATE FUNCTION public.die() RETURNS trigger LANGUAGE plpgsql AS
			$$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$;
		CREATE TRIGGER die BEFORE INSERT ON sales.document FOR EACH ROW EXECUTE FUNCTION public.die()`)
	require.NoError(t, err)
	var log bytes.Buffer
	w.desk = intake.New(w.db, slog.New(slog.NewTextHandler(&log, nil)), now)
	_, err = w.desk.Store(ctx, l.batch(1, 3))
	require.ErrorContains(t, err, "terminating connection")
	require.NotContains(t, log.String(), "entry deferred")

	_, err = w.db.Exec(ctx, `DROP TRIGGER die ON sales.document`)
	require.NoError(t, err)
	require.Empty(t, l.push(1).Notes)
	require.EqualValues(t, -2000, w.onHand(1))
}

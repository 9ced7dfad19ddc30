package screen

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"github.com/stretchr/testify/require"

	"comptant/shared/retail"
	"comptant/terminal/till"
)

// doubtTheDate makes the next shift's date one that nothing vouches for.
func (w *world) doubtTheDate() {
	w.clock.sleep(48 * time.Hour)
	w.network = till.Network{Passed: w.clock.now.Add(-48 * time.Hour)}
}

func TestTheDateIsConfirmedOrTyped(t *testing.T) {
	for name, c := range map[string]struct {
		type_ string
		want  retail.Date
	}{"confirmed": {"", 20261124}, "typed": {"20261125", 20261125}} {
		t.Run(name, func(t *testing.T) {
			w := unopened(t)
			w.doubtTheDate()
			w.press(fyne.KeyReturn)
			require.True(t, w.app.stage.Modal(), "the till asks")
			require.Empty(t, bodies[retail.ShiftOpen](w.journal))
			if c.type_ != "" {
				w.typeIn("20261344")
				w.press(fyne.KeyReturn)
				require.True(t, w.app.stage.Modal(), "there is no such day")
				w.press(fyne.KeyDelete)
				w.typeIn(c.type_[:5])
				w.press(fyne.KeyReturn)
				require.True(t, w.app.stage.Modal(), "half a date")
				w.typeIn(c.type_[5:])
			}
			w.press(fyne.KeyReturn)
			require.False(t, w.app.stage.Modal())
			require.IsType(t, &sell{}, w.app.page)
			opened := bodies[retail.ShiftOpen](w.journal)
			require.Equal(t, []retail.ShiftOpen{{Shift: 1, BusinessDate: c.want, Uncertain: true, Confirmed: true}}, opened)
		})
	}
	t.Run("cancelled", func(t *testing.T) {
		w := unopened(t)
		w.doubtTheDate()
		w.press(fyne.KeyReturn, fyne.KeyEscape)
		require.False(t, w.app.stage.Modal())
		require.IsType(t, &shiftPage{}, w.app.page)
		require.Empty(t, bodies[retail.ShiftOpen](w.journal))
	})
}

func TestTheStatusSaysWhatIsWrongWithTheClock(t *testing.T) {
	say := func(l Language, n till.Network) string { return NewWords(l).clockWarning(till.Status{Network: n}) }
	require.Empty(t, say(French, till.Network{Offset: time.Minute, Certain: true}))
	require.Contains(t, say(French, till.Network{Offset: -4 * time.Minute, Certain: true}), "avance de 4 min")
	require.Contains(t, say(English, till.Network{Offset: 61 * time.Second, Certain: true}), "1 min slow")
	require.Contains(t, say(English, till.Network{Offset: time.Hour}), "not certain", "what is guessed is no news of the clock")
}

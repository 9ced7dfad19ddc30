package ledger

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"comptant/terminal/till"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// keepForEver changes the ticket, holds every seventh and sells every fifth, and prints what it did when it is done.
func keepForEver(ctx context.Context, l *Ledger) error {
	if _, err := l.OpenTicket(ctx); err != nil {
		return err
	}
	for n := time.Now().UnixNano(); ; n++ {
		if err := l.KeepTicket([]byte(strconv.FormatInt(n, 10))); err != nil {
			return err
		}
		fmt.Println("kept", n)
		if n%7 == 0 {
			if err := l.HoldTicket(ctx, heldTicket(fmt.Sprint("n", n))); err != nil {
				return err
			}
			fmt.Println("held", n)
		}
		if n%5 == 0 {
			if _, err := l.Commit(ctx, saleDraft(line(timbit, 3, 25))); err != nil {
				return err
			}
			fmt.Println("sold", n)
		}
	}
}

func heldTicket(name string) till.HeldTicket {
	return till.HeldTicket{
		ID: uuid.New(), Name: name, At: time.Date(2026, 11, 22, 19, 0, 0, 0, time.UTC), User: uuid.New(), Items: 3, Total: 380,
		Body: []byte("lines"),
	}
}

// A till that is killed at any moment has the ticket as it was last changed, unless it was sold, and all that it held.
func TestKilledTillKeepsItsTickets(t *testing.T) {
	f := newFolder(t)
	held := 0
	for round := range 6 {
		printed := doAndKill(t, f, "keep", 20+3*round)
		var last, sold int64
		for _, p := range printed {
			what, text, _ := strings.Cut(p, " ")
			n, err := strconv.ParseInt(text, 10, 64)
			require.NoError(t, err)
			switch what {
			case "kept":
				last = n
			case "sold":
				sold = n
			case "held":
				held++
			}
		}
		l := f.open(t)
		body, err := l.OpenTicket(t.Context())
		require.NoError(t, err)
		if body == nil {
			// Sold since: the last that was printed, or one whose line was cut off.
			require.True(t, sold == last || last%5 == 0 || (last+1)%5 == 0, "kept %d, sold %d", last, sold)
		} else {
			n, err := strconv.ParseInt(string(body), 10, 64)
			require.NoError(t, err)
			require.Contains(t, []int64{last, last + 1}, n)
			require.NotEqual(t, sold, n, "a ticket that was sold came back")
		}
		waiting, err := l.HeldTickets(t.Context())
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(waiting), held)
		require.LessOrEqual(t, len(waiting), held+1)
		held = len(waiting)
		shut(t, l)
	}
}

func TestHeldTicketsAreKeptAsTheyAre(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	a, b := heldTicket("Marie"), heldTicket("")
	a.At = a.At.Add(time.Minute)
	require.NoError(t, l.HoldTicket(t.Context(), a))
	require.NoError(t, l.HoldTicket(t.Context(), b))
	require.Error(t, l.HoldTicket(t.Context(), b), "one ticket waits once")
	shut(t, l)
	l = f.open(t)
	held, err := l.HeldTickets(t.Context())
	require.NoError(t, err)
	require.Equal(t, []till.HeldTicket{b, a}, held)
	require.NoError(t, l.DropHeld(t.Context(), b.ID))
	held, err = l.HeldTickets(t.Context())
	require.NoError(t, err)
	require.Equal(t, []till.HeldTicket{a}, held)
}

func TestASoldOrSpoiltTicketDoesNotComeBack(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	open := func() string {
		body, err := l.OpenTicket(t.Context())
		require.NoError(t, err)
		return string(body)
	}
	require.Empty(t, open())
	require.NoError(t, l.KeepTicket([]byte("one")))
	require.Equal(t, "one", open())
	sell(t, l)
	require.Empty(t, open(), "sold, and the file was not removed")
	require.NoError(t, l.KeepTicket([]byte("two")))
	require.Equal(t, "two", open())
	require.NoError(t, l.KeepTicket(nil))
	require.NoError(t, l.KeepTicket(nil))
	require.Empty(t, open())

	require.NoError(t, l.KeepTicket([]byte("three")))
	path := filepath.Join(f.dir, ticketFile)
	require.NoError(t, os.Truncate(path, slotHead))
	_, err := l.OpenTicket(t.Context())
	require.ErrorIs(t, err, errSpoilt)
	require.NoError(t, l.KeepTicket([]byte("four")))
	require.Equal(t, "four", open())
}

// BenchmarkKeepTicket is what a scan pays for it: no flush.
func BenchmarkKeepTicket(b *testing.B) {
	l := newFolder(b).open(b)
	body := make([]byte, 4096)
	for b.Loop() {
		require.NoError(b, l.KeepTicket(body))
	}
}

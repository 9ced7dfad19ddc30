package till_test

import (
	"errors"
	"testing"
	"time"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
	"comptant/terminal/till/tilltest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestAHeldTicketComesBackAsItWas(t *testing.T) {
	w := signedIn(t)
	refused(t, till.KeyHoldEmpty, w.Hold(t.Context(), "Marie"))
	w.scan("3*"+pen.SKU, syrup.SKU)
	was := w.Ticket()
	require.NoError(t, w.Hold(t.Context(), "  Marie  "))
	require.Empty(t, w.Ticket().Lines)
	w.clock = w.clock.Add(20 * time.Minute)
	w.start()
	require.Empty(t, w.Ticket().Lines, "it waits, also after a restart")
	require.NoError(t, w.SignIn(t.Context(), robert, "777777"))
	held, err := w.Held(t.Context())
	require.NoError(t, err)
	require.Len(t, held, 1)
	require.Equal(t, []any{"Marie", alice, 4, was.Total}, []any{held[0].Name, held[0].User, held[0].Items, held[0].Total})
	require.Equal(t, 20*time.Minute, w.Now().Sub(held[0].At).Round(time.Second))

	w.scan(coffee.SKU)
	refused(t, till.KeyRecallOpen, w.Recall(t.Context(), held[0].ID))
	require.NoError(t, w.Clear())
	require.NoError(t, w.Recall(t.Context(), held[0].ID))
	w.SetLang("fr")
	require.Equal(t, was, w.Ticket())
	refused(t, till.KeyRecallNone, recallEmpty(t, w, held[0]))
}

func recallEmpty(t *testing.T, w *world, h till.HeldTicket) error {
	require.NoError(t, w.Clear())
	return w.Recall(t.Context(), h.ID)
}

func TestAHoldThatFailsKeepsTheTicket(t *testing.T) {
	w := signedIn(t)
	w.scan(syrup.SKU)
	w.tickets.Fails = errors.New("disk full")
	refused(t, till.KeyHold, w.Hold(t.Context(), ""))
	require.Len(t, w.Ticket().Lines, 1)
	w.tickets.Fails = nil
	require.NoError(t, w.Hold(t.Context(), ""))
	held, err := w.Held(t.Context())
	require.NoError(t, err)
	w.tickets.Fails = errors.New("disk full")
	refused(t, till.KeyHold, w.Recall(t.Context(), held[0].ID))
	require.Empty(t, w.Ticket().Lines, "it still waits, and only there")
	require.Len(t, w.tickets.Held, 1)
}

// Killed between the two writes of a hold or of a recall, the ticket is in one place: it waits.
func TestATicketIsNeverInTwoPlaces(t *testing.T) {
	w := signedIn(t)
	w.scan(syrup.SKU)
	open := w.tickets.Open
	require.NoError(t, w.Hold(t.Context(), ""))
	w.tickets.Open = open
	w.start()
	require.Empty(t, w.Ticket().Lines)
	require.Len(t, w.tickets.Held, 1)
}

func TestAPaymentThatTookMoneyGoesOnAfterARestart(t *testing.T) {
	w := signedIn(t)
	w.scan("3*"+pen.SKU, syrup.SKU)
	p := w.pay()
	p, err := w.TenderCard(t.Context(), p.Turn, 500, "083214", "4417")
	require.NoError(t, err)
	w.start()
	again, ok := w.Payment()
	require.True(t, ok)
	require.Equal(t, p, again)
	require.NoError(t, w.SignIn(t.Context(), alice, "1234"))
	refused(t, till.KeyPayTaken, w.CancelPayment())
	done, err := w.TenderCard(t.Context(), again.Turn, again.Left, "083215", "4417")
	require.NoError(t, err)
	require.NotNil(t, done.Sold)
	require.Len(t, tilltest.Bodies[retail.Sale](w.journal)[0].Tenders, 2)
	w.start()
	require.Empty(t, w.Ticket().Lines, "what was sold does not come back")
}

// Whatever is done to a ticket, ending the program anywhere changes nothing of it, nor of those that wait.
func TestARestartChangesNothing(t *testing.T) {
	codes := []string{coffee.SKU, timbits.SKU, syrup.SKU, "1.240*" + apples.SKU, stamps.SKU}
	rapid.Check(t, func(r *rapid.T) {
		w := signedIn(t)
		ctx := t.Context()
		line := func() int { return rapid.IntRange(0, 3).Draw(r, "line") }
		d := func() retail.Discount { return retail.Discount{Amount: 5, Reason: "loyal"} }
		r.Repeat(map[string]func(*rapid.T){
			"scan":    func(r *rapid.T) { _, _ = w.Scan(ctx, rapid.SampledFrom(codes).Draw(r, "code")) },
			"pieces":  func(r *rapid.T) { _ = w.Increment(line(), rapid.IntRange(-2, 3).Draw(r, "pieces")) },
			"remove":  func(*rapid.T) { _ = w.Remove(line()) },
			"clear":   func(*rapid.T) { _ = w.Clear() },
			"line":    func(*rapid.T) { _ = w.DiscountLine(ctx, line(), d(), till.Approval{}) },
			"ticket":  func(*rapid.T) { _ = w.DiscountTicket(ctx, d(), till.Approval{}) },
			"exact":   func(*rapid.T) { _ = w.Accuracy(ctx, line(), till.Approval{}) },
			"note":    func(*rapid.T) { _ = w.NoteLine(line(), "n") },
			"select":  func(*rapid.T) { _ = w.Select(line()) },
			"pay":     func(*rapid.T) { _, _ = w.StartPayment() },
			"back":    func(*rapid.T) { _ = w.CancelPayment() },
			"pending": func(*rapid.T) { _ = w.SetPending(2 * money.One) },
			"card": func(*rapid.T) {
				if p, ok := w.Payment(); ok {
					_, _ = w.TenderCard(ctx, p.Turn, max(min(p.Left, 300), 1), "1", "4417")
				}
			},
			"hold": func(*rapid.T) { _ = w.Hold(ctx, "x") },
			"recall": func(*rapid.T) {
				if held, _ := w.Held(ctx); len(held) > 0 {
					was := len(w.Ticket().Lines)
					err := w.Recall(ctx, held[0].ID)
					require.Equal(r, was == 0 && !w.Ticket().Frozen, err == nil)
				}
			},
			"": func(*rapid.T) {
				ticket := w.Ticket()
				payment, paying := w.Payment()
				held, err := w.Held(ctx)
				require.NoError(r, err)
				w.start()
				require.NoError(r, w.SignIn(ctx, alice, "1234"))
				if len(ticket.Lines) == 0 {
					ticket.Pending = 0 // typed before nothing
				}
				require.Equal(r, ticket, w.Ticket())
				p, still := w.Payment()
				require.Equal(r, paying, still)
				require.Equal(r, payment, p)
				now, err := w.Held(ctx)
				require.NoError(r, err)
				require.Equal(r, held, now)
			},
		})
	})
}

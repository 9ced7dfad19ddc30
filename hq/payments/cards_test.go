package payments_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"comptant/hq/payments"
)

// way is what a card does from beginning to end: which deeds nobody can tell of at first, and what comes of them.
type way struct {
	later   []string // the deeds whose first answer is not known, in their order
	decline string
	words   string
	end     payments.State // after authorise, capture and a refund of it all
}

func TestEveryCardDoesWhatItSays(t *testing.T) {
	ways := map[string]way{
		"approves":      {end: payments.Refunded},
		"declines":      {decline: "card_declined", words: "payment.declined.bank"},
		"funds":         {decline: "insufficient_funds", words: "payment.declined.funds"},
		"expired":       {decline: "expired_card", words: "payment.declined.expired"},
		"code":          {decline: "incorrect_cvc", words: "payment.declined.code"},
		"busy":          {decline: "processing_error", words: "payment.declined.busy"},
		"stolen":        {decline: "stolen_card", words: "payment.declined.bank"},
		"lost-made":     {later: []string{"authorise"}, end: payments.Refunded},
		"lost-nothing":  {later: []string{"authorise"}, end: payments.Refunded},
		"away":          {later: []string{"authorise", "authorise", "authorise"}, end: payments.Refunded},
		"late":          {later: []string{"authorise", "authorise"}, end: payments.Refunded},
		"twice":         {end: payments.Refunded},
		"capture-fails": {later: []string{"capture"}, end: payments.Refunded},
		"capture-lost":  {later: []string{"capture"}, end: payments.Refunded},
		"void-fails":    {end: payments.Refunded},
		"refund-lost":   {later: []string{"refund"}, end: payments.Refunded},
		"breaks":        {later: []string{"authorise", "authorise", "capture", "capture", "refund", "refund"}, end: payments.Refunded},
		"trouble":       {later: []string{"authorise", "authorise", "capture", "capture", "refund", "refund"}, end: payments.Refunded},
		// What these do is in tests of their own.
		"lapses": {}, "closed": {},
	}
	c := newTill(t)
	for _, card := range payments.Cards {
		t.Run(card.Token, func(t *testing.T) {
			w, known := ways[card.Token]
			require.True(t, known, "no test says what this card does")
			if w.end == "" && w.decline == "" {
				return
			}
			id := c.begin(card.Token)
			var later []string
			do := func(name string, deed func() (payments.Payment, error)) payments.Payment {
				for range 5 {
					p, err := deed()
					if !payments.Later(err) {
						require.NoError(t, err)
						return p
					}
					later = append(later, name)
					if card.Token == "late" && len(later) == 2 {
						c.clock.advance(late)
					}
				}
				require.FailNow(t, "nobody can tell", name)
				return payments.Payment{}
			}
			p := do("authorise", func() (payments.Payment, error) { return c.Authorise(ctx, id) })
			require.Equal(t, 1, c.held(t, id).Charges)
			if w.decline != "" {
				require.Equal(t, payments.Declined, p.State)
				require.Equal(t, w.decline, p.Decline)
				require.Equal(t, w.words, payments.DeclineWords(p.Decline))
				require.Empty(t, p.Approval)
				_, err := c.Capture(ctx, id)
				refused(t, err, "payment.state")
				p, err = c.Void(ctx, id)
				require.NoError(t, err)
				require.Equal(t, payments.Declined, p.State)
				require.Nil(t, p.VoidAskedAt)
				require.Equal(t, held{Charges: 1}, c.held(t, id))
				return
			}
			require.Equal(t, payments.Authorised, p.State)
			p = do("capture", func() (payments.Payment, error) { return c.Capture(ctx, id) })
			require.Equal(t, payments.Captured, p.State)
			p = do("refund", func() (payments.Payment, error) { return c.Refund(ctx, id, "all", p.Amount) })
			require.Equal(t, w.end, p.State)
			require.Equal(t, w.later, later)
			h := c.held(t, id)
			require.Equal(t, held{Charges: 1, Captured: 11498, Refunded: 11498, Pieces: 11498, Notices: h.Notices}, h)
		})
	}
}

// Whatever a card does, giving up leaves nothing held, before it was asked for money and after.
func TestEveryCardIsVoided(t *testing.T) {
	c := newTill(t)
	for _, card := range payments.Cards {
		for asked := range 4 {
			id := c.begin(card.Token)
			for range asked {
				_, _ = c.Authorise(ctx, id)
			}
			p := settled(t, func() (payments.Payment, error) { return c.Void(ctx, id) })
			require.Contains(t, []payments.State{payments.Voided, payments.Declined}, p.State, card.Token)
			c.clock.advance(late)
			h := c.held(t, id)
			require.Equal(t, held{Charges: 1, Notices: h.Notices}, h, "%s, asked %d times", card.Token, asked)
			if p.State == payments.Voided {
				_, err := c.Authorise(ctx, id)
				require.Error(t, err)
				_, err = c.Capture(ctx, id)
				require.Error(t, err)
				require.Zero(t, c.held(t, id).Open)
			}
		}
	}
}

func TestALateChargeBecomesRealAndIsTold(t *testing.T) {
	c := newTill(t)
	id := c.begin("late")
	for range 3 {
		p, err := c.Authorise(ctx, id)
		require.True(t, payments.Later(err))
		require.Equal(t, payments.Created, p.State)
	}
	told, err := c.sandbox.Deliver(ctx, c.Notified)
	require.NoError(t, err)
	require.Zero(t, told, "before it is true")
	c.clock.advance(late)
	told, err = c.sandbox.Deliver(ctx, c.Notified)
	require.NoError(t, err)
	require.NotZero(t, told)
	p, err := payments.One(ctx, c.db, id)
	require.NoError(t, err)
	require.Equal(t, payments.Authorised, p.State, "without anybody asking")
	p, err = c.Capture(ctx, id)
	require.NoError(t, err)
	require.Equal(t, payments.Captured, p.State)
	require.Equal(t, 1, c.held(t, id).Charges)

	given := c.begin("late")
	_, err = c.Authorise(ctx, given)
	require.True(t, payments.Later(err))
	p, err = c.Void(ctx, given)
	require.NoError(t, err)
	require.Equal(t, payments.Voided, p.State)
	c.clock.advance(late)
	_, err = c.sandbox.Deliver(ctx, c.Notified)
	require.NoError(t, err)
	p, err = payments.One(ctx, c.db, given)
	require.NoError(t, err)
	require.Equal(t, payments.Voided, p.State)
	require.Zero(t, c.held(t, given).Open)
}

func TestAnAuthorisationLapses(t *testing.T) {
	c := newTill(t)
	id := c.authorised("lapses")
	p, err := c.Capture(ctx, id)
	refused(t, err, "payment.expired")
	require.Equal(t, payments.Voided, p.State)
	require.Equal(t, "payment.declined.lapsed", payments.DeclineWords(p.Decline))
	require.Nil(t, p.VoidAskedAt, "nobody gave it up")

	usual := c.authorised("approves")
	c.clock.advance(7*24*time.Hour - time.Second)
	_, err = c.Capture(ctx, usual)
	require.NoError(t, err)
	old := c.authorised("approves")
	c.clock.advance(7 * 24 * time.Hour)
	_, err = c.Capture(ctx, old)
	refused(t, err, "payment.expired")
	require.Equal(t, held{Charges: 1}, c.held(t, old))
}

// Numbers are such that forms take them for those of cards, and words are there for the shop's page.
func TestCardsAreCards(t *testing.T) {
	seen := map[string]bool{}
	for _, card := range payments.Cards {
		digits := strings.ReplaceAll(card.Number, " ", "")
		require.Len(t, digits, 16)
		sum := 0
		for i := range digits {
			d := int(digits[i] - '0')
			if i%2 == 0 {
				if d *= 2; d > 9 {
					d -= 9
				}
			}
			sum += d
		}
		require.Zero(t, sum%10, card.Number)
		require.False(t, seen[digits] || seen[card.Token] || seen[card.Words], card.Token)
		seen[digits], seen[card.Token], seen[card.Words] = true, true, true
		require.True(t, strings.HasPrefix(card.Words, "payment.card."))
		for _, typed := range []string{card.Number, digits, strings.ReplaceAll(card.Number, " ", "-")} {
			m, err := (&payments.Sandbox{}).Method(typed)
			require.NoError(t, err)
			require.Equal(t, payments.Method{Token: card.Token, LastFour: digits[12:]}, m)
		}
	}
}

package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"comptant/shared/money"
)

// within is how long, once the lines are back and the last order has ended, a till may take to agree with headquarters.
const within = 90 * time.Second

// comparison collects what is not as it must be.
type comparison struct {
	*world
	result *Result
	// levels are headquarters' stock, by store and SKU.
	levels map[string]map[string]money.Quantity
}

func (c *comparison) differ(format string, args ...any) {
	c.result.Differences = append(c.result.Differences, fmt.Sprintf(format, args...))
}

// heal brings every line back, half-open ones too, has the tills hand over what was ordered, waits until headquarters has
// acknowledged everything, and until each till shows headquarters' stock.
func (c *comparison) heal(ctx context.Context) error {
	healed := time.Now()
	for _, l := range c.lanes {
		l.proxy.Cut()
		if err := l.alive(func() error { return nil }); err != nil {
			return err
		}
	}
	for _, h := range c.hqs {
		if h.Ended() {
			c.differ("headquarters ended by itself")
		}
	}
	if err := c.serveAll(ctx); err != nil {
		return err
	}
	soon, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for _, l := range c.lanes {
		if err := l.until(soon, "waiting", "waiting", func(reply string) (bool, error) { return reply == "0", nil }); err != nil {
			c.differ("till %s: %v: not everything was acknowledged within %s", l.name, err, within)
		}
	}
	if err := c.readLevels(ctx); err != nil {
		return err
	}
	for _, l := range c.lanes {
		var shown map[string]money.Quantity
		err := l.until(soon, "stock", "stock", func(reply string) (bool, error) {
			shown = nil
			err := json.Unmarshal([]byte(reply), &shown)
			return equal(shown, c.levels[l.store]), err
		})
		if err != nil {
			c.differ("till %s: %v: it shows %v, headquarters has %v, after %s", l.name, err, shown, c.levels[l.store], within)
		}
	}
	c.result.Agreed = time.Since(healed)
	for _, l := range c.lanes {
		reply, err := l.ask("held", "held")
		if err != nil {
			return err
		}
		l.waiting = strings.Fields(reply)
		if err := l.quit(); err != nil {
			return err
		}
	}
	return nil
}

// until asks again until the reply is good.
func (l *lane) until(ctx context.Context, text, word string, good func(string) (bool, error)) error {
	for {
		reply, err := l.ask(text, word)
		if err != nil {
			return err
		}
		if ok, err := good(reply); ok || err != nil {
			return err
		}
		if !pause(ctx, 100*time.Millisecond) {
			return ctx.Err()
		}
	}
}

func equal(a, b map[string]money.Quantity) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if b[k] != v {
			return false
		}
	}
	return true
}

// readLevels asks headquarters for its stock.
func (c *comparison) readLevels(ctx context.Context) error {
	var rows []struct {
		Location string         `json:"location"`
		SKU      string         `json:"sku"`
		OnHand   money.Quantity `json:"on_hand_thousandths"`
	}
	if err := c.hqs[0].Query(ctx, &rows, "report", "stock", "--json"); err != nil {
		return err
	}
	c.levels = map[string]map[string]money.Quantity{}
	for _, r := range rows {
		if c.levels[r.Location] == nil {
			c.levels[r.Location] = map[string]money.Quantity{}
		}
		c.levels[r.Location][r.SKU] = r.OnHand
	}
	return nil
}

package replay

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"comptant/shared/money"
)

// CheckFacts holds the history against facts.json, figures that other tools worked out from the same files: a fault in
// the reading of the history would otherwise agree with itself. ok is false when the folder has no such file.
func CheckFacts(h *History, dir string) (differences []string, ok bool, err error) {
	raw, err := os.ReadFile(filepath.Join(dir, "facts.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	var facts struct {
		Sales   int          `json:"sale_id_distinct"`
		Units   int          `json:"units_total"`
		Revenue money.Amount `json:"revenue_total_cents"`
		Replay  struct {
			Opening int `json:"opening_units_total"`
		} `json:"replay_invariant"`
		StoreMonths [][]any `json:"by_store_month"` // store, month, lines, units, cents
	}
	if err := json.Unmarshal(raw, &facts); err != nil {
		return nil, false, fmt.Errorf("read facts.json: %w", err)
	}
	differ := func(what string, got, want any) {
		if got != want {
			differences = append(differences, fmt.Sprintf("%s: %v, facts.json says %v", what, got, want))
		}
	}
	want := expect(h)
	var revenue money.Amount
	for _, a := range want.revenue {
		revenue += a
	}
	opening, left := 0, 0
	for _, n := range h.Opening() {
		opening += n
	}
	for _, n := range h.OnHand {
		left += n
	}
	differ("sales", h.Count(), facts.Sales)
	differ("units sold", opening-left, facts.Units)
	differ("opening units", opening, facts.Replay.Opening)
	differ("revenue", revenue, facts.Revenue)
	for _, row := range facts.StoreMonths {
		store, month, cents, err := storeMonthFact(row)
		if err != nil {
			return nil, false, err
		}
		differ(fmt.Sprintf("revenue of store %d in %d", store, month), want.revenue[storeMonth{store, month}], cents)
	}
	return differences, true, nil
}

func storeMonthFact(row []any) (store, month int, cents money.Amount, err error) {
	if len(row) != 5 {
		return 0, 0, 0, fmt.Errorf("facts.json: a store's month of %d columns, want 5", len(row))
	}
	s, okS := row[0].(float64)
	m, okM := row[1].(string)
	c, okC := row[4].(float64)
	var y, mm int
	if _, err := fmt.Sscanf(m, "%d-%d", &y, &mm); err != nil || !okS || !okM || !okC {
		return 0, 0, 0, fmt.Errorf("facts.json: cannot read %v", row)
	}
	return int(s), y*100 + mm, money.Amount(c), nil
}

package stock

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/shared/money"
)

// Alert is what is wrong with a level. Each level has one at most, the worst.
type Alert string

// The alerts, the most urgent first. A warehouse is never low or over.
const (
	NoAlert  Alert = ""
	Negative Alert = "negative" // below zero: the number is wrong
	Out      Alert = "out"      // as good as sold out
	Low      Alert = "restock"  // a store should ask for more
	Over     Alert = "over"     // a store has too much
)

// SQL for a level l of a location k with its thresholds t, if any.
var (
	withThresholds       = ` LEFT JOIN stock.threshold t ON t.location_id = l.location_id AND t.product_id = l.product_id`
	levelsWithThresholds = `stock.level l JOIN stock.location k ON k.id = l.location_id` + withThresholds
	restockBelow         = fmt.Sprintf(`coalesce(t.restock_below, %d)`, DefaultThresholds.RestockBelow)
	outBelow             = fmt.Sprintf(`coalesce(t.out_below, %d)`, DefaultThresholds.OutBelow)
	overAbove            = fmt.Sprintf(`coalesce(t.over_above, %d)`, DefaultThresholds.OverAbove)
	alertOf              = `
		CASE WHEN l.on_hand < 0 THEN 'negative' WHEN l.on_hand < ` + outBelow + ` THEN 'out' WHEN k.kind = 2 THEN ''
			WHEN l.on_hand < ` + restockBelow + ` THEN 'restock' WHEN l.on_hand > ` + overAbove + ` THEN 'over' ELSE '' END`
)

// Alerted is a level with an alert.
type Alerted struct {
	Alert             Alert
	Location, Product uuid.UUID
	OnHand            money.Quantity
}

// AlertCount is how many levels of a location have one alert, with the worst of them.
type AlertCount struct {
	Alerted
	Count int
}

// Alerts counts what is wrong, by location.
func Alerts(ctx context.Context, q Querier) ([]AlertCount, error) {
	rows, err := q.Query(ctx, `
		WITH a AS (SELECT`+alertOf+` AS alert, l.location_id, l.product_id, l.on_hand FROM `+levelsWithThresholds+`)
		SELECT DISTINCT ON (location_id, alert) alert, location_id, product_id, on_hand,
			count(*) OVER (PARTITION BY location_id, alert)
		FROM a WHERE alert <> ''
		ORDER BY location_id, alert, CASE WHEN alert = 'over' THEN -on_hand ELSE on_hand END, product_id`)
	if err != nil {
		return nil, fmt.Errorf("count stock alerts: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (a AlertCount, err error) {
		return a, row.Scan(&a.Alert, &a.Location, &a.Product, &a.OnHand, &a.Count)
	})
	if err != nil {
		return nil, fmt.Errorf("count stock alerts: %w", err)
	}
	return found, nil
}

// TotalAlerts adds counts up over their locations, and keeps the worst of all as the example.
func TotalAlerts(counts []AlertCount) map[Alert]AlertCount {
	total := map[Alert]AlertCount{}
	for _, c := range counts {
		t, ok := total[c.Alert]
		n := t.Count + c.Count
		if !ok || c.worse(t.Alerted) {
			t = c
		}
		t.Count = n
		total[c.Alert] = t
	}
	return total
}

func (a Alerted) worse(b Alerted) bool {
	if a.Alert == Over {
		return a.OnHand > b.OnHand
	}
	return a.OnHand < b.OnHand
}

// WithAlert lists the levels with an alert, the worst first; of one location, or of all when it is zero.
func WithAlert(ctx context.Context, q Querier, alert Alert, location uuid.UUID) ([]Alerted, error) {
	where, args := "alert = @alert", pgx.NamedArgs{"alert": alert}
	if location != uuid.Nil {
		where, args["location"] = where+" AND location_id = @location", location
	}
	rows, err := q.Query(ctx, `
		WITH a AS (SELECT`+alertOf+` AS alert, l.location_id, l.product_id, l.on_hand FROM `+levelsWithThresholds+`)
		SELECT alert, location_id, product_id, on_hand FROM a WHERE `+where+`
		ORDER BY CASE WHEN alert = 'over' THEN -on_hand ELSE on_hand END, product_id, location_id`, args)
	if err != nil {
		return nil, fmt.Errorf("list stock alerts: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Alerted])
	if err != nil {
		return nil, fmt.Errorf("list stock alerts: %w", err)
	}
	return found, nil
}

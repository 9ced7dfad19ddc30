package server

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"comptant/hq/feed"
	"comptant/hq/intake"
	"comptant/hq/stock"
	"comptant/shared/retail"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
)

// collectWithin bounds how long a scrape waits for the database.
const collectWithin = 5 * time.Second

// tillMetrics reads how the tills are when Prometheus asks. Every process of headquarters says the same.
type tillMetrics struct {
	desk      *intake.Desk
	locations func(context.Context) ([]retail.Location, error)
	heads     func(context.Context, []string) (map[string]feed.Position, error)
	now       func() time.Time
	log       *slog.Logger

	up, online, seen, waiting, offset, prices, deferred, flags, behind, lag, unsent *prometheus.Desc
}

func newTillMetrics(s *Store, desk *intake.Desk, now func() time.Time, log *slog.Logger) *tillMetrics {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, labels, nil)
	}
	return &tillMetrics{
		desk: desk, now: now, log: log,
		locations: func(ctx context.Context) ([]retail.Location, error) { return stock.Locations(ctx, s.DB) },
		heads: func(ctx context.Context, feeds []string) (map[string]feed.Position, error) {
			return feed.Heads(ctx, s.DB, feeds)
		},
		up:       desc("comptant_db_up", "1 when the database answered this scrape, else 0 and nothing about tills and journals."),
		online:   desc("comptant_till_online", "1 while the till has a session.", "store", "till"),
		seen:     desc("comptant_till_seen_timestamp_seconds", "When the till was last heard.", "store", "till"),
		waiting:  desc("comptant_till_waiting_entries", "Entries the till said it has and headquarters does not.", "store", "till"),
		offset:   desc("comptant_till_clock_offset_seconds", "The till's clock less headquarters' at its last hello.", "store", "till"),
		prices:   desc("comptant_till_prices_version", "The version of prices the till last said it sells at.", "store", "till"),
		deferred: desc("comptant_journal_deferred_entries", "Entries that are stored and not applied."),
		flags:    desc("comptant_journal_flags", "Entries and incidents that a person must look at."),
		behind:   desc("comptant_feed_tills_behind", "Connected tills that do not show all of their feeds yet."),
		lag:      desc("comptant_feed_lag_rows", "How many changes of a feed the connected till that is furthest behind does not show."),
		unsent:   desc("comptant_oldest_unsent_age_seconds", "How old the oldest entry is that a till said it holds and headquarters has not; 0 when there is none."),
	}
}

// Describe is of prometheus.Collector.
func (m *tillMetrics) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{m.up, m.online, m.seen, m.waiting, m.offset, m.prices, m.deferred, m.flags, m.behind, m.lag, m.unsent} {
		to <- d
	}
}

// Collect is of prometheus.Collector.
func (m *tillMetrics) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), collectWithin)
	defer cancel()
	send := func(d *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	tills, err := m.desk.Tills(ctx)
	var stores []retail.Location
	if err == nil {
		stores, err = m.locations(ctx)
	}
	feeds := []string{feed.Global}
	for _, t := range tills {
		feeds = append(feeds, feed.Till(t.ID))
	}
	var heads map[string]feed.Position
	if err == nil {
		heads, err = m.heads(ctx, feeds)
	}
	if err != nil {
		m.log.Warn("metrics of tills cannot be read", "error", err)
		send(m.up, 0)
		return
	}
	send(m.up, 1)
	codes := map[uuid.UUID]string{}
	for _, s := range stores {
		codes[s.ID] = s.Code
	}
	var deferred, flags, behind, lag int64
	var unsent time.Duration
	for _, t := range tills {
		deferred, flags = deferred+t.Deferred, flags+t.Flagged
		if t.EnrolledAt == nil || t.RevokedAt != nil {
			continue
		}
		if t.OldestUnsent != nil {
			unsent = max(unsent, m.now().Sub(*t.OldestUnsent))
		}
		labels := []string{codes[t.Store], fmt.Sprintf("%02d", t.Number)}
		online := 0.0
		if t.Online {
			online = 1
			if lacks := t.Behind(heads); lacks > 0 {
				behind, lag = behind+1, max(lag, lacks)
			}
		}
		send(m.online, online, labels...)
		send(m.waiting, float64(t.Waiting), labels...)
		send(m.prices, float64(t.Prices), labels...)
		if t.SeenAt != nil {
			send(m.seen, float64(t.SeenAt.UnixMilli())/1000, labels...)
		}
		if t.ClockOffset != nil {
			send(m.offset, float64(*t.ClockOffset)/1000, labels...)
		}
	}
	send(m.deferred, float64(deferred))
	send(m.flags, float64(flags))
	send(m.behind, float64(behind))
	send(m.lag, float64(lag))
	send(m.unsent, unsent.Seconds())
}

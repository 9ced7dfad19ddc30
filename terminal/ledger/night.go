package ledger

import (
	"context"
	"sync/atomic"
	"time"
)

const (
	// nightHour is the hour of the store from which the night's work is due. A till that is off then does it when it is on.
	nightHour = 3
	// nightAgain is how long after a failure it is tried again.
	nightAgain = time.Hour
)

// LookAtNight has the night's work done when it is due, in the background: the journal is backed up, and the catalogue
// renewed. Lanes that look after their disk call it each minute.
func (l *Ledger) LookAtNight() {
	if !l.Full() && (l.backupDue() || l.renewalDue()) {
		l.nights.poke()
	}
}

func (l *Ledger) night(ctx context.Context) {
	for _, work := range []struct {
		what  string
		due   func() bool
		tried *atomic.Int64
		do    func(context.Context) error
	}{
		{"the journal was not backed up", l.backupDue, &l.backupTried, l.backUp},
		{"the catalogue was not renewed", l.renewalDue, &l.renewalTried, l.renewCatalogue},
	} {
		if !work.due() {
			continue
		}
		work.tried.Store(l.cfg.Now().UnixMilli())
		if err := work.do(ctx); err != nil && ctx.Err() == nil {
			l.cfg.Log.Error(work.what, "error", err, "again_in", nightAgain)
		}
	}
	l.call(&l.onPublish) // the newest backup is shown
}

func (l *Ledger) backupDue() bool {
	return l.cfg.BackupDir != "" && l.cfg.Backups > 0 && l.due(l.LastBackup(), &l.backupTried)
}

// due says that a night has begun since something was last done, and that it has not just been tried. A clock that was
// ahead for a while holds nothing up.
func (l *Ledger) due(last time.Time, tried *atomic.Int64) bool {
	now := l.cfg.Now()
	if now.Sub(time.UnixMilli(tried.Load())).Abs() < nightAgain {
		return false
	}
	return last.Before(lastNight(now, l.store.Load().Zone)) || last.After(now.Add(time.Hour))
}

// lastNight is the newest moment at which a night's work became due.
func lastNight(now time.Time, zone string) time.Time {
	at, err := time.LoadLocation(zone)
	if err != nil {
		at = time.UTC
	}
	now = now.In(at)
	night := time.Date(now.Year(), now.Month(), now.Day(), nightHour, 0, 0, 0, at)
	if night.After(now) {
		night = time.Date(now.Year(), now.Month(), now.Day()-1, nightHour, 0, 0, 0, at)
	}
	return night
}

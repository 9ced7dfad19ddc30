package server

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"comptant/hq/db"
	"comptant/hq/intake"
	"comptant/hq/stock"
	"comptant/shared/health"
	"comptant/shared/retail"

	"github.com/google/uuid"
)

// What is well, and what is not.
const (
	tightDisk   = 5 << 30
	fullDisk    = 500 << 20
	silentLong  = 24 * time.Hour
	clockOff    = time.Minute
	askWithin   = 5 * time.Second
	namesAtMost = 5
)

// Examine looks at what headquarters needs, whether it runs or not, and changes nothing. A private Postgres that does not run is
// started for it and stopped again.
func Examine(ctx context.Context, c Config) []health.Finding {
	e := examination{now: c.Now}
	if e.now == nil {
		e.now = time.Now
	}
	if c.Database.URL == "" {
		e.disk(c.Database.Home)
	}
	e.clock()
	e.serving(ctx, c)
	e.database(ctx, c)
	return e.found
}

type examination struct {
	now   func() time.Time
	found []health.Finding
}

func (e *examination) add(check string, is health.State, says, do string) {
	e.found = append(e.found, health.Finding{Check: check, Is: is, Says: says, Do: do})
}

// disk is that of the private Postgres.
func (e *examination) disk(home string) {
	var s syscall.Statfs_t
	for syscall.Statfs(home, &s) != nil { // a headquarters that is not there yet
		if parent := filepath.Dir(home); parent != home {
			home = parent
			continue
		}
		return
	}
	free := s.Bavail * uint64(s.Bsize)
	text := fmt.Sprintf("%.1f GB free in %s", float64(free)/1e9, home)
	switch {
	case free < fullDisk:
		e.add("disk", health.Bad, text, "nothing is stored when it is full, tills keep what they sell: make room or give it a larger disk")
	case free < tightDisk:
		e.add("disk", health.Soon, text, "make room before it fills")
	default:
		e.add("disk", health.Well, text, "")
	}
}

// clock asks the kernel whether something keeps its clock: tills take their time from headquarters.
func (e *examination) clock() {
	const unsynchronized = 0x40 // STA_UNSYNC
	var t syscall.Timex
	switch _, err := syscall.Adjtimex(&t); {
	case err != nil:
		e.add("clock", health.Soon, fmt.Sprintf("the kernel does not say whether it is kept: %v", err), "make sure that NTP runs: tills take their time from this machine")
	case t.Status&unsynchronized != 0:
		e.add("clock", health.Soon, "nothing keeps this machine's clock", "run NTP (timedatectl set-ntp true): tills take their time from this machine")
	default:
		e.add("clock", health.Well, "kept by NTP", "")
	}
}

func (e *examination) serving(ctx context.Context, c Config) {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	client, address, err := Self(c.Listen, c.TLSCert)
	if err != nil {
		e.add("headquarters", health.Bad, err.Error(), "mend --tls-cert")
		return
	}
	url := address + ReadyPath
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	var resp *http.Response
	if err == nil {
		resp, err = client.Do(req)
	}
	if err != nil {
		e.add("headquarters", health.Bad, fmt.Sprintf("nothing answers at %s", url), "start it: hq serve; tills go on selling and send later. Elsewhere it listens where --listen says")
		return
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		e.add("headquarters", health.Bad, fmt.Sprintf("%s says %s", url, resp.Status), "see its log")
		return
	}
	e.add("headquarters", health.Well, "answers at "+url, "")
}

func (e *examination) database(ctx context.Context, c Config) {
	if !c.Database.Exists() {
		e.add("database", health.Bad, "there is no headquarters in "+c.Database.Home, "choose its folder with --home, or make one: hq serve")
		return
	}
	s, url, err := c.Database.Start(ctx)
	if err != nil {
		e.add("database", health.Bad, err.Error(), "the message says what is missing; restore a backup with hq restore when the data is damaged")
		return
	}
	defer s.Close()
	d, err := db.Open(ctx, url, c.Log, db.Options{MaxConns: 2})
	if err != nil {
		e.add("database", health.Bad, err.Error(), "start Postgres, or mend what the message names")
		return
	}
	defer d.Close()
	var version string
	var bytes int64
	if err := d.QueryRow(ctx, `SELECT current_setting('server_version'), pg_database_size(current_database())`).Scan(&version, &bytes); err != nil {
		e.add("database", health.Bad, err.Error(), "see the log of Postgres")
		return
	}
	e.add("database", health.Well, fmt.Sprintf("Postgres %s, %d MB, flushes what it confirms", version, bytes/1e6), "")
	e.tills(ctx, d, intake.New(d, c.Log, e.now))
}

func (e *examination) tills(ctx context.Context, d *db.DB, desk *intake.Desk) {
	all, err := desk.Tills(ctx)
	var stores []retail.Location
	if err == nil {
		stores, err = stock.Locations(ctx, d)
	}
	if err != nil {
		e.add("tills", health.Bad, err.Error(), "bring the database up to date: hq migrate")
		return
	}
	codes := map[uuid.UUID]string{}
	for _, s := range stores {
		codes[s.ID] = s.Code
	}
	var enrolled int
	var silent, wrong []string
	var waiting, deferred, flagged int64
	for _, t := range all {
		if t.EnrolledAt == nil || t.RevokedAt != nil {
			continue
		}
		enrolled++
		name := fmt.Sprintf("%s-%02d", codes[t.Store], t.Number)
		if t.SeenAt == nil || e.now().Sub(*t.SeenAt) > silentLong {
			silent = append(silent, name)
		}
		if t.ClockOffset != nil && (time.Duration(*t.ClockOffset)*time.Millisecond).Abs() > clockOff {
			wrong = append(wrong, name)
		}
		waiting, deferred, flagged = waiting+t.Waiting, deferred+t.Deferred, flagged+t.Flagged
	}
	text := fmt.Sprintf("%d enrolled", enrolled)
	if waiting > 0 {
		text += fmt.Sprintf(", %d entries still to come", waiting)
	}
	if len(silent) > 0 {
		e.add("tills", health.Soon, fmt.Sprintf("%s; not heard for a day: %s", text, few(silent)), "look at their network; run till doctor there, or revoke those that are gone (hq till revoke)")
	} else {
		e.add("tills", health.Well, text, "")
	}
	if len(wrong) > 0 {
		e.add("tills' clocks", health.Soon, "off by more than a minute: "+few(wrong), "run NTP there; their sales are dated by headquarters' time all the same")
	}
	if deferred+flagged > 0 {
		e.add("journals", health.Soon, fmt.Sprintf("%d entries are not applied, %d are for a person to look at", deferred, flagged), "see Journal on the dashboard")
	} else {
		e.add("journals", health.Well, "every entry is applied, and nothing is for a person to look at", "")
	}
}

// few is a list that stays short.
func few(names []string) string {
	if len(names) <= namesAtMost {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:namesAtMost], ", "), len(names)-namesAtMost)
}

package lane

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"comptant/shared/health"
	"comptant/terminal/ledger"
	"comptant/terminal/printer"
)

// What is well, and what is not.
const (
	tightDisk  = 1 << 30
	fullDisk   = 100 << 20
	waitsLong  = 24 * time.Hour
	waitsMonth = 30 * 24 * time.Hour
	clockOff   = time.Minute
	certSoon   = 14 * 24 * time.Hour
	askWait    = 5 * time.Second
)

// Examine looks at everything a till needs, whether it runs or not, and changes nothing.
func Examine(ctx context.Context, cfg Config) []health.Finding {
	e := examination{cfg: cfg, now: cfg.Now}
	if e.now == nil {
		e.now = time.Now
	}
	e.folder()
	e.disk()
	x, err := ledger.Examine(ctx, ledger.Config{Dir: cfg.Dir, SentinelDir: cfg.SentinelDir, App: cfg.App, Log: cfg.Log, Now: e.now})
	switch {
	case errors.Is(err, ledger.ErrNotEnrolled):
		e.add("enrolment", health.Bad, "this folder belongs to no till", "get a code at headquarters (hq till code), then: till enrol --url URL --code CODE")
	case err != nil:
		e.add("ledger", health.Bad, err.Error(), "start the till: it puts a damaged file aside and goes on with a new one; then look again")
	default:
		e.ledger(x)
		e.queue(x)
		if cfg.URL == "" {
			cfg.URL = x.Enrolment.URL
		}
	}
	e.printer(ctx)
	e.headquarters(ctx, cfg.URL, x)
	return e.found
}

type examination struct {
	cfg   Config
	now   func() time.Time
	found []health.Finding
}

func (e *examination) add(check string, is health.State, says, do string) {
	e.found = append(e.found, health.Finding{Check: check, Is: is, Says: says, Do: do})
}

func (e *examination) folder() {
	dir := e.cfg.Dir
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		e.add("folder", health.Bad, dir+" is not there", "choose the till's folder with --dir, or enrol this machine: till enrol")
		return
	case err != nil || !info.IsDir():
		e.add("folder", health.Bad, fmt.Sprintf("%s cannot be read as a folder: %v", dir, err), "run this as the user who runs the till")
		return
	}
	probe, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		e.add("folder", health.Bad, fmt.Sprintf("nothing can be written to %s: %v", dir, err), "run this as the user who runs the till; else give that user the folder (chown), or mend the disk")
		return
	}
	_ = errors.Join(probe.Close(), os.Remove(probe.Name()))
	if open := info.Mode().Perm() & 0o077; open != 0 {
		e.add("folder", health.Soon, fmt.Sprintf("others on this machine may enter %s (%v)", dir, info.Mode().Perm()), "the till's key is inside: chmod 700 "+dir)
		return
	}
	e.add("folder", health.Well, dir, "")
}

func (e *examination) disk() {
	free, ok := Free(e.cfg.Dir)
	text := fmt.Sprintf("%.1f GB free", float64(free)/1e9)
	switch {
	case !ok:
	case free < fullDisk:
		e.add("disk", health.Bad, text, "the till stops selling when the disk is full: remove what is not its own, or give it a larger disk")
	case free < tightDisk:
		e.add("disk", health.Soon, text, "remove what is not the till's own before it fills")
	default:
		e.add("disk", health.Well, text, "")
	}
}

func (e *examination) ledger(x ledger.Examined) {
	store := x.Enrolment.Store
	enrolled := fmt.Sprintf("till %d of %s, %s", x.Enrolment.Number, store.Code, store.Name)
	if x.Running {
		enrolled += "; it runs"
	}
	if x.Keys() {
		e.add("enrolment", health.Well, enrolled, "")
	} else {
		e.add("enrolment", health.Bad, enrolled+"; its key is damaged", "enrol it again with a new code of headquarters: the journal stays")
	}
	if x.Damage != nil {
		e.add("ledger", health.Bad, x.Damage.Error(), "close the till and start it again: it puts a damaged file aside, takes what it can from its other copies, and goes on")
	} else {
		e.add("ledger", health.Well, fmt.Sprintf("%d entries, every chain verifies", x.Entries), "")
	}
	if x.Sentinel != nil {
		e.add("sentinel", health.Bad, x.Sentinel.Error(), "the till refuses to sell without it: give it to the user who runs the till, or mend its disk")
	}
	if x.Catalogue != nil {
		e.add("catalogue", health.Soon, x.Catalogue.Error(), "connect the till to headquarters: it loads products and prices again")
	} else {
		e.add("catalogue", health.Well, "sound", "")
	}
}

func (e *examination) queue(x ledger.Examined) {
	acked := "never acknowledged"
	if !x.LastAck.IsZero() {
		acked = "last acknowledged " + x.LastAck.Local().Format(time.DateTime)
	}
	if x.Waiting.Count == 0 {
		e.add("queue", health.Well, "headquarters has everything; "+acked, "")
		return
	}
	age := e.now().Sub(x.Waiting.Oldest)
	text := fmt.Sprintf("%d entries wait, the oldest for %s; %s", x.Waiting.Count, age.Round(time.Minute), acked)
	const do = "connect the till; when that is not possible: till export, and hq journal import at headquarters"
	switch {
	case age > waitsMonth:
		e.add("queue", health.Bad, text, "a disk that breaks now takes a month of sales with it. "+do)
	case age > waitsLong:
		e.add("queue", health.Soon, text, do)
	default:
		e.add("queue", health.Well, text, "")
	}
}

func (e *examination) printer(ctx context.Context) {
	target := placeOf(e.cfg.Dir, e.cfg.PrintTo)
	ctx, cancel := context.WithTimeout(ctx, askWait)
	defer cancel()
	if err := printer.Reach(ctx, target); err != nil {
		e.add("printer", health.Bad, err.Error(), "switch the printer on, look at its cable and address (Settings on the till); the till sells all the same")
		return
	}
	e.add("printer", health.Well, target, "")
}

// headquarters asks whether anybody answers, with which certificate, and what time it is there.
func (e *examination) headquarters(ctx context.Context, address string, x ledger.Examined) {
	if address == "" {
		e.add("headquarters", health.Bad, "no address is known", "enrol the till, or give one with --url")
		return
	}
	to, err := url.Parse(address)
	if err != nil {
		e.add("headquarters", health.Bad, err.Error(), "give the address with --url, for example https://hq.example")
		return
	}
	client := &http.Client{Timeout: askWait, Transport: &http.Transport{DialContext: e.cfg.Dial, TLSClientConfig: e.cfg.tls}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(address, "/")+"/healthz", nil)
	if err != nil {
		e.add("headquarters", health.Bad, err.Error(), "give the address with --url, for example https://hq.example")
		return
	}
	reply, err := client.Do(request)
	if err != nil {
		e.unreachable(address, err)
		e.measured(x)
		return
	}
	defer reply.Body.Close()
	if reply.StatusCode != http.StatusOK {
		e.add("headquarters", health.Soon, fmt.Sprintf("%s answers %s", address, reply.Status), "headquarters is starting, or something else answers there: look at hq serve")
	} else {
		e.add("headquarters", health.Well, address+" answers", "")
	}
	e.secure(to, reply.TLS)
	if there, err := http.ParseTime(reply.Header.Get("Date")); err == nil {
		e.clock(there.Sub(e.now().Truncate(time.Second)), "by headquarters' answer")
	} else {
		e.measured(x)
	}
}

func (e *examination) unreachable(address string, err error) {
	do := "look at the network cable, the router, and whether hq serve runs; the till sells all the same"
	if wrong := (*tls.CertificateVerificationError)(nil); errors.As(err, &wrong) {
		do = "the certificate does not prove that this is headquarters: look at its name, its date, this machine's clock and its list of authorities"
		if expired := (x509.CertificateInvalidError{}); errors.As(err, &expired) && expired.Reason == x509.Expired {
			do = "the certificate has expired, or this machine's clock is wrong: renew it at headquarters"
		}
	}
	e.add("headquarters", health.Bad, fmt.Sprintf("%s does not answer: %v", address, err), do)
}

// secure looks at the line's encryption.
func (e *examination) secure(to *url.URL, state *tls.ConnectionState) {
	switch {
	case state != nil && len(state.PeerCertificates) > 0:
		ends := state.PeerCertificates[0].NotAfter
		text := fmt.Sprintf("%s, the certificate ends %s", tls.VersionName(state.Version), ends.Local().Format(time.DateOnly))
		if ends.Sub(e.now()) < certSoon {
			e.add("tls", health.Soon, text, "renew the certificate at headquarters")
			return
		}
		e.add("tls", health.Well, text, "")
	case to.Hostname() == "localhost" || strings.HasPrefix(to.Hostname(), "127.") || to.Hostname() == "::1":
		e.add("tls", health.Well, "not needed on this machine", "")
	default:
		e.add("tls", health.Soon, "the line is not encrypted: others on the network read what is sold", "put headquarters behind HTTPS and give its address with --url")
	}
}

// measured is for when headquarters cannot be asked what time it is.
func (e *examination) measured(x ledger.Examined) {
	if x.Measured.IsZero() {
		e.add("clock", health.Soon, "headquarters' time was never heard", "compare this machine's clock with another")
		return
	}
	e.clock(x.Offset, "as measured "+x.Measured.Local().Format(time.DateTime))
}

func (e *examination) clock(offset time.Duration, how string) {
	switch offset = offset.Round(time.Second); {
	case offset > clockOff:
		e.add("clock", health.Soon, fmt.Sprintf("this machine's clock is %s behind, %s", offset, how), "set it, or let the machine do that by itself (timedatectl set-ntp true)")
	case offset < -clockOff:
		e.add("clock", health.Soon, fmt.Sprintf("this machine's clock is %s ahead, %s", -offset, how), "set it, or let the machine do that by itself (timedatectl set-ntp true)")
	default:
		e.add("clock", health.Well, "right, "+how, "")
	}
}

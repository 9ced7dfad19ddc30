package bench

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"comptant/shared/secret"

	"golang.org/x/sync/errgroup"
)

// dashboard is a manager's browser with a store's page open: on each event of the stream it asks for the page again, one
// request at a time, as the page's own script does.
type dashboard struct {
	client *http.Client
	page   string
	leave  context.CancelFunc
	group  *errgroup.Group
	gone   <-chan struct{} // closed when the stream or a request has failed

	mu sync.Mutex
	// shown is the page as it is now; seen is closed when it has what is wanted.
	shown, wanted string
	seen          chan struct{}
}

// openDashboard adds a manager, signs in and opens the page.
func openDashboard(ctx context.Context, o *office, store int) (*dashboard, error) {
	const email, password = "manager@comptant.example", "comptant-manager"
	hash, err := secret.Hash(password, secret.Password)
	if err != nil {
		return nil, err
	}
	if _, err := o.conn.Exec(ctx, `INSERT INTO users.staff (id, name, email, role, password) VALUES ($1, 'Manager', $2, 'manager', $3)`,
		seeded(5, 1), email, hash); err != nil {
		return nil, fmt.Errorf("add a manager: %w", err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	d := &dashboard{client: &http.Client{Jar: jar}, page: o.hq.URL() + "/stores/" + storeID(store).String()}
	resp, err := d.client.PostForm(o.hq.URL()+"/login", url.Values{"email": {email}, "password": {password}})
	if err != nil {
		return nil, fmt.Errorf("sign in: %w", err)
	}
	if err := resp.Body.Close(); err != nil {
		return nil, fmt.Errorf("sign in: %w", err)
	}
	ctx, d.leave = context.WithCancel(context.WithoutCancel(ctx))
	stream, err := d.get(ctx, o.hq.URL()+"/events")
	if err != nil {
		d.leave()
		return nil, err
	}
	old, err := d.triggers(ctx)
	if err != nil {
		d.leave()
		return nil, errors.Join(err, stream.Close())
	}
	events := make(chan struct{}, 1)
	d.group, ctx = errgroup.WithContext(ctx)
	d.gone = ctx.Done()
	d.group.Go(func() error { return listenTo(stream, old, events) })
	d.group.Go(func() error { return d.look(ctx, events) })
	return d, nil
}

func (d *dashboard) get(ctx context.Context, address string) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("HX-Request", "true")
	resp, err := d.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("dashboard: %w", err)
	}
	if resp.StatusCode != http.StatusOK || resp.Header.Get("HX-Redirect") != "" {
		return nil, errors.Join(fmt.Errorf("dashboard: %s: %s", address, resp.Status), resp.Body.Close())
	}
	return resp.Body, nil
}

// triggers are the events that make the page old, as it says itself.
func (d *dashboard) triggers(ctx context.Context) (map[string]bool, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.page, nil)
	if err != nil {
		return nil, fmt.Errorf("dashboard: %w", err)
	}
	resp, err := d.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("dashboard: %w", err)
	}
	page, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return nil, fmt.Errorf("dashboard: %w", err)
	}
	found := map[string]bool{}
	for _, event := range trigger.FindAllSubmatch(page, -1) {
		found[string(event[1])] = true
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("dashboard: %s is not live", d.page)
	}
	return found, nil
}

var trigger = regexp.MustCompile(`sse:([a-z0-9-]+)`)

// listenTo passes those events of the stream on that make the page old; those that come together are one.
func listenTo(stream io.ReadCloser, old map[string]bool, events chan<- struct{}) error {
	defer stream.Close()
	lines := bufio.NewScanner(stream)
	for lines.Scan() {
		if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok && old[name] {
			select {
			case events <- struct{}{}:
			default:
			}
		}
	}
	return fmt.Errorf("dashboard: the stream ended: %w", cmp.Or(lines.Err(), io.ErrUnexpectedEOF))
}

// look asks for the page after each event.
func (d *dashboard) look(ctx context.Context, events <-chan struct{}) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-events:
		}
		body, err := d.get(ctx, d.page)
		if err != nil {
			return err
		}
		page, err := io.ReadAll(body)
		if err := errors.Join(err, body.Close()); err != nil {
			return fmt.Errorf("dashboard: %w", err)
		}
		d.show(string(page))
	}
}

func (d *dashboard) show(page string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.shown = page
	d.check()
}

// shows is closed once the page has the receipt.
func (d *dashboard) shows(code string) <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.wanted, d.seen = ">"+code+"<", make(chan struct{}) // 1-1-12 is not 1-1-123
	d.check()
	return d.seen
}

func (d *dashboard) check() {
	if d.wanted != "" && strings.Contains(d.shown, d.wanted) {
		close(d.seen)
		d.wanted = ""
	}
}

func (d *dashboard) close() error {
	d.leave()
	if err := d.group.Wait(); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

package link

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"time"

	"comptant/sync/wire"
)

const (
	// stalled is how long a download may bring nothing.
	stalled = 30 * time.Second
	// tries is how often in a row a download may bring nothing before the feed is asked for page by page.
	tries = 5
	// maxSnapshot bounds the file of a snapshot, in bytes.
	maxSnapshot = 1 << 30
)

// loaded is what came of a snapshot.
type loaded struct {
	reset wire.Reset
	err   error
}

// load downloads snapshots and loads them, one after the other, until the connection ends.
func (r *run) load(ctx context.Context, resets []wire.Reset) {
	ctx, cancel := context.WithCancel(ctx)
	before := r.unload
	r.unload = func() { before(); cancel() }
	r.wg.Go(func() {
		defer cancel()
		r.loading.Lock()
		defer r.loading.Unlock()
		for _, reset := range resets {
			err := r.fetch(ctx, reset)
			if err == nil {
				err = r.files.Load(ctx, reset)
			}
			select {
			case r.loads <- loaded{reset, err}:
			case <-ctx.Done():
				return
			}
		}
	})
}

// fetch downloads the file of a snapshot from where an earlier try left off.
func (l *Link) fetch(ctx context.Context, reset wire.Reset) (err error) {
	file, err := l.files.Download(reset)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	address, err := address(l.base, wire.SnapshotPath+"/"+reset.Snapshot, map[string]string{"http": "http", "https": "https"})
	if err != nil {
		return err
	}
	client := &http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, DialContext: l.dial}}
	defer client.CloseIdleConnections()
	var pace backoff
	for failed := 0; ; failed++ {
		came, err := download(ctx, client, address, file)
		if err == nil {
			break
		}
		if came > 0 {
			failed = 0
			pace.reset()
		}
		var gone turnedAway
		if ctx.Err() != nil || errors.Is(err, errGone) || failed == tries {
			return fmt.Errorf("download snapshot: %w", err)
		}
		pause := pace.next(rand.Float64)
		if errors.As(err, &gone) {
			pause, failed = gone.after, 0
		}
		l.log.Warn("snapshot interrupted", "feed", reset.Feed, "error", err, "again_in", pause)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return verify(file, reset.SHA256)
}

// errGone says that HQ has no such snapshot any more.
var errGone = errors.New("the snapshot has been replaced")

// download asks for what the file does not have yet, and says how much came.
func download(ctx context.Context, client *http.Client, address string, file *os.File) (came int64, err error) {
	at, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(stalled, func() { cancel(errors.New("the download stalled")) })
	defer watch.Stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, err
	}
	if at > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", at))
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, errors.Join(context.Cause(ctx), err)
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusPartialContent:
	case http.StatusOK:
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return 0, err
		}
		if err := file.Truncate(0); err != nil {
			return 0, err
		}
	case http.StatusRequestedRangeNotSatisfiable:
		return 0, nil // it is all here
	case http.StatusNotFound:
		return 0, errGone
	default:
		err := errors.New(resp.Status)
		if seconds, no := strconv.ParseUint(resp.Header.Get("Retry-After"), 10, 31); no == nil && seconds > 0 {
			return 0, turnedAway{err, min(time.Duration(seconds)*time.Second, maxBye)}
		}
		return 0, err
	}
	body := io.LimitReader(progress{resp.Body, watch}, maxSnapshot)
	came, err = io.Copy(file, body)
	if err != nil {
		return came, errors.Join(context.Cause(ctx), err)
	}
	return came, nil
}

// progress puts the end of a stalled download off with everything that comes.
type progress struct {
	io.Reader
	watch *time.Timer
}

func (p progress) Read(b []byte) (int, error) {
	n, err := p.Reader.Read(b)
	if n > 0 {
		p.watch.Reset(stalled)
	}
	return n, err
}

// verify compares the file with what HQ signed. One that differs is emptied: the next try begins again.
func verify(file *os.File, sum []byte) error {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return err
	}
	if !bytes.Equal(hash.Sum(nil), sum) {
		return errors.Join(errors.New("the snapshot is not what headquarters signed"), file.Truncate(0))
	}
	return nil
}

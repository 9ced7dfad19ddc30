package link

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"comptant/sync/wire"
)

// logWithin is how long a log may take to be sent.
const logWithin = time.Minute

// ErrNotAsked says that HQ does not want the log: it has it, or has asked again since.
var ErrNotAsked = errors.New("headquarters does not ask for this log")

// SendLog sends a log, in gzip, that HQ asked for at a moment.
func (l *Link) SendLog(ctx context.Context, asked int64, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, logWithin)
	defer cancel()
	address, err := address(l.base, wire.LogPath, map[string]string{"http": "http", "https": "https"})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("send log: %w", err)
	}
	req.Header.Set("Content-Type", "application/gzip")
	req.Header.Set(wire.LogTill, l.core.till.String())
	req.Header.Set(wire.LogAsked, strconv.FormatInt(asked, 10))
	req.Header.Set(wire.LogSignature, base64.StdEncoding.EncodeToString(wire.SignLog(l.core.till, asked, body, l.core.key)))
	client := &http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, DialContext: l.dial}}
	defer client.CloseIdleConnections()
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("send log: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	switch resp.StatusCode {
	case http.StatusNoContent:
		return nil
	case http.StatusConflict:
		return ErrNotAsked
	}
	return fmt.Errorf("send log: %s", resp.Status)
}

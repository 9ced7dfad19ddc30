package lane

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"

	"comptant/sync/link"
	"comptant/sync/wire"
)

// sendLogs sends the end of the till's log each time headquarters asks for it, until ctx is done. What did not arrive is sent with the next
// news of headquarters, or when the line is back.
func (l *Lane) sendLogs(ctx context.Context) {
	l.lookAtLog()
	var sent int64
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.asked:
		}
		asked, err := l.Ledger.LogAsked(ctx)
		if err == nil && asked.At > sent {
			if err = l.sendLog(ctx, asked.At); err == nil {
				sent = asked.At
			}
		}
		if err != nil && ctx.Err() == nil {
			l.log.Warn("log not sent", "error", err)
		}
	}
}

func (l *Lane) sendLog(ctx context.Context, asked int64) error {
	text, err := newestLog(l.dir, wire.LogText)
	if err != nil {
		return err
	}
	var body bytes.Buffer
	z := gzip.NewWriter(&body)
	if _, err := z.Write(text); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	if err = l.Link.SendLog(ctx, asked, body.Bytes()); errors.Is(err, link.ErrNotAsked) {
		return nil
	}
	return err
}

func (l *Lane) lookAtLog() { wake(l.asked) }

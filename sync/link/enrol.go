package link

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"comptant/shared/retail"
	"comptant/sync/wire"
)

// maxReply bounds what HQ may answer to an enrolment, in bytes.
const maxReply = 64 << 10

// Enrol turns a one-time code and the public half of the device's new key into a till. A refusal is a *retail.Error:
// the code is wrong, used or too old, or was tried too often.
func Enrol(ctx context.Context, base string, req wire.EnrolRequest) (wire.EnrolReply, error) {
	var reply wire.EnrolReply
	address, err := address(base, wire.EnrolPath, map[string]string{"http": "http", "https": "https"})
	if err != nil {
		return reply, err
	}
	body, err := json.Marshal(req)
	if err != nil {
		return reply, fmt.Errorf("enrol: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return reply, fmt.Errorf("enrol at %s: %w", base, err)
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return reply, fmt.Errorf("enrol at %s: %w", base, err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err = io.ReadAll(io.LimitReader(resp.Body, maxReply))
	if err != nil {
		return reply, fmt.Errorf("enrol at %s: %w", base, err)
	}
	if resp.StatusCode != http.StatusOK {
		var refusal wire.EnrolError
		if err := json.Unmarshal(body, &refusal); err != nil || refusal.Key == "" {
			return reply, fmt.Errorf("enrol at %s: %s", base, resp.Status)
		}
		return reply, &retail.Error{Code: retail.Code(refusal.Code), Key: refusal.Key, Args: refusal.Args}
	}
	if err := json.Unmarshal(body, &reply); err != nil {
		return reply, fmt.Errorf("enrol at %s: read the reply: %w", base, err)
	}
	return reply, nil
}

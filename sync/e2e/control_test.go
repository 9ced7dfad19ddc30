package e2e_test

import (
	"bytes"
	"compress/gzip"
	"crypto/ed25519"
	"encoding/base64"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/shared/retail"
	"comptant/sync/e2e/fleet"
	"comptant/sync/wire"
	"comptant/terminal/lane"
	"comptant/terminal/till"
)

// A till that headquarters locks signs its cashier out, keeps everybody out, also after it was started again without a network, and goes
// on sending and hearing. What was on it is there when the lock ends.
func TestALockedTillSellsNothingAndSendsEverything(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	hq := headquarters(t)
	c := openCounter(t, hq, 1)
	alice, _ := c.Lane.Till.User()
	tiles, err := c.Lane.Till.Tiles(ctx, uuid.Nil, 1)
	require.NoError(t, err)
	_, err = c.Lane.Till.Scan(ctx, tiles[0].Product.SKU)
	require.NoError(t, err)
	id := c.Lane.Till.Identity().Till.String()
	command := func(args ...string) {
		t.Helper()
		out, err := hq.Command(ctx, args...)
		require.NoError(t, err, out)
	}
	until := func(condition func() (bool, error)) {
		t.Helper()
		require.NoError(t, c.Until(ctx, condition))
	}

	command("till", "lock", id, "--reason", "audit")
	until(func() (bool, error) { here, err := c.Lane.Till.Recheck(ctx); return !here, err })
	refusedWith(t, till.KeySignInLocked, c.Lane.Till.SignIn(ctx, alice.ID, pin))
	require.NoError(t, c.Drained(ctx), "what it has goes up")
	command("user", "add", "--name", "Zoe", "--role", "cashier", "--store", "CV", "--pin", pin)
	until(func() (bool, error) {
		staff, err := c.Lane.Till.Staff(ctx)
		for _, s := range staff {
			if s.Name == "Zoe" {
				return true, err
			}
		}
		return false, err
	})

	require.NoError(t, c.Close())
	alone, err := fleet.OpenOffline(ctx, c.Dir, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	refusedWith(t, till.KeySignInLocked, alone.Lane.Till.SignIn(ctx, alice.ID, pin))
	require.NoError(t, alone.Close())
	c.Till, err = fleet.Open(ctx, c.Dir, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	command("till", "unlock", id)
	until(func() (bool, error) { control, err := c.Lane.Till.Control(ctx); return !control.Locked(), err })
	require.NoError(t, c.Lane.Till.SignIn(ctx, alice.ID, pin))
	require.Len(t, c.Lane.Till.Ticket().Lines, 1)
	require.True(t, c.Lane.Till.Shift().Open())
}

func refusedWith(t *testing.T, key string, err error) {
	t.Helper()
	var refusal *retail.Error
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, key, refusal.Key)
}

// The log of a till comes when it is asked for, and by nobody else's hand: not unsigned, not twice, not longer than it may be.
func TestTheLogOfATillComesWhenAsked(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	hq := headquarters(t)
	c := openCounter(t, hq, 1)
	id, key := c.Lane.Till.Identity().Till, c.Ledger.Enrolment().Key
	log := lane.OpenLog(c.Dir)
	t.Cleanup(func() { _ = log.Close() })
	write := func(line string) {
		t.Helper()
		_, err := log.Write([]byte(line + "\n"))
		require.NoError(t, err)
	}
	ask := func() {
		t.Helper()
		out, err := hq.Command(ctx, "till", "log", id.String(), "--ask")
		require.NoError(t, err, out)
	}
	came := func(want string) {
		t.Helper()
		require.NoError(t, c.Until(ctx, func() (bool, error) {
			out, err := hq.Command(ctx, "till", "log", id.String())
			return err == nil && strings.Contains(out, want), nil
		}))
	}
	send := func(asked int64, body []byte, key ed25519.PrivateKey) int {
		t.Helper()
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, hq.URL()+wire.LogPath, bytes.NewReader(body))
		require.NoError(t, err)
		req.Header.Set(wire.LogTill, id.String())
		req.Header.Set(wire.LogAsked, strconv.FormatInt(asked, 10))
		req.Header.Set(wire.LogSignature, base64.StdEncoding.EncodeToString(wire.SignLog(id, asked, body, key)))
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		return resp.StatusCode
	}
	write("the first line")
	ask()
	came("the first line")

	require.NoError(t, hq.Kill())
	write("the second line")
	require.NoError(t, hq.Start(ctx))
	ask()
	came("the second line")

	// Asked while the till is away, so that it stays asked.
	require.NoError(t, c.Close())
	ask()
	var at time.Time
	require.NoError(t, connect(t, hq).QueryRow(ctx, `SELECT log_asked_at FROM tills.till WHERE id = $1`, id).Scan(&at))
	_, other, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	asked := at.UnixMilli()
	require.Equal(t, http.StatusForbidden, send(asked, zipped(t, []byte("forged")), other))
	require.Equal(t, http.StatusConflict, send(asked-1, zipped(t, []byte("old")), key))
	require.Equal(t, http.StatusBadRequest, send(asked, []byte("not zipped"), key))
	require.Equal(t, http.StatusBadRequest, send(asked, zipped(t, make([]byte, wire.LogText+1)), key), "small on the wire, long at headquarters")
	require.Equal(t, http.StatusRequestEntityTooLarge, send(asked, make([]byte, wire.LogBody+1), key))
	require.Equal(t, http.StatusNoContent, send(asked, zipped(t, []byte("the third line")), key))
	require.Equal(t, http.StatusConflict, send(asked, zipped(t, []byte("again")), key))
	came("the third line")
}

func zipped(t *testing.T, text []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write(text)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return b.Bytes()
}

package server_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/mail/mailtest"
	"comptant/hq/pgtest"
	"comptant/hq/server"
	"comptant/hq/users"
	"comptant/shared/retail"
)

const (
	email   = "emma@comptant.example"
	forgot  = "the phrase that is forgotten"
	another = "the phrase that is remembered"
	pin     = "604182"
)

// written is a log that can be read while it is written.
type written struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (w *written) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(p)
}

func (w *written) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// serve runs a headquarters with an administrator until the test ends, and gives its address and its log.
func serve(t *testing.T, c server.Config) (address string, log *written) {
	t.Helper()
	if c.Database.URL == "" {
		c.Database.URL = pgtest.DurableURL(t)
	}
	address, log = serveOn(t, c.Database.URL, c)
	d, err := db.Open(t.Context(), c.Database.URL, slog.New(slog.DiscardHandler), db.Options{})
	require.NoError(t, err)
	defer d.Close()
	phrase, err := users.NewPassword(forgot)
	require.NoError(t, err)
	require.NoError(t, d.InTx(t.Context(), func(tx *db.Tx) error {
		emma := users.Staff{ID: uuid.New(), Name: "Emma", Email: email, Role: retail.RoleAdministrator, Lang: "en"}
		return users.Put(t.Context(), tx, emma, phrase, users.PIN{})
	}))
	return address, log
}

// serveOn runs a headquarters on a database that is there.
func serveOn(t *testing.T, url string, c server.Config) (address string, log *written) {
	t.Helper()
	log = &written{}
	c.Listen, c.Version = "127.0.0.1:0", "test"
	c.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	c.Database.URL, c.Database.Log = url, c.Log
	hq, err := server.New(t.Context(), c)
	require.NoError(t, err)
	serving, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- hq.Run(serving) }()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-done)
	})
	return hq.Addr(), log
}

// browser keeps cookies and trusts a certificate.
func browser(t *testing.T, certificate string) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	transport := &http.Transport{}
	if certificate != "" {
		text, err := os.ReadFile(certificate)
		require.NoError(t, err)
		pool := x509.NewCertPool()
		require.True(t, pool.AppendCertsFromPEM(text))
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Jar: jar, Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func ask(t *testing.T, b *http.Client, method, address string, pairs ...string) (*http.Response, string) {
	t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form.Encode()))
	require.NoError(t, err)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Accept-Language", "en")
	resp, err := b.Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp, string(body)
}

// A forgotten password is set by a link that a real mail server delivers, over HTTPS with one's own certificate; and none of the
// secrets on the way is in the log.
func TestAForgottenPasswordIsSetByMail(t *testing.T) {
	cert, key := mailtest.Certificate(t)
	t.Setenv("SSL_CERT_FILE", cert)
	post, arrived := mailtest.Start(t, cert, key)
	address, log := serve(t, server.Config{
		TLSCert: cert, TLSKey: key, URL: "https://hq.comptant.example/", MailFrom: "hq@comptant.example",
		SMTP: "smtp://" + mailtest.User + ":" + mailtest.Password + "@" + post,
	})
	hq, emma := "https://"+address, browser(t, cert)
	resp, _ := ask(t, emma, http.MethodPost, hq+"/login", "email", email, "password", forgot+"?")
	require.Equal(t, http.StatusForbidden, resp.StatusCode)
	resp, _ = ask(t, emma, http.MethodPost, hq+"/login", "email", email, "password", forgot)
	require.Equal(t, http.StatusSeeOther, resp.StatusCode)
	cookie := resp.Cookies()[0]
	require.Equal(t, "__Host-session", cookie.Name)
	require.True(t, cookie.Secure && cookie.HttpOnly)
	require.Equal(t, http.SameSiteLaxMode, cookie.SameSite)
	require.Contains(t, resp.Header.Get("Strict-Transport-Security"), "max-age=")
	_, _ = ask(t, emma, http.MethodPost, hq+"/people", "name", "Luc", "role", "cashier", "lang", "fr", "pin", pin)

	_, page := ask(t, browser(t, cert), http.MethodPost, hq+"/forgot", "email", email)
	_, same := ask(t, browser(t, cert), http.MethodPost, hq+"/forgot", "email", "nobody@comptant.example")
	require.Equal(t, page, same, "the answer says who has an account")
	require.Contains(t, page, "on its way")
	var message mailtest.Message
	select {
	case message = <-arrived:
	case <-time.After(time.Minute):
		require.FailNow(t, "no message", log.String())
	}
	require.Equal(t, email, message.To)
	require.Contains(t, message.Text, "Hello Emma")
	text := strings.ReplaceAll(message.Text, "=\r\n", "") // quoted-printable
	link := regexp.MustCompile(`https://hq\.comptant\.example(/reset/([\w-]+))`).FindStringSubmatch(text)
	require.NotNil(t, link, text)
	guest := browser(t, cert)
	resp, page = ask(t, guest, http.MethodGet, hq+link[1])
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Contains(t, page, email)
	resp, page = ask(t, guest, http.MethodPost, hq+link[1], "password", "short")
	require.Equal(t, http.StatusUnprocessableEntity, resp.StatusCode)
	require.Contains(t, page, "at least 10 characters")
	resp, _ = ask(t, guest, http.MethodPost, hq+link[1], "password", another)
	require.Equal(t, http.StatusOK, resp.StatusCode)
	resp, _ = ask(t, guest, http.MethodPost, hq+link[1], "password", another)
	require.Equal(t, http.StatusNotFound, resp.StatusCode, "it works once")
	resp, _ = ask(t, emma, http.MethodGet, hq+"/")
	require.Equal(t, "/login", resp.Header.Get("Location"), "the sessions are over")
	resp, _ = ask(t, emma, http.MethodPost, hq+"/login", "email", email, "password", another)
	require.Equal(t, http.StatusSeeOther, resp.StatusCode)

	for _, secret := range []string{forgot, another, pin, link[2], cookie.Value, mailtest.Password, "argon2"} {
		require.NotContains(t, log.String(), secret)
	}
	require.Contains(t, log.String(), "https://"+address)

	// The command of the same machine knows the certificate, and no other.
	client, self, err := server.Self(address, cert)
	require.NoError(t, err)
	resp, _ = ask(t, client, http.MethodGet, self+server.ReadyPath)
	require.Equal(t, http.StatusOK, resp.StatusCode)
	strange, strangeKey := mailtest.Certificate(t)
	client, _, err = server.Self(address, strange)
	require.NoError(t, err)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, self, nil)
	require.NoError(t, err)
	resp, err = client.Do(r)
	if err == nil {
		require.NoError(t, resp.Body.Close())
	}
	require.ErrorContains(t, err, "another certificate")

	// A renewed certificate is shown without a restart.
	for to, from := range map[string]string{key: strangeKey, cert: strange} {
		text, err := os.ReadFile(from)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(to, text, 0o600))
	}
	later := time.Now().Add(time.Minute)
	require.NoError(t, os.Chtimes(cert, later, later))
	resp, _ = ask(t, browser(t, cert), http.MethodGet, hq+server.ReadyPath)
	require.Equal(t, http.StatusOK, resp.StatusCode)
}

// Behind a proxy that speaks TLS, cookies are as safe, and who asks is who the proxy says; anybody else is not believed.
func TestBehindAProxy(t *testing.T) {
	for _, proxies := range [][]string{{"127.0.0.0/8"}, {"192.0.2.7"}} {
		address, _ := serve(t, server.Config{Proxies: proxies})
		believed := proxies[0] != "192.0.2.7"
		b := browser(t, "")
		b.Transport = said{b.Transport}
		resp, _ := ask(t, b, http.MethodPost, "http://"+address+"/login", "email", email, "password", forgot)
		require.Equal(t, believed, resp.Cookies()[0].Secure)
		resp, page := ask(t, b, http.MethodGet, "http://"+address+"/forgot")
		require.Equal(t, believed, resp.Header.Get("Strict-Transport-Security") != "")
		require.Contains(t, page, "administrator", "no mail is set up")
		for range 30 {
			_, _ = ask(t, b, http.MethodGet, "http://"+address+"/reset/guess")
		}
		resp, _ = ask(t, b, http.MethodGet, "http://"+address+"/login")
		require.Equal(t, http.StatusTooManyRequests, resp.StatusCode)
		resp, _ = ask(t, browser(t, ""), http.MethodGet, "http://"+address+"/login")
		if believed {
			require.Equal(t, http.StatusOK, resp.StatusCode, "somebody else's failures")
		} else {
			require.Equal(t, http.StatusTooManyRequests, resp.StatusCode)
		}
	}
}

// said adds what a proxy does; the first address is a forged one that it was told.
type said struct{ http.RoundTripper }

func (s said) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Header.Set("X-Forwarded-For", "198.51.100.1, 203.0.113.9")
	r.Header.Set("X-Forwarded-Proto", "https")
	return s.RoundTripper.RoundTrip(r)
}

func TestWrongSettingsAreRefused(t *testing.T) {
	cert, _ := mailtest.Certificate(t)
	_, key := mailtest.Certificate(t)
	for name, c := range map[string]server.Config{
		"a key of another certificate": {TLSCert: cert, TLSKey: key},
		"no key":                       {TLSCert: cert},
		"no address of the dashboard":  {SMTP: "smtp://mail.example", MailFrom: "hq@comptant.example"},
		"no sender":                    {SMTP: "smtp://mail.example", URL: "https://hq.comptant.example"},
		"a proxy":                      {Proxies: []string{"proxy.example"}},
		"any origin":                   {Origins: []string{"*"}},
		"an address for an origin":     {Origins: []string{"https://tools.example/"}},
	} {
		_, err := server.New(t.Context(), c)
		require.Error(t, err, name)
	}
}

package server

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync"
	"time"
)

// certificate is that of the two files, read again when they are renewed, so that nothing is restarted for it.
type certificate struct {
	cert, key string
	log       *slog.Logger
	mu        sync.Mutex
	changed   time.Time
	loaded    *tls.Certificate
}

func newCertificate(cert, key string, log *slog.Logger) (*certificate, error) {
	c := &certificate{cert: cert, key: key, log: log}
	return c, c.load()
}

func (c *certificate) load() error {
	about, err := os.Stat(c.cert)
	if err != nil {
		return fmt.Errorf("read the certificate: %w", err)
	}
	loaded, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		return fmt.Errorf("read the certificate %s and its key %s: %w", c.cert, c.key, err)
	}
	c.loaded, c.changed = &loaded, about.ModTime()
	return nil
}

// get is for tls.Config. Files that are being renewed, and do not fit for a moment, change nothing.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if about, err := os.Stat(c.cert); err == nil && !about.ModTime().Equal(c.changed) {
		if err := c.load(); err != nil {
			c.log.Warn("the renewed certificate is not used", "error", err)
		}
	}
	return c.loaded, nil
}

// networks reads addresses and networks: 127.0.0.1, 10.0.0.0/8.
func networks(texts []string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, text := range texts {
		if address, err := netip.ParseAddr(text); err == nil {
			all = append(all, netip.PrefixFrom(address, address.BitLen()))
			continue
		}
		network, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("proxy %q is neither an address nor a network such as 10.0.0.0/8", text)
		}
		all = append(all, network)
	}
	return all, nil
}

// behind takes a proxy's word for who asks, and whether by TLS. Anybody else could write the same headers, and is not believed.
func behind(proxies []netip.Prefix, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if at, err := netip.ParseAddrPort(r.RemoteAddr); err == nil && contains(proxies, at.Addr().Unmap()) {
			r = r.WithContext(r.Context()) // a copy, not to write into the server's
			said := strings.Split(r.Header.Get("X-Forwarded-For"), ",")
			// The last is what the proxy itself has seen; those before are what it was told.
			if client, err := netip.ParseAddr(strings.TrimSpace(said[len(said)-1])); err == nil {
				r.RemoteAddr = net.JoinHostPort(client.String(), "0")
			}
			if r.TLS == nil && r.Header.Get("X-Forwarded-Proto") == "https" {
				r.TLS = &tls.ConnectionState{}
			}
		}
		next.ServeHTTP(w, r)
	})
}

func contains(networks []netip.Prefix, address netip.Addr) bool {
	for _, n := range networks {
		if n.Contains(address) {
			return true
		}
	}
	return false
}

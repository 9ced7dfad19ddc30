package ui

import (
	"encoding/base64"
	"net"
	"net/http"
	"strings"
)

// Guard adds what tells browsers to be careful with every answer.
func Guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", ContentSecurityPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cache-Control", "no-store") // what is on a page is nobody else's; static files say otherwise
		if r.TLS != nil {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// Host is where a request comes from, without the port.
func Host(r *http.Request) string {
	h, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return h
}

const flashCookie = "flash"

// KeepFlash keeps a message for the page that is shown next.
func KeepFlash(w http.ResponseWriter, r *http.Request, f Flash) {
	http.SetCookie(w, &http.Cookie{
		Name: flashCookie, Value: base64.RawURLEncoding.EncodeToString([]byte(string(f.Tone) + " " + f.Text)), Path: "/", MaxAge: 60,
		HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteLaxMode,
	})
}

// TakeFlash gives the message once; nil when there is none.
func TakeFlash(w http.ResponseWriter, r *http.Request) *Flash {
	cookie, err := r.Cookie(flashCookie)
	if err != nil {
		return nil
	}
	http.SetCookie(w, &http.Cookie{Name: flashCookie, Path: "/", MaxAge: -1, HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteLaxMode})
	value, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	tone, text, ok := strings.Cut(string(value), " ")
	if err != nil || !ok {
		return nil
	}
	for _, known := range []Tone{ToneOK, ToneWarn, ToneBad} {
		if string(known) == tone {
			return &Flash{Tone: known, Text: text}
		}
	}
	return nil
}

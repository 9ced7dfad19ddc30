package ui

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"strings"
)

//go:embed static
var static embed.FS

// ContentSecurityPolicy is what the pages of this package need: their own files, and nothing else.
const ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; " +
	"connect-src 'self'; worker-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// staticRoot holds the hash of every static file, so that a browser may keep them for ever and still sees a new release.
var staticRoot = "/static/" + hashOf(static) + "/"

// Asset is the address of a static file, such as "app.css".
func Asset(name string) string { return staticRoot + name }

// Static serves the static files below /static/. An address with the hash of another release (two processes during
// an upgrade) gets this release's file, not to be kept.
func Static() http.Handler {
	files, err := fs.Sub(static, "static")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	server := http.FileServerFS(files)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, name, ok := strings.Cut(strings.TrimPrefix(r.URL.Path, "/static/"), "/")
		if !ok || name == "" {
			http.NotFound(w, r)
			return
		}
		keep := "no-cache"
		if strings.HasPrefix(r.URL.Path, staticRoot) {
			keep = "public, max-age=31536000, immutable"
		}
		w.Header().Set("Cache-Control", keep)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		http.StripPrefix(strings.TrimSuffix(r.URL.Path, name), server).ServeHTTP(w, r)
	})
}

func hashOf(files embed.FS) string {
	sum := sha256.New()
	err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := files.ReadFile(path)
		sum.Write([]byte(path))
		sum.Write(content)
		return err
	})
	if err != nil {
		panic(err) // the files are embedded: reading cannot fail
	}
	return hex.EncodeToString(sum.Sum(nil))[:12]
}

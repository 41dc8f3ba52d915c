package api

import (
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// servePages serves the browser application. Its assets carry a hash of their
// content in their names and are kept for ever; every other address is one of
// its pages, which index.html draws.
func (s *server) servePages() http.Handler {
	if s.web == nil {
		return http.HandlerFunc(notBuilt)
	}
	index, err := fs.ReadFile(s.web, "index.html")
	if err != nil {
		return http.HandlerFunc(notBuilt)
	}
	files := http.FileServerFS(s.web)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
		info, err := fs.Stat(s.web, name)
		if name != "" && name != "index.html" && err == nil && !info.IsDir() {
			w.Header().Set("Cache-Control", keepFor(name))
			files.ServeHTTP(w, r)
			return
		}
		if strings.HasPrefix(name, assets) || r.Method != http.MethodGet && r.Method != http.MethodHead {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-cache") // it names the assets of this very version
		_, _ = w.Write(index)                       // the browser may be gone
	})
}

// assets is where the build puts files with a hash in their names.
const assets = "assets/"

func keepFor(name string) string {
	if strings.HasPrefix(name, assets) {
		return "public, max-age=31536000, immutable"
	}
	return "no-cache"
}

const notBuiltPage = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Tandem</title>
<style>body{font:16px/1.5 "Segoe UI",system-ui,sans-serif;max-width:36em;margin:15vh auto;padding:0 1em}code{background:#eee;padding:2px 4px}</style>
<h1>Tandem is running</h1>
<p>The browser application was not built into this binary.
Build it with <code>make build</code> and start Tandem again; the API at <a href="/api/openapi.json">/api/v2</a> works already.</p>`

// notBuilt explains a binary that was built without Node.
func notBuilt(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = w.Write([]byte(notBuiltPage)) // the browser may be gone
}

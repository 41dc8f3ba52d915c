package api

import (
	"compress/gzip"
	"mime"
	"net/http"
	"strings"
	"sync"
)

// compress answers with gzip where the client takes it and it helps. Streams
// of events, files and parts of files pass as they are.
func compress(next http.Handler) http.Handler {
	pool := &sync.Pool{New: func() any { return gzip.NewWriter(nil) }}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead || !takesGzip(r.Header.Get("Accept-Encoding")) {
			next.ServeHTTP(w, r)
			return
		}
		z := &gzipWriter{ResponseWriter: w, pool: pool}
		defer z.close()
		next.ServeHTTP(z, r)
	})
}

// takesGzip reads Accept-Encoding (RFC 9110 section 12.5.3).
func takesGzip(accept string) bool {
	for coding := range strings.SplitSeq(accept, ",") {
		name, weight, _ := strings.Cut(coding, ";")
		weight = strings.ReplaceAll(weight, " ", "")
		if strings.TrimSpace(name) == "gzip" && weight != "q=0" && weight != "q=0.0" {
			return true
		}
	}
	return false
}

// gzipWriter compresses when the header shows that it helps.
type gzipWriter struct {
	http.ResponseWriter
	pool    *sync.Pool
	gz      *gzip.Writer
	decided bool
}

func (z *gzipWriter) WriteHeader(status int) {
	if !z.decided && status >= http.StatusOK {
		z.decided = true
		if worthwhile(status, z.Header()) {
			z.gz = z.pool.Get().(*gzip.Writer)
			z.gz.Reset(z.ResponseWriter)
			z.Header().Set("Content-Encoding", "gzip")
			z.Header().Add("Vary", "Accept-Encoding")
			z.Header().Del("Content-Length")
		}
	}
	z.ResponseWriter.WriteHeader(status)
}

func worthwhile(status int, h http.Header) bool {
	if status == http.StatusNoContent || status == http.StatusNotModified || status == http.StatusPartialContent ||
		h.Get("Content-Encoding") != "" {
		return false
	}
	media, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	switch media {
	case "application/json", "text/html", "text/css", "text/javascript", "application/javascript", "image/svg+xml", "application/manifest+json":
		return true
	}
	return false
}

func (z *gzipWriter) Write(b []byte) (int, error) {
	if !z.decided {
		z.WriteHeader(http.StatusOK)
	}
	if z.gz != nil {
		return z.gz.Write(b)
	}
	return z.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection. Only streams
// flush, and they are not compressed.
func (z *gzipWriter) Unwrap() http.ResponseWriter { return z.ResponseWriter }

func (z *gzipWriter) close() {
	if z.gz == nil {
		return
	}
	_ = z.gz.Close() // the client may be gone
	z.gz.Reset(nil)
	z.pool.Put(z.gz)
}

package remoteimage

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"

	"tandem/problem"
)

const (
	png    = "\x89PNG\r\n\x1a\n and so on"
	public = "93.184.215.14"
)

// internet is a name service, and one machine that every address leads to.
type internet struct {
	names map[string][]string // further answers of a name come on further questions

	mu     sync.Mutex
	asked  map[string]int
	dialed []string
	seen   []http.Header
}

// serve returns a fetcher on an internet of one web server at port 80.
func serve(t *testing.T, names map[string][]string, handle http.HandlerFunc) (*internet, *Fetcher) {
	t.Helper()
	n := &internet{names: names, asked: make(map[string]int)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.mu.Lock()
		n.seen = append(n.seen, r.Header.Clone())
		n.mu.Unlock()
		handle(w, r)
	}))
	t.Cleanup(server.Close)
	f := New(Options{
		Resolve: n.resolve,
		Dial: func(_ context.Context, to netip.AddrPort) (net.Conn, error) {
			n.mu.Lock()
			n.dialed = append(n.dialed, to.String())
			n.mu.Unlock()
			return net.Dial("tcp", server.Listener.Addr().String())
		},
	})
	return n, f
}

func (n *internet) resolve(_ context.Context, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}, nil
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	answers := n.names[host]
	if len(answers) == 0 {
		return nil, fmt.Errorf("no such host %s", host)
	}
	answer := answers[min(n.asked[host], len(answers)-1)]
	n.asked[host]++
	var all []netip.Addr
	for text := range strings.SplitSeq(answer, " ") {
		all = append(all, netip.MustParseAddr(text))
	}
	return all, nil
}

func codeOf(err error) string {
	if p := problem.As(err); p != nil {
		return p.Code
	}
	return fmt.Sprint(err)
}

func TestImageIsFetchedWithoutTellingWhoLooks(t *testing.T) {
	n, f := serve(t, map[string][]string{"img.example": {public}}, func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "track", Value: "you"})
		if r.URL.Path == "/moved" {
			http.Redirect(w, r, "/logo", http.StatusFound)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, png)
	})
	kind, content, err := f.FetchPicture(t.Context(), "http://user:password@img.example/moved?id=7#top")
	if err != nil || kind != "image/png" || string(content) != png {
		t.Fatalf("got %q, %d bytes, %v", kind, len(content), err)
	}
	if len(n.dialed) != 2 || n.dialed[0] != public+":80" {
		t.Errorf("connected to %v", n.dialed)
	}
	for _, h := range n.seen {
		for _, name := range []string{"Cookie", "Referer", "Authorization", "Accept-Encoding", "Origin", "X-Forwarded-For"} {
			if h.Get(name) != "" {
				t.Errorf("the server was told %s: %s", name, h.Get(name))
			}
		}
		if h.Get("User-Agent") != "Mozilla/5.0" {
			t.Errorf("User-Agent %q", h.Get("User-Agent"))
		}
	}
}

func TestNothingBehindTheFirewallIsReached(t *testing.T) {
	names := map[string][]string{
		"private.example": {"10.0.0.7"}, "metadata.example": {"169.254.169.254"}, "mixed.example": {public + " 192.168.1.1"},
		"mapped.example": {"::ffff:127.0.0.1"}, "cgnat.example": {"100.100.100.200"}, "v6.example": {"fd00:ec2::254"},
		"nat64.example": {"64:ff9b::a9fe:a9fe"}, "sixtofour.example": {"2002:7f00:1::"},
	}
	n, f := serve(t, names, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, png) })
	for _, address := range []string{
		"http://private.example/", "http://metadata.example/latest/meta-data", "http://mixed.example/", "http://mapped.example/", "http://cgnat.example/",
		"http://v6.example/", "http://nat64.example/", "http://sixtofour.example/",
		"http://127.0.0.1/", "http://[::1]/", "http://[::ffff:10.0.0.1]/", "http://169.254.169.254/", "http://0.0.0.0/", "http://[fe80::1%25eth0]/",
		"http://" + public + ":8080/", "https://" + public + ":22/", "http://" + public + ":443/", "ftp://" + public + "/", "file:///etc/passwd", "gopher://" + public + "/",
		"http:///x", "//img.example/x", "javascript:alert(1)", "http://img.example/" + strings.Repeat("a", maxAddress), "http://\x7f/",
	} {
		if _, _, err := f.FetchPicture(t.Context(), address); codeOf(err) != "image_refused" {
			t.Errorf("%.60s: %v, want it refused", address, err)
		}
	}
	if len(n.dialed) != 0 {
		t.Errorf("connected to %v", n.dialed)
	}
}

func TestRedirectIsJudgedLikeTheFirstAddress(t *testing.T) {
	names := map[string][]string{"img.example": {public}, "inside.example": {"10.1.2.3"}, "rebinding.example": {public, "127.0.0.1"}}
	n, f := serve(t, names, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Query().Get("to"), http.StatusFound)
	})
	for _, to := range []string{
		"http://inside.example/", "http://127.0.0.1/", "http://img.example:8080/", "file:///etc/passwd", "http://169.254.169.254/latest",
		"/?to=" + url.QueryEscape("/?to="+url.QueryEscape("http://10.0.0.1/")),
		"/?to=%2F%3Fto%3D%252F", "http://rebinding.example/?to=" + url.QueryEscape("http://rebinding.example/"),
	} {
		_, _, err := f.FetchPicture(t.Context(), "http://img.example/?to="+url.QueryEscape(to))
		if codeOf(err) != "image_refused" {
			t.Errorf("redirected to %s: %v", to, err)
		}
	}
	for _, to := range n.dialed {
		if to != public+":80" {
			t.Errorf("connected to %s", to)
		}
	}
}

func TestWhatIsNoRasterImageIsNotShown(t *testing.T) {
	bodies := map[string]string{
		"/svg":      `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`,
		"/html":     "<!doctype html><script>alert(1)</script>",
		"/html-gif": "<script>GIF89a</script>",
		"/pdf":      "%PDF-1.7",
		"/empty":    "",
		"/large":    png + strings.Repeat("x", MaxSize),
	}
	_, f := serve(t, map[string][]string{"img.example": {public}}, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "image/png") // what the server says does not count
		io.WriteString(w, bodies[r.URL.Path])
	})
	for path := range bodies {
		if _, _, err := f.FetchPicture(t.Context(), "http://img.example"+path); codeOf(err) != "image_not_one" {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestMissingImageIsUnavailable(t *testing.T) {
	_, f := serve(t, map[string][]string{"img.example": {public}}, http.NotFound)
	for _, address := range []string{"http://img.example/", "http://nowhere.example/"} {
		if _, _, err := f.FetchPicture(t.Context(), address); codeOf(err) != "image_unavailable" {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestSniff(t *testing.T) {
	for content, want := range map[string]string{
		png: "image/png", "\xff\xd8\xff\xe0": "image/jpeg", "GIF89a..": "image/gif", "RIFF\x10\x00\x00\x00WEBPVP8 ": "image/webp",
		"RIFF\x10\x00\x00\x00WAVEfmt ": "", "RIFF": "", "BM": "", "<svg/>": "", " GIF89a": "",
	} {
		if got := Sniff([]byte(content)); got != want {
			t.Errorf("%q: %q, want %q", content, got, want)
		}
	}
}

func TestPublic(t *testing.T) {
	for text, want := range map[string]bool{
		"8.8.8.8": true, "2606:4700:4700::1111": true, public: true, "172.15.255.255": true, "172.32.0.1": true, "100.63.255.255": true, "100.128.0.1": true,
		"172.16.0.1": false, "172.31.255.255": false, "100.64.0.1": false, "198.18.0.1": false, "224.0.0.1": false, "255.255.255.255": false,
		"::": false, "::1": false, "::7f00:1": false, "ff02::1": false, "fc00::1": false, "::ffff:8.8.8.8": true, "::ffff:192.168.0.1": false,
		"168.63.129.16": false, "2001::1": false, "2001:4860:4860::8888": true, "fe80::1%eth0": false,
	} {
		if got := Public(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
	if Public(netip.Addr{}) {
		t.Error("the zero address counts as public")
	}
}

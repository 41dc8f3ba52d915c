package bench

import (
	"fmt"
	"os"
	"runtime/pprof"
	"strings"
	"testing"
	"time"

	"tandem/e2e"
)

func TestScratch(t *testing.T) {
	lat, _ := time.ParseDuration(os.Getenv("LAT"))
	w := e2e.Open(t, e2e.Options{Latency: lat, Database: os.Getenv("DB"), Polling: true})
	n := 1000
	body := strings.Repeat("Some words that make up a mail of usual length, with a link https://example.com/a/b.\r\n", 130)
	w.Connect(e2e.Support, false)
	time.Sleep(1500 * time.Millisecond)
	for i := range n {
		l := e2e.Letter{From: fmt.Sprintf("Person %d <p%d@customer.example>", i%200, i%200), To: e2e.Support, Subject: fmt.Sprintf("Mail %d", i), MessageID: fmt.Sprintf("<m%d@customer.example>", i), Text: body}
		if _, err := w.Sim.Deliver(t.Context(), e2e.Support, []byte(l.Raw())); err != nil {
			t.Fatal(err)
		}
	}
	var c struct{ Count struct{ Value int } }
	if os.Getenv("PROF") != "" {
		f, _ := os.Create(os.Getenv("PROF"))
		pprof.StartCPUProfile(f)
		defer pprof.StopCPUProfile()
	}
	w.API.Get("/api/v2/tickets/count").Into(&c)
	start, had := time.Now(), c.Count.Value
	w.API.Post("/api/v2/connections/1/sync", map[string]string{})
	for c.Count.Value < n {
		time.Sleep(50 * time.Millisecond)
		w.API.Get("/api/v2/tickets/count").Into(&c)
		if time.Since(start) > 60*time.Second { t.Fatalf("%d", c.Count.Value) }
	}
	d := time.Since(start)
	t.Logf("had %d; %d mails in %s: %.0f/s", had, n-had, d, float64(n-had)/d.Seconds())
	start = time.Now()
	for len(w.Folder(e2e.Support, "inbox")) > 0 {
		time.Sleep(50 * time.Millisecond)
		if time.Since(start) > 60*time.Second { t.Fatal("not filed") }
	}
	t.Logf("filed after %s more", time.Since(start))
}

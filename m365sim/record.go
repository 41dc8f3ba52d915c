package m365sim

import (
	"net/http"
	"strings"
	"sync"
	"time"
)

// maxRecorded is how many requests are remembered; older ones are forgotten.
const maxRecorded = 100_000

// requestRecord is one request that Graph or Entra received.
type requestRecord struct {
	Number    int64             `json:"number"`
	ID        string            `json:"id"`
	Time      time.Time         `json:"time"`
	Duration  float64           `json:"duration_ms"`
	Method    string            `json:"method"`
	Path      string            `json:"path"`
	Query     string            `json:"query,omitempty"`
	Headers   map[string]string `json:"headers"`
	Status    int               `json:"status"`
	Bytes     int               `json:"request_bytes"`
	ClientID  string            `json:"client_id,omitempty"`
	Mailbox   string            `json:"mailbox,omitempty"`
	BatchID   string            `json:"batch_id,omitempty"` // of an item: the id of its $batch
	RemoteEnd string            `json:"remote,omitempty"`
}

// recorder remembers the last requests in a ring, and counts all.
type recorder struct {
	mu       sync.Mutex
	ring     []requestRecord
	next     int64 // number of the next record
	statuses map[int]int64
	batches  int64
	items    int64
}

func newRecorder() *recorder {
	return &recorder{ring: make([]requestRecord, 0, 1024), statuses: map[int]int64{}}
}

func (r *recorder) add(e requestRecord) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e.Number = r.next
	if len(r.ring) < maxRecorded {
		r.ring = append(r.ring, e)
	} else {
		r.ring[r.next%maxRecorded] = e
	}
	r.next++
	r.statuses[e.Status]++
	if e.BatchID != "" {
		r.items++
	}
	if strings.HasSuffix(e.Path, "/$batch") {
		r.batches++
	}
}

func (r *recorder) clear() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ring, r.next = r.ring[:0], 0
	r.statuses, r.batches, r.items = map[int]int64{}, 0, 0
}

// requestCounts are totals since the start or the last clearing. Requests as
// Microsoft counts them are all but the envelopes of batches.
type requestCounts struct {
	RoundTrips int64         `json:"round_trips"` // HTTP requests
	Counted    int64         `json:"counted"`     // with each item of a batch, without its envelope
	Batches    int64         `json:"batches"`
	Items      int64         `json:"batch_items"`
	Statuses   map[int]int64 `json:"statuses"`
}

// list returns the newest records that match, oldest first, and the counts.
func (r *recorder) list(limit int, match func(*requestRecord) bool) ([]requestRecord, requestCounts) {
	r.mu.Lock()
	defer r.mu.Unlock()
	counts := requestCounts{
		RoundTrips: r.next - r.items, Counted: r.next - r.batches, Batches: r.batches, Items: r.items,
		Statuses: make(map[int]int64, len(r.statuses)),
	}
	for status, n := range r.statuses {
		counts.Statuses[status] = n
	}
	found := []requestRecord{}
	for i := r.next - 1; i >= 0 && i >= r.next-int64(len(r.ring)) && len(found) < limit; i-- {
		if e := &r.ring[i%maxRecorded]; match(e) {
			found = append(found, *e)
		}
	}
	for i, j := 0, len(found)-1; i < j; i, j = i+1, j-1 {
		found[i], found[j] = found[j], found[i]
	}
	return found, counts
}

func recordOf(c *call, id string, started, ended time.Time, status int, remote string) requestRecord {
	path, query, _ := strings.Cut(c.target, "?")
	if !strings.HasPrefix(path, "/api/") {
		path = "/v1.0" + path
	}
	e := requestRecord{
		ID: id, Time: started, Duration: float64(ended.Sub(started)) / float64(time.Millisecond),
		Method: c.method, Path: path, Query: query, Headers: plainHeaders(c.header), Status: status, Bytes: len(c.body), RemoteEnd: remote,
	}
	if c.token != nil {
		e.ClientID = c.token.clientID
	}
	if c.user != nil {
		e.Mailbox = c.user.UserPrincipalName
	}
	return e
}

// plainHeaders copies headers, with secrets taken out.
func plainHeaders(h http.Header) map[string]string {
	out := make(map[string]string, len(h))
	for name, values := range h {
		switch name {
		case "Authorization":
			scheme, _, _ := strings.Cut(values[0], " ")
			out[name] = scheme + " (hidden)"
		case "Cookie":
			out[name] = "(hidden)"
		default:
			out[name] = strings.Join(values, ", ")
		}
	}
	return out
}

package m365sim

import (
	"net/http"
	"time"
)

// outageLook is how often the notifier looks whether an outage is over whose
// duration was given. The end of others wakes it.
const outageLook = 100 * time.Millisecond

// away answers a request during an outage, and tells whether there is one.
// Graph, Entra and upload sessions are all away then, as they are behind a
// broken link or a broken front end; notifications wait. Mail from strangers
// still arrives, which is what makes an outage worth rehearsing.
//
// A service that answers at all does so with 503 ("Microsoft Graph error
// responses and resource types"). A broken link does not even do that.
func (s *Server) away(w http.ResponseWriter, r *http.Request) bool {
	f := s.faults.hit("", r.Method, r.URL.Path, faultOutage)
	switch {
	case f == nil:
		return false
	case f.Refuse:
		panic(http.ErrAbortHandler) // net/http: breaks the connection
	}
	if f.RetryAfter != nil {
		w.Header()["Retry-After"] = errTooManyRequests(seconds(*f.RetryAfter)).header["Retry-After"]
	}
	http.Error(w, "Service Unavailable", f.Status)
	return true
}

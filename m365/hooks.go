package m365

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"

	"tandem/email"
	"tandem/graph"
)

// SignInReturn takes the browser that comes back from Microsoft's page. It
// returns where to send the browser next.
type SignInReturn func(r *http.Request, state, code string, refusal error) (next string)

// Hooks are the addresses that Microsoft calls, and sends browsers to:
//
//	GET  /microsoft/callback       a browser returns from the sign-in
//	POST /microsoft/notifications  something changed in a mailbox
//	POST /microsoft/lifecycle      something happened to a subscription
//
// Anybody can call them. Nothing that arrives is believed: a notification is a
// hint that is checked against a secret, a callback's state counts once.
func Hooks(receive func(context.Context, []email.Notice) error, returned SignInReturn, log *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /microsoft/callback", func(w http.ResponseWriter, r *http.Request) {
		cb, err := graph.ParseCallback(r.URL.Query())
		w.Header().Set("Referrer-Policy", "no-referrer") // the URL carries the code
		w.Header().Set("Cache-Control", "no-store")
		http.Redirect(w, r, returned(r, cb.State, cb.Code, translate(err)), http.StatusSeeOther)
	})
	notified := notifications(receive, log)
	mux.Handle("POST /microsoft/notifications", notified)
	mux.Handle("POST /microsoft/lifecycle", notified)
	return mux
}

// notifications answers 202 as soon as the hints are stored, and 503 when they
// could not be: then Microsoft comes again ("Receive change notifications
// through webhooks").
func notifications(receive func(context.Context, []email.Notice) error, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if graph.AnswerValidation(w, r) {
			return
		}
		notices, err := readNotices(http.MaxBytesReader(w, r.Body, graph.MaxNotificationBytes))
		if err != nil {
			log.Warn("notification cannot be read", "err", err)
			http.Error(w, "This is not a collection of change notifications.", http.StatusBadRequest)
			return
		}
		if err := receive(r.Context(), notices); err != nil {
			http.Error(w, "The notification could not be stored. Please deliver it again.", http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusAccepted)
	})
}

func readNotices(body io.Reader) ([]email.Notice, error) {
	raw, err := io.ReadAll(body)
	if err != nil {
		return nil, err
	}
	parsed, err := graph.ParseNotifications(raw)
	if err != nil {
		return nil, err
	}
	notices := make([]email.Notice, 0, len(parsed))
	for _, n := range parsed {
		notices = append(notices, email.Notice{
			SubscriptionID: n.SubscriptionID, ClientState: email.Secret(n.ClientState), Lifecycle: n.LifecycleEvent,
		})
	}
	return notices, nil
}

// ReturnPath is where the browser goes after a sign-in: to the new address, or
// back to the wizard with what went wrong.
func ReturnPath(req *email.Request, err error) string {
	switch {
	case err != nil || req == nil:
		code := "sign_in_unknown"
		if p := CallbackProblem(err); p != nil {
			code = p.Code
		}
		return "/admin/email/new?" + url.Values{"problem": {code}}.Encode()
	case req.Outcome == email.RequestConnected:
		return "/admin/email/addresses/" + strconv.FormatInt(int64(req.AddressID), 10) + "?connected=1"
	}
	q := url.Values{"state": {req.State}}
	if req.Problem != nil {
		q.Set("problem", req.Problem.Code)
	}
	return "/admin/email/new?" + q.Encode()
}

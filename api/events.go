package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"tandem/access"
	"tandem/directory"
	"tandem/event"
)

func (s *server) eventRoutes() {
	route(s, op{on: "GET /events", id: "stream_events", says: "Live events as Server-Sent Events", tag: "events", may: agents, media: "text/event-stream"}, s.streamEvents)
}

const (
	keepAlive  = 15 * time.Second // below what proxies take for a dead connection
	streamLife = time.Hour        // then the listener has to prove anew who it is
)

// mayHear tells whether an event concerns somebody.
func mayHear(by access.Actor, e event.Event) bool {
	role := by.Role
	switch e.Kind {
	case event.DraftUpdated:
		return e.Parent == int64(by.UserID)
	case event.AccessEnded:
		if by.Token != 0 {
			return e.Parent == by.Token
		}
		return e.ID == int64(by.UserID)
	case event.BulkUpdated:
		return e.Parent == int64(by.UserID) || role == directory.Admin
	case event.TicketCreated, event.TicketUpdated, event.CommentAdded, event.CommentUpdated, event.MailUpdated, event.UserUpdated,
		event.ViewUpdated, event.MacroUpdated, event.OrganizationUpdated, event.TeamUpdated:
		return role == directory.Agent || role == directory.Admin
	case event.TicketViewed, event.TicketWriting, event.TicketLeft:
		return role == directory.Agent || role == directory.Admin
	case event.ConnectionUpdated, event.JobUpdated, event.SettingsUpdated:
		return role == directory.Admin
	}
	return false // between the parts of Tandem only
}

// streamEvents sends what happens until the browser leaves. It ends the stream
// when events were lost, when the person behind it has changed or signed out
// somewhere, when its token was deleted, and now and then in any case: who still
// may comes back by itself, proves anew who they are, and reads again what they show.
func (s *server) streamEvents(ctx context.Context, by access.Actor, _ *none) (*huma.StreamResponse, error) {
	sub := s.bus.Subscribe(func(e event.Event) bool { return mayHear(by, e) })
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		defer sub.Close()
		ctx, cancel := context.WithTimeout(ctx, s.streamLife)
		defer cancel()
		s.metrics.streams.Inc()
		defer s.metrics.streams.Dec()
		_, w := humago.Unwrap(hc)
		h := w.Header()
		h.Set("Content-Type", "text/event-stream")
		h.Set("X-Accel-Buffering", "no") // nginx: proxy_buffering
		stream := &eventStream{w: w, control: http.NewResponseController(w)}
		if stream.send("retry: 2000\n: hello\n\n") != nil {
			return
		}
		ticker := time.NewTicker(s.keepAlive)
		defer ticker.Stop()
		for {
			var err error
			select {
			case <-ctx.Done():
				return
			case <-sub.Lost():
				return
			case <-ticker.C:
				err = stream.send(": keep-alive\n\n")
			case e, open := <-sub.Events():
				if !open || e.Kind == event.AccessEnded {
					return
				}
				err = stream.event(e)
				if e.Kind == event.UserUpdated && e.ID == int64(by.UserID) {
					return
				}
			}
			if err != nil {
				return // the browser has gone
			}
		}
	}}, nil
}

// eventStream writes Server-Sent Events (WHATWG HTML, section 9.2).
type eventStream struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

func (s *eventStream) event(e event.Event) error {
	data, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encode an event: %w", err)
	}
	return s.send(fmt.Sprintf("event: %s\ndata: %s\n\n", e.Kind, data))
}

func (s *eventStream) send(text string) error {
	if _, err := s.w.Write([]byte(text)); err != nil {
		return err
	}
	return s.control.Flush()
}
